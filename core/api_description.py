"""The OpenAPI description, as JSON for tools and as a page for people. Both are public."""

from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny


class DescriptionView(SpectacularJSONAPIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    renderer_classes = [OpenApiJsonRenderer]
    metadata_class = None


class DescriptionPage(SpectacularSwaggerSplitView):
    """Swagger UI from the installed package. Its start script has its own URL, because the CSP forbids inline ones."""

    authentication_classes = []
    permission_classes = [AllowAny]
    content_negotiation_class = DefaultContentNegotiation
    metadata_class = None
    url_name = "openapi"
    template_name = "core/api_docs.html"
