"""The forms of the sign-in page and the profile page."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm

from accounts.models import User

WRONG_CREDENTIALS = "Incorrect email or password. Passwords are case-sensitive."


class SignInForm(AuthenticationForm):
    """Email and password. A wrong email, a wrong password and a suspended user get the same message."""

    error_messages = {"invalid_login": WRONG_CREDENTIALS, "inactive": WRONG_CREDENTIALS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        length = User._meta.get_field("email").max_length
        self.fields["username"].label = "Email"
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True, "maxlength": length}
        )


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
