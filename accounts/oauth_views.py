"""OAuth2 endpoints: the consent page, and where clients get and revoke tokens."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

from csp.constants import SELF
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from oauth2_provider.models import AccessToken, Application
from oauth2_provider.views import base

from accounts import audit, consents, throttle
from accounts.audit_actions import Outcome
from accounts.errors import MayNotMakeCredentials
from accounts.permissions import MAKE_CREDENTIALS
from accounts.reauthentication import RecentProofRequired
from core.error_pages import refusal_page
from core.errors import PortalError

INCOMPLETE = {
    "error": "invalid_request",
    "description": "The request is incomplete or names an unknown application. Start again in the application.",
}
FAILURES = {400, 401}
GRANT_TYPES = {"authorization_code", "client_credentials", "refresh_token"}


class ConsentView(RecentProofRequired, base.AuthorizationView):
    """Asks the user whether an application may act for them (OAuth2 authorization code grant with PKCE).

    It asks each time: a public client can't prove who it is, and no client may skip the question.
    """

    template_name = "accounts/consent.html"
    http_method_names: Sequence[str] = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if request.user.is_authenticated and not request.user.has_perm(MAKE_CREDENTIALS):
                raise MayNotMakeCredentials
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except PortalError as error:
            return refusal_page(request, error)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked: Any = request.GET.copy()
        asked.pop("approval_prompt", None)
        request.GET = asked
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        application = Application.objects.filter(client_id=form.cleaned_data["client_id"]).first()
        if application is None:
            return self.form_invalid(form)
        response: HttpResponse = super().form_valid(form)
        if not form.cleaned_data.get("allow"):
            scopes = form.cleaned_data["scope"].split()
            audit.record(
                "grant.given", on=consents.target(application), outcome=Outcome.REFUSED, details={"scopes": scopes}
            )
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response({"error": INCOMPLETE}, status=400)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"host": urlsplit(context["redirect_uri"]).netloc, "expires_at": consents.next_expiry()}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Allow the form's response to redirect to the application: browsers apply `form-action` to redirects too."""
        response: HttpResponse = super().render_to_response(context, **kwargs)
        redirect_uri = self.oauth2_data.get("redirect_uri")
        if redirect_uri:  # unknown if the application can't be authorized
            target = urlsplit(redirect_uri)
            response._csp_update = {"form-action": [SELF, f"{target.scheme}://{target.netloc}"]}  # type: ignore[attr-defined]
        return response


if TYPE_CHECKING:

    class _Endpoint:
        def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse: ...

else:
    _Endpoint = object


class _ThrottledEndpoint(_Endpoint):
    """Counts what clients get wrong, and answers 429 beyond the limit.

    A right request is always answered: neither strangers who send wrong ones with a client's ID nor others in its
    network can keep it out.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        if response.status_code not in FAILURES:
            self.record_success(request, response)
            return response
        response["Content-Type"] = "application/json"  # OAuth toolkit leaves it out of errors that come late
        response["Cache-Control"] = "no-store"
        client_id = _client_id(request)
        address = request.META["REMOTE_ADDR"]
        account = f"{client_id} {throttle.normalize_address(address)}" if client_id else ""
        seconds = throttle.count_failure("client", account=account, address=address)
        if seconds:
            return _too_many_failures(seconds)
        self.record_failure(request, response, client_id)
        return response

    def record_success(self, request: HttpRequest, response: HttpResponse) -> None:
        """Add it to the audit trail, if nothing else does."""

    def record_failure(self, request: HttpRequest, response: HttpResponse, client_id: str) -> None:
        """Add it to the audit trail, if it belongs there."""


class TokenView(_ThrottledEndpoint, base.TokenView):
    def record_success(self, request: HttpRequest, response: HttpResponse) -> None:
        secret = json.loads(response.content)["access_token"]
        tokens = AccessToken.objects.select_related("user", "application__user")
        token: Any = tokens.get(token_checksum=consents.checksum(secret))
        audit.record(
            "access_token.issued",
            on=consents.target(token.application),
            user=token.user or token.application.user,  # with client credentials the token acts for its owner
            details={"grant_type": request.POST["grant_type"], "scopes": token.scope.split()},
        )

    def record_failure(self, request: HttpRequest, response: HttpResponse, client_id: str) -> None:
        """Nothing is recorded as it was sent: clients mix up their fields, and any of them could hold a secret."""
        grant_type = request.POST.get("grant_type", "")
        if grant_type not in GRANT_TYPES:
            grant_type = "unknown"
        details = {"grant_type": grant_type, "reason": json.loads(response.content).get("error", "")}
        on = audit.NOTHING
        application = Application.objects.filter(client_id=client_id).first()
        if application is not None:
            on = consents.target(application)
        audit.record("access_token.issued", on=on, outcome=Outcome.REFUSED, details=details)


class RevokeView(_ThrottledEndpoint, base.RevokeTokenView):
    """Revokes a token. The validator records it."""


def _client_id(request: HttpRequest) -> str:
    """The client ID that the request names, in its body or as the user name of HTTP Basic; "" without one."""
    named: str = request.POST.get("client_id", "")
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return named
    try:
        decoded = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return named
    return unquote_plus(decoded.partition(":")[0]) or named


def _too_many_failures(seconds: int) -> HttpResponse:
    body = {
        "error": "temporarily_unavailable",
        "error_description": "Too many failed requests. Check client ID, secret and token, and try again in "
        f"{seconds} seconds.",
    }
    return JsonResponse(body, status=429, headers={"Retry-After": str(seconds), "Cache-Control": "no-store"})
