"""Signing in with a second factor after the password, or with a passkey alone."""

from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from accounts import throttle
from accounts.errors import PasswordSignInOff, TooManyAttempts
from accounts.second_factor_forms import PasskeyAloneForm, SignInCodeForm, SignInPasskeyForm
from core.error_pages import refusal_page


class SecondStepView(AuthenticateView):
    """Asks for a code or a passkey, before anyone is signed in."""

    template_name = "accounts/second_step.html"
    form_class = SignInCodeForm
    webauthn_form_class = SignInPasskeyForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except TooManyAttempts as error:
            response = refusal_page(request, error)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = Authenticator.objects.filter(user=self.stage.login.user).values_list("type", flat=True)
        return super().get_context_data(**kwargs) | {"kinds": set(kinds)}


class PasskeyAloneView(LoginWebAuthnView):
    """Signs in with a passkey that proves both that someone has it and who they are, by a PIN or a fingerprint."""

    form_class = PasskeyAloneForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.PASSWORD_SIGN_IN:
            return refusal_page(request, PasswordSignInOff())
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the script asks for: a challenge. It is kept in a session, of which an address can't begin many."""
        seconds = throttle.count_failure("passkey", account="", address=request.META["REMOTE_ADDR"])
        if seconds:
            return refusal_page(request, TooManyAttempts(seconds))
        return JsonResponse({"request_options": webauthn.begin_authentication(user=None)})
