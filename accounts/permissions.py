"""Who may pass: one sentence for every face."""

from typing import cast

from django.views import View
from oauth2_provider.models import AccessToken
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.scopes import READ


class SignedInRequest(Request):
    """What a view behind these permissions is given: the user is never anonymous."""

    user: User


class HasScope(BasePermission):
    """Whatever token was sent covers the view's `required_scope` (contract: 403); a session has no scopes."""

    def has_permission(self, request: Request, view: View) -> bool:
        scope: str = getattr(view, "required_scope", READ)
        self.message = f"The token lacks the scope {scope}."
        token = cast("ApiToken | AccessToken | None", request.auth)
        return token is None or bool(token.allow_scopes([scope]))


class IsAdmin(BasePermission):
    """Jira admins and site admins (contract: 403 `User is not an admin.`)."""

    message = "User is not an admin."

    def has_permission(self, request: Request, view: View) -> bool:
        return bool(request.user.is_authenticated and request.user.is_admin)
