"""What sign-in adds to every operation's OpenAPI description: its errors, its headers and the security schemes."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from accounts.scopes import READ, SCOPES, accepted_scopes
from core.openapi import SERVER_ERRORS, Answers, answer_header, refusal, retry_after

TOO_MANY_FAILURES = "Too many failed sign-ins. Check email and token, and try again…"
SIGN_IN_ERRORS: Answers = {
    401: refusal("Not signed in.", "User is not logged in."),
    403: refusal("Not an admin, or the token lacks the scope.", "User is not an admin."),
    429: refusal("Too many failed sign-ins.", TOO_MANY_FAILURES),
}
COMMON_ERRORS: Answers = SIGN_IN_ERRORS | SERVER_ERRORS
CHALLENGE = answer_header("WWW-Authenticate", "The authentication schemes that the portal accepts.", [401])
COMMON_HEADERS = [CHALLENGE, retry_after(429, 503)]


class BasicScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.ApiTokenAuthentication"
    name = "basicAuth"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "basic", "description": "User name: email. Password: an API token."}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.BearerAuthentication"
    name = "OAuth2"
    priority = 1

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        """One requirement for each scope that is enough by itself."""
        required = getattr(auto_schema.view, "required_scope", READ)
        return [{"OAuth2": [scope]} for scope in accepted_scopes(required)]

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        token = {"tokenUrl": "/oauth/token", "scopes": SCOPES}
        code = token | {"authorizationUrl": "/oauth/authorize", "refreshUrl": "/oauth/token"}
        return {"type": "oauth2", "flows": {"authorizationCode": code, "clientCredentials": token}}
