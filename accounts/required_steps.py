"""Steps that users must take in a browser before they can do anything else, such as changing their first password."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRefresh

from accounts import second_factors
from accounts.errors import PasswordChangeRequired, SecondFactorRequired
from accounts.models import User
from core.error_pages import refuse
from core.errors import PortalError

ALWAYS_ALLOWED = {"account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}


@dataclass(frozen=True)
class RequiredStep:
    """Users for whom it is due are led to the first of `pages`, and can use all of them.

    `error` is the answer to REST requests until then.
    """

    is_due: Callable[[HttpRequest, User], bool]
    pages: Sequence[str]
    error: type[PortalError]


def _has_a_password_of_others(_request: HttpRequest, user: User) -> bool:
    return settings.PASSWORD_SIGN_IN and user.must_change_password and user.has_usable_password()


REQUIRED_STEPS = (
    RequiredStep(_has_a_password_of_others, ["account_change_password"], PasswordChangeRequired),
    RequiredStep(
        second_factors.is_missing, ["mfa_index", "mfa_activate_totp", "mfa_add_webauthn"], SecondFactorRequired
    ),
)


class RequiredStepsMiddleware:
    """Leads users who are signed in to the first step that is due, wherever they go. Tokens are not affected."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return None
        for step in REQUIRED_STEPS:
            if step.is_due(request, request.user):
                return _lead_to(step, request)
        return None


def _lead_to(step: RequiredStep, request: HttpRequest) -> HttpResponseBase | None:
    match = request.resolver_match
    if match and match.url_name in {*step.pages, *ALWAYS_ALLOWED}:
        return None
    if request.path_info.startswith("/rest/"):
        return refuse(request, step.error())
    if "HX-Request" in request.headers:
        return HttpResponseClientRefresh()
    return redirect(step.pages[0])
