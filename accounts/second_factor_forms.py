"""The forms of second factors. Guesses are counted like those of passwords, for the account and for the address."""

import struct
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature, InvalidTag
from django import forms
from django.core.exceptions import ValidationError

from accounts import second_factors, throttle
from accounts.errors import TooManyAttempts
from accounts.known_devices import known_device
from accounts.models import User

# allauth expects that what a browser sends has the form of the standard. Anyone can send something else.
REFUSALS = (ValidationError, AttributeError, InvalidSignature, LookupError, TypeError, ValueError, struct.error)
UNREADABLE = (
    "Codes can't be checked, because the portal's key has changed. Ask a site admin to remove your second factors."
)
REFUSED_PASSKEY = "The passkey was not accepted. Try again, or use another way."


class CodeInput(forms.PasswordInput):
    """A code is seen while it is typed, but a wrong one is not shown again: nobody would correct it."""

    input_type = "text"


class _CodeForm(forms.Form):
    """A code of an authenticator app, or a recovery code. Each works once."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attributes = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        self.fields["code"].widget = CodeInput(attrs=attributes | {"autofocus": True})
        self.fields["code"].label = "Code"

    def clean_code(self) -> str:
        """Raises TooManyAttempts."""
        request = context.request
        counted = {
            "account": self.user.email,
            "address": request.META["REMOTE_ADDR"],
            "device": known_device(request, self.user.email),
        }
        seconds = throttle.count_failure("code", **counted)
        if seconds:
            raise TooManyAttempts(seconds)
        try:
            code: str = super().clean_code()  # type: ignore[misc] # allauth's form comes after this one
        except InvalidTag as error:
            raise ValidationError(UNREADABLE) from error
        self._check_is_unused()
        throttle.reset("code", **counted)
        return code

    def _check_is_unused(self) -> None:
        authenticator = self.authenticator  # type: ignore[attr-defined]
        is_app = authenticator.type == Authenticator.Type.TOTP
        if is_app and not second_factors.use_code_once(authenticator):
            raise get_adapter().validation_error("incorrect_code")


class SignInCodeForm(_CodeForm, AuthenticateForm):
    """The second step of signing in."""


class ConfirmCodeForm(_CodeForm, ReauthenticateForm):
    """Proof of identity of a user who is signed in."""


class AppForm(_CodeForm, ActivateTOTPForm):
    """The first code of an authenticator app that is being added."""

    def _check_is_unused(self) -> None:
        pass


class NewPasskeyForm(AddWebAuthnForm):
    name = forms.CharField(max_length=100, required=False, help_text="To tell your passkeys apart.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = "Sign in with it alone, without email and password"
        self.fields["passwordless"].initial = True

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except REFUSALS as error:
            raise ValidationError(REFUSED_PASSKEY) from error


class PasskeyNameForm(EditWebAuthnForm):
    name = forms.CharField(max_length=100)


class _PasskeyForm(forms.Form):
    """The answer of a passkey. It holds no secret that could be guessed, so failures are not counted."""

    def clean_credential(self) -> Authenticator:
        try:
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]
        except REFUSALS as error:
            raise ValidationError(REFUSED_PASSKEY) from error
        return authenticator


class SignInPasskeyForm(_PasskeyForm, AuthenticateWebAuthnForm):
    """The second step of signing in."""


class PasskeyAloneForm(_PasskeyForm, LoginWebAuthnForm):
    """Signing in with nothing else."""


class ConfirmPasskeyForm(_PasskeyForm, ReauthenticateWebAuthnForm):
    """Proof of identity of a user who is signed in."""
