"""The base class of every operation of the REST API."""

from typing import cast

from oauth2_provider.models import AccessToken
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api_permissions import HasScope
from accounts.credential_use import record_use
from accounts.models import ApiToken
from accounts.scopes import READ
from core.api_versions import JiraVersioning


class ApiView(APIView):
    """An operation for users who are signed in. A token needs `required_scope`. OPTIONS is not allowed."""

    metadata_class = None
    permission_classes = [IsAuthenticated, HasScope]
    required_scope = READ
    versioning_class = JiraVersioning

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        if request.auth is not None:
            record_use(cast("ApiToken | AccessToken", request.auth), request.META.get("REMOTE_ADDR", ""))

    @property
    def allowed_methods(self) -> list[str]:
        return [method for method in super().allowed_methods if method != "OPTIONS"]
