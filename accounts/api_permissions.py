"""Who may call an operation of the REST API."""

from typing import cast

from django.views import View
from oauth2_provider.models import AccessToken
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.scopes import READ, accepted_scopes


class SignedInRequest(Request):
    """The request of a view with these permissions: its user is never anonymous."""

    user: User


class HasScope(BasePermission):
    """The token covers the view's `required_scope` (contract: 403 otherwise). A session needs no scope."""

    def has_permission(self, request: Request, view: View) -> bool:
        token = cast("ApiToken | AccessToken | None", request.auth)
        if token is None:
            return True
        scopes = accepted_scopes(getattr(view, "required_scope", READ))
        self.message = f"The token lacks the scope {scopes[0]}."
        return any(token.allow_scopes([scope]) for scope in scopes)


class IsAdmin(BasePermission):
    """The user is a Jira admin or a site admin (contract: 403 `User is not an admin.` otherwise)."""

    message = "User is not an admin."

    def has_permission(self, request: Request, view: View) -> bool:
        return bool(request.user.is_authenticated and request.user.is_admin)
