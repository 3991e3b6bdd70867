"""Errors about the user who sent the request."""

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
        unit = "minute" if self.minutes == 1 else "minutes"
        super().__init__(
            f"Too many failed attempts. Check your email and password, and try again in {self.minutes} {unit}."
        )
