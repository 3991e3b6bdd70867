"""OAuth2: consent, tokens, revocation, and the metadata documents for clients (RFC 8414, RFC 9728).

Applications are registered on the portal's account pages, so OAuth toolkit's other pages are not served.
"""

from django.urls import path
from oauth2_provider.urls import metadata_urlpatterns

from accounts.oauth_views import ConsentView, RevokeView, TokenView

app_name = "oauth2_provider"
urlpatterns = [
    *metadata_urlpatterns,
    path("oauth/authorize", ConsentView.as_view(), name="authorize"),
    path("oauth/token", TokenView.as_view(), name="token"),
    path("oauth/revoke", RevokeView.as_view(), name="revoke-token"),
]
