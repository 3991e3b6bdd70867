"""Errors about the user who sent the request, and about changes of users."""

from core.errors import PortalError


class NotAnAdmin(PortalError):
    """The user is neither a Jira admin nor a site admin (contract: 403)."""

    status = 403
    title = "You don't have access"

    def __init__(self) -> None:
        super().__init__("User is not an admin.")

    @property
    def page_sentence(self) -> str:
        return "Only Jira admins and site admins can use the archive. Ask a site admin to give your account that role."


class UnknownClientAddress(PortalError):
    """The proxies did not say who sent the request, so that nobody could be held to a limit."""

    status = 400
    title = "The proxy did not name the client"

    def __init__(self, proxies: int, header: str) -> None:
        super().__init__(
            f"The portal can't tell which address this request comes from: PROXIES is {proxies}, and the header "
            f"X-Forwarded-For is {header[:100]!r}. Set PROXIES to the number of proxies, and have each of them add the "
            "address of its client to X-Forwarded-For."
        )


class TooManyAttempts(PortalError):
    """Too many failures for this account or from this address. `retry_after` is in seconds."""

    status = 429
    title = "Too many failed attempts"

    def __init__(self, seconds: int) -> None:
        self.retry_after = seconds
        self.minutes = -(-seconds // 60)  # rounded up
        super().__init__(
            f"Too many failed attempts. Check your email and password, and try again in {self.waiting_time}."
        )

    @property
    def waiting_time(self) -> str:
        if self.minutes == 1:
            return "1 minute"
        return f"{self.minutes} minutes"


class MayNotMakeCredentials(PortalError):
    """No role of the user lets them create tokens and applications."""

    status = 403
    title = "You don't have access"

    def __init__(self) -> None:
        super().__init__(
            "Only Jira admins and site admins can create API tokens, register OAuth2 applications, and allow "
            "applications to act for them. Ask a site admin to give your account that role."
        )


class ChangeRefused(PortalError):
    """This change of a person or of their roles is not allowed."""

    status = 409


class MayNotChangePeople(ChangeRefused):
    """The user is not a site admin."""

    status = 403
    title = "You don't have access"

    def __init__(self) -> None:
        super().__init__("Only site admins can give roles, and suspend and restore people.")


class OwnAccount(ChangeRefused):
    """Nobody changes their own roles or suspends themselves, not even site admins."""

    title = "This is your own account"

    def __init__(self) -> None:
        super().__init__("You can't change your own roles or suspend yourself. Ask another site admin to do it.")


class LastSiteAdmin(ChangeRefused):
    """Without this user the portal would have no site admin who can sign in."""

    title = "This is the last site admin"

    def __init__(self, email: str) -> None:
        super().__init__(
            f"{email} is the only site admin who isn't suspended. Give another person the role of site admin first."
        )


class UnknownRole(PortalError):
    """There is no such role."""

    title = "Unknown role"

    def __init__(self, name: str, names: str) -> None:
        super().__init__(f"Unknown role '{name}'. Use {names}.")


class TooManyEmails(TooManyAttempts):
    """Too many emails were asked for from this address, or to this one."""

    title = "Too many emails"

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.args = (f"Too many emails were asked for. Try again in {self.waiting_time}.",)


class MailNotSent(PortalError):
    """The mail server did not accept an email that the user waits for."""

    status = 503
    title = "The email could not be sent"

    def __init__(self, recipient: str) -> None:
        super().__init__(
            f"The mail server did not accept the email to {recipient}. Check the address, or try again later. If it "
            "happens again, ask your portal administrator to look at the log."
        )


class SecondFactorRequired(PortalError):
    """MFA_REQUIRED names the user, who has no second factor yet."""

    status = 403
    title = "Add a second factor"

    def __init__(self) -> None:
        super().__init__("Add a second factor to your account first: an authenticator app or a passkey.")


class PasswordChangeRequired(PortalError):
    """The user still has a password that someone else knows."""

    status = 403
    title = "Change your password"

    def __init__(self) -> None:
        super().__init__("Change your password first: someone else chose the one you have.")


class PasswordSignInOff(PortalError):
    """The site lets people in by single sign-on only."""

    status = 403
    title = "Use single sign-on"

    def __init__(self) -> None:
        super().__init__(
            "This site lets people in by single sign-on only. Go to the sign-in page and choose a provider."
        )


class SignInNotCompleted(PortalError):
    """What came back from the provider can't be trusted. The log says why."""

    status = 403
    title = "The sign-in was not completed"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"The sign-in by {provider} was not completed. Start again on the sign-in page. If it happens again, ask "
            "your portal administrator to look at the log."
        )


class ProviderAway(PortalError):
    """The provider did not answer, or not as OpenID Connect prescribes. The log says how."""

    status = 503
    title = "Single sign-on is not available"

    def __init__(self, provider: str) -> None:
        super().__init__(f"{provider} can't be reached just now. Try again later, or sign in another way.")


class NoAccessByGroup(PortalError):
    """None of the person's groups at the provider has a role here."""

    status = 403
    title = "You don't have access"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"{provider} names no group of yours that may use the portal. Ask whoever manages your groups there to add "
            "you to one."
        )


class NoAccountForSignIn(PortalError):
    """Nobody here has the person's email, and single sign-on creates no users, or not for this person."""

    status = 403
    title = "You don't have an account"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"There is no account here for the person and the verified email that {provider} names. Ask a site admin "
            "to add one."
        )
