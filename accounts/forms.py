"""The forms of the account pages, and of signing in and resetting a password without an account page."""

import zoneinfo
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    ConfirmEmailVerificationCodeForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordKeyForm,
)
from django import forms
from django.conf import settings

from accounts.models import User


def email_field() -> forms.EmailField:
    length = User._meta.get_field("email").max_length
    return forms.EmailField(
        label="Email", max_length=length, widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )


def _label(form: forms.Form, labels: dict[str, str]) -> None:
    """Name allauth's fields as the portal does; its placeholders repeat the labels."""
    for name, label in labels.items():
        field = form.fields[name]
        field.label = label
        field.widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):
    """Email and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, {"login": "Email", "password": "Password"})
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True, "maxlength": 254}
        self.fields["password"].help_text = ""


class ForgottenPasswordForm(forms.Form):
    email = email_field()


def end_credentials_field() -> forms.BooleanField:
    return forms.BooleanField(required=False, label="Also end my API tokens, my applications and all access by OAuth2")


class PasswordForm(ChangePasswordForm):
    """The current password, and twice the new one, which must be another."""

    end_credentials = end_credentials_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(
            self, {"oldpassword": "Current password", "password1": "New password", "password2": "New password again"}
        )
        self.fields["oldpassword"].help_text = ""

    def clean_oldpassword(self) -> str:
        """Raises TooManyAttempts, because whoever finds an open session could guess here."""
        password: str = self.cleaned_data["oldpassword"]
        adapter = get_adapter()
        if not adapter.reauthenticate(self.user, password):  # type: ignore[arg-type] # None only before __init__
            raise adapter.validation_error("enter_current_password")
        return password

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean()  # type: ignore[no-untyped-call]
        if values.get("password1") and values["password1"] == values.get("oldpassword"):
            self.add_error("password1", "Choose a password that differs from the current one.")
        return values


class ConfirmPasswordForm(ReauthenticateForm):
    """The password of a user who is signed in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, {"password": "Password"})
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs["autofocus"] = True


class NewPasswordForm(ResetPasswordKeyForm):
    """Twice the password of a user who came by the link in an email."""

    end_credentials = end_credentials_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, {"password1": "New password", "password2": "New password again"})


class NewEmailForm(AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, {"email": "New email"})


class EmailCodeForm(ConfirmEmailVerificationCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, {"code": "Code from the email"})


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What users can change about themselves."""

    time_zone = forms.ChoiceField(required=False, help_text="Times on pages and in emails are shown in this time zone.")

    class Meta:
        model = User
        fields = ("name", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        default = ("", f"Site default ({settings.TIME_ZONE})")
        zones = [(name, name) for name in sorted(zoneinfo.available_timezones())]
        self.fields["time_zone"].choices = [default, *zones]  # type: ignore[attr-defined]
