"""Where single sign-on begins and ends."""

import logging
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView
from requests import RequestException

from accounts import throttle
from accounts.errors import ProviderAway, TooManyAttempts
from accounts.oidc import PortalCallbackView, PortalOidcAdapter, PortalOidcProvider
from accounts.views import AccountPage
from core.error_pages import refusal_page

logger = logging.getLogger(__name__)


@method_decorator(never_cache, name="dispatch")
class BeginView(View):
    """Sends the browser to the provider, by a page that leads on: the CSP lets forms redirect to no other host."""

    def post(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        seconds = throttle.count_failure("provider", account="", address=request.META["REMOTE_ADDR"])
        if seconds:  # each begun sign-in keeps a session
            return refusal_page(request, TooManyAttempts(seconds))
        provider = _find_provider(request, provider_id)
        try:
            response = provider.redirect_from_request(request)
        except (OAuth2Error, RequestException) as error:
            logger.warning("Single sign-on by %s is not available: %s", provider_id, error)
            return refusal_page(request, ProviderAway(provider.name))
        return render(request, "accounts/leave.html", {"provider": provider.name, "address": response["Location"]})


@method_decorator(never_cache, name="dispatch")
class EndView(View):
    """Where the provider sends the browser back to."""

    def get(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        _find_provider(request, provider_id)
        adapter = PortalOidcAdapter(request, provider_id)
        response: HttpResponse = PortalCallbackView.adapter_view(adapter)(request)
        return response


class ConfirmByProviderView(AccountPage, TemplateView):
    """Proof of identity of a user who has neither a password nor a second factor: they sign in again."""

    template_name = "accounts/confirm_by_provider.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        providers = get_adapter().list_providers(self.request)
        return super().get_context_data(**kwargs) | {"providers": providers, "next": self.request.GET.get("next", "")}


def _find_provider(request: HttpRequest, provider_id: str) -> PortalOidcProvider:
    try:
        provider: PortalOidcProvider = get_adapter().get_provider(request, provider_id)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return provider
