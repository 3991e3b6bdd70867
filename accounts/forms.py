"""The forms of sign-in and account."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm

from accounts.models import User


class SignInForm(AuthenticationForm):
    """E-mail and password; a wrong one of either, and a suspended user, are answered alike."""

    error_messages = {
        "invalid_login": "No one signs in with this e-mail and password. Check both; the password is case-sensitive.",
        "inactive": "No one signs in with this e-mail and password. Check both; the password is case-sensitive.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        length = User._meta.get_field("email").max_length
        self.fields["username"].label = "E-mail"
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True, "maxlength": length}
        )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person may say of themselves."""

    time_zone = forms.ChoiceField(required=False, help_text="Pages and mails show times in it.")

    class Meta:
        model = User
        fields = ("name", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zoneinfo.available_timezones())
        site = ("", f"The site’s: {settings.TIME_ZONE}")
        self.fields["time_zone"].choices = [site, *zip(zones, zones, strict=True)]  # type: ignore[attr-defined]
