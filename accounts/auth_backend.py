"""Finds the user to whom an email and a password belong."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.models import User


class PasswordBackend(AuthenticationBackend):
    """One query and one hash, whether or not anybody has the email: the time tells nothing.

    allauth's backend looks into a second table if it finds nothing in the first.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # type: ignore[override]
        email = credentials.get("email") or credentials.get("username") or ""
        password = credentials.get("password") or ""
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            User().set_password(password)
            return None
        if not user.check_password(password) or not self.user_can_authenticate(user):
            return None
        return user
