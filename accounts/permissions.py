"""Who may pass: one sentence for every face."""

from django.views import View
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User


class SignedInRequest(Request):
    """What a view behind these permissions is given: the user is never anonymous."""

    user: User


class IsAdmin(BasePermission):
    """Jira admins and site admins (contract: 403 `User is not an admin.`)."""

    message = "User is not an admin."

    def has_permission(self, request: Request, view: View) -> bool:
        return bool(request.user.is_authenticated and request.user.is_admin)
