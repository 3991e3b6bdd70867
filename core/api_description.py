"""Where the OpenAPI description is served: as JSON for tools, as a page for people. Both are public."""

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
    """Swagger UI from the installed package; its start is a script of its own address, as the CSP demands."""

    authentication_classes = []
    permission_classes = [AllowAny]
    content_negotiation_class = DefaultContentNegotiation
    metadata_class = None
    url_name = "openapi"
    template_name = "core/api_docs.html"
