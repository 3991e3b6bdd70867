"""How django-allauth works in this portal: nobody signs up, failures are counted, and emails are the portal's own."""

import time
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import (
    account_mail,
    passwords,
    reauthentication,
    roles,
    second_factors,
    sessions,
    sign_in_events,
    throttle,
)
from accounts.errors import PasswordSignInOff, TooManyAttempts
from accounts.known_devices import known_device, remember_device
from accounts.models import User
from accounts.session_store import SIGNED_IN_AT

WRONG_CREDENTIALS = "Incorrect email or password. Passwords are case-sensitive."
# What users are told, by the name of allauth's own message. It says nothing else.
MESSAGES = {
    "password_changed": "Password changed. Your other browsers have been signed out.",
    "password_set": "Password set.",
    "email_confirmed": "Your email is now {email}.",
    "totp_activated": "Authenticator app added.",
    "totp_deactivated": "Authenticator app removed.",
    "webauthn_added": "Passkey added.",
    "webauthn_removed": "Passkey removed.",
}


# By allauth's ID of a way to confirm an identity.
WAYS_TO_CONFIRM = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG_CREDENTIALS,
        "enter_current_password": "The current password is incorrect.",
        "incorrect_password": "The password is incorrect.",
        "too_many_login_attempts": "Too many wrong codes. Start again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        return False  # pages only

    def is_safe_url(self, url: str) -> bool:
        request: HttpRequest = self.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user with this email and password; None for a wrong email, a wrong password and a suspended user alike.

        Every attempt is counted as failed before the password is checked, and taken back when the password is right.
        So the limit holds however many guesses arrive at once.

        Raises:
            TooManyAttempts: whether or not the password is right.
            PasswordSignInOff: the site lets nobody in by a password.
        """
        if not settings.PASSWORD_SIGN_IN:
            raise PasswordSignInOff
        email = credentials["email"]
        counted = {
            "account": email,
            "address": request.META["REMOTE_ADDR"],
            "device": known_device(request, email),
        }
        seconds = throttle.count_failure("password", **counted)
        if seconds:
            self._refuse_attempt(email, seconds, counted)
        user = authenticate(request, **credentials)
        if not isinstance(user, User):
            sign_in_events.record_refused(email)
            return None
        throttle.reset("password", **counted)
        return user

    def _refuse_attempt(self, email: str, seconds: int, counted: dict[str, str]) -> NoReturn:
        key = throttle.find_event_key("password", **counted)
        if key is not None:
            sign_in_events.record_throttled(email, seconds, once=key)
        raise TooManyAttempts(seconds)

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        return not reauthentication.is_recent(self.request)

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = WAYS_TO_CONFIRM[method["id"]]
        if settings.PASSWORD_SIGN_IN:
            return methods
        return [method for method in methods if method["id"] != "reauthenticate"]

    def reauthenticate(self, user: User, password: str) -> bool:  # type: ignore[override]
        """Whether this is the user's password. Raises TooManyAttempts."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found == user

    def login(self, request: HttpRequest, user: User) -> None:  # type: ignore[override]
        """Whoever did not come by single sign-on now loses the roles that providers gave, which may be out of date."""
        if not second_factors.came_by_provider(request, user):
            roles.drop_those_of_providers(user)
        super().login(request, user)
        request.session[SIGNED_IN_AT] = time.time()

    def post_login(  # type: ignore[override]
        self, request: HttpRequest, user: User, **kwargs: Any
    ) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        sign_in_events.record_signed_in(request, user)
        remember_device(request, response, user.email)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:  # type: ignore[override]
        """The answer to a suspended user who came by a passkey or by single sign-on."""
        sign_in_events.record_refused(user.email)
        messages.error(request, "Your account is suspended. Ask a site admin.")
        return redirect("account_login")

    def set_password(self, user: User, password: str) -> None:  # type: ignore[override]
        """Store a password that the user has chosen. The session in which they are signed in stays."""
        passwords.store(user, password, is_chosen_by_user=True, except_session=sessions.current_id(self.request))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        return reverse("account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PORTAL_URL + path.replace("UID-KEY", key)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if message is None:
            name = (message_template or "").rpartition("/")[2].removesuffix(".txt")
            message = MESSAGES.get(name, "").format(**message_context or {})
        if message:
            messages.add_message(request, level, message, extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        account_mail.send(template_prefix.rpartition("/")[2], email, context)
