"""What every operation of the REST API derives from."""

from rest_framework.permissions import IsAuthenticated
from rest_framework.views import APIView

from accounts.permissions import HasScope
from accounts.scopes import READ


class ApiView(APIView):
    """An operation that has no other methods than its own (no OPTIONS), and needs a scope of a token."""

    metadata_class = None
    permission_classes = [IsAuthenticated, HasScope]
    required_scope = READ

    @property
    def allowed_methods(self) -> list[str]:
        return [method for method in super().allowed_methods if method != "OPTIONS"]
