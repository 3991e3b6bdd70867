"""OpenID Connect, stricter than allauth's provider: what comes back is only believed if it was made for this sign-in.

allauth brings the flow, PKCE, and `state`, which binds the answer to the browser. This module adds what it leaves out:

- a nonce, so that an ID token of another sign-in is refused;
- the signature, the algorithm and the issuer of each ID token are checked, though it comes directly from the provider;
- the provider's description must name the very issuer that the site has configured;
- claims from the userinfo endpoint must be about the same person;
- whoever proves their identity again must really have signed in again at the provider.
"""

import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Any

import jwt
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from requests import RequestException

# Signatures that only the provider's private key can make.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
REQUIRED_CLAIMS = ["iss", "sub", "aud", "exp", "iat", "nonce"]
MAX_SUBJECT = 191
CLOCK_SKEW_SECONDS = 60


class PortalOidcAdapter(OpenIDConnectOAuth2Adapter):
    """`state` is what was kept in the session when the sign-in began."""

    state: dict[str, Any]

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's description. Raises OAuth2Error if it is another issuer's (OpenID Connect Discovery, 4.3)."""
        config: dict[str, Any] = super().openid_config
        issuer = self.get_provider().app.settings["server_url"]
        if config.get("issuer") != issuer:
            raise OAuth2Error(f"The provider calls itself {config.get('issuer')!r}, not {issuer!r}.")
        check_endpoints(issuer, config)
        return config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return settings.PORTAL_URL + reverse("openid_connect_callback", kwargs={"provider_id": self.provider_id})

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Raises OAuth2Error if anything about the answer is not as it must be."""
        id_token = kwargs["response"].get("id_token")
        if not isinstance(id_token, str):
            raise OAuth2Error("The provider sent no ID token.")
        claims = self._verify(app, id_token)
        claims = self._userinfo(token, claims["sub"]) | claims
        login: SocialLogin = self.get_provider().sociallogin_from_response(request, claims)
        return login

    def _verify(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """The claims of the ID token (OpenID Connect Core, 3.1.3.7)."""
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                self._find_key(id_token),
                algorithms=ALGORITHMS,
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": REQUIRED_CLAIMS},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error(f"The ID token is not valid: {error}") from error
        if not hmac.compare_digest(str(claims["nonce"]).encode(), self.state["nonce"].encode()):
            raise OAuth2Error("The ID token was made for another sign-in.")
        if claims["aud"] != app.client_id and claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The ID token was made for another application.")
        if not 0 < len(claims["sub"]) <= MAX_SUBJECT:
            raise OAuth2Error(f"The subject is empty, or longer than {MAX_SUBJECT} characters.")
        self._check_is_fresh(claims)
        return claims

    def _check_is_fresh(self, claims: dict[str, Any]) -> None:
        if not self.state.get("must_be_fresh"):
            return
        signed_in_at = claims.get("auth_time", 0)
        if not isinstance(signed_in_at, int) or signed_in_at < self.state["began_at"] - CLOCK_SKEW_SECONDS:
            raise OAuth2Error("The provider did not ask for proof of identity again.")

    def _find_key(self, id_token: str) -> jwt.PyJWK:
        header = jwt.get_unverified_header(id_token)
        with get_adapter().get_requests_session() as session:
            response = session.get(self.openid_config["jwks_uri"])
            response.raise_for_status()
        keys = [key for key in jwt.PyJWKSet.from_dict(response.json()).keys if key.public_key_use in {None, "sig"}]
        if "kid" in header:
            keys = [key for key in keys if key.key_id == header["kid"]]
        if len(keys) != 1:
            raise OAuth2Error("The ID token names no key of the provider.")
        return keys[0]

    def _userinfo(self, token: SocialToken, subject: str) -> dict[str, Any]:
        """More claims, if the provider has that endpoint. They must be about the same person (Core, 5.3.2)."""
        if "userinfo_endpoint" not in self.openid_config:
            return {}
        claims = self._fetch_user_info(token.token)
        if not isinstance(claims, dict) or claims.get("sub") != subject:
            raise OAuth2Error("The provider's userinfo is about another person.")
        return claims


def check_endpoints(issuer: str, config: Mapping[str, Any]) -> None:
    """Raises OAuth2Error if an endpoint is missing, or unencrypted though the issuer is not."""
    for name in ENDPOINTS:
        if not isinstance(config.get(name), str):
            raise OAuth2Error(f"The provider's description lacks {name}.")
    for name in (*ENDPOINTS, "userinfo_endpoint"):
        if issuer.startswith("https:") and not config.get(name, issuer).startswith("https:"):
            raise OAuth2Error(f"The provider's {name} is {config[name]!r}, which is not https.")


class PortalOidcProvider(OpenIDConnectProvider):
    oauth2_adapter_class = PortalOidcAdapter

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        return {}  # not those that somebody puts into a link

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        scopes: list[str] = self.get_scope()
        return scopes

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """The email, if the provider says that it has verified it: with `true`, and nothing like it."""
        if not isinstance(data.get("email"), str):
            return []
        return [EmailAddress(email=data["email"], verified=data.get("email_verified") is True, primary=True)]

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Send the browser to the provider. Whoever is signed in already must prove their identity again there."""
        nonce = secrets.token_urlsafe(32)
        parameters = {"nonce": nonce}
        is_confirmation = request.user.is_authenticated
        if is_confirmation:
            parameters |= {"prompt": "login", "max_age": "0"}
        kwargs["auth_params"] = parameters
        kept = {"nonce": nonce, "must_be_fresh": is_confirmation, "began_at": int(time.time())}
        response: HttpResponse = super().redirect(request, "login", next_url, data, **kwargs, **kept)
        return response


class PortalCallbackView(OAuth2CallbackView):
    """Where the provider sends the browser back to. An answer without a sign-in that began here is refused."""

    adapter: PortalOidcAdapter

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        issuer = self.adapter.get_provider().app.settings["server_url"]
        if request.GET.get("iss", issuer) != issuer:  # RFC 9207
            return self._refuse(request, OAuth2Error("The answer is from another issuer."))
        try:
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
        except (OAuth2Error, RequestException) as error:  # of the provider's description
            response = self._refuse(request, error)
        return response

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        if state is not None:
            self.adapter.state = state
        return state, response

    def _refuse(self, request: HttpRequest, error: Exception) -> HttpResponse:
        response: HttpResponse = render_authentication_error(request, self.adapter.get_provider(), exception=error)
        return response
