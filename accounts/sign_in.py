"""Signing in, also for Admin, and consenting to OAuth2 applications."""

from typing import Any
from urllib.parse import urlsplit

from csp.constants import SELF
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from oauth2_provider.views.base import AuthorizationView

from accounts import throttle
from accounts.forms import SignInForm
from accounts.known_devices import known_device, remember_device


class SignInView(LoginView):
    """Sign in, then return to the requested page if it belongs to this portal.

    Every attempt is counted as failed before the password is checked, and taken back when the password is right.
    So the limit holds however many guesses arrive at once.
    """

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seconds = throttle.count_failure("password", **self._counted())
        if seconds:
            return self._refuse(seconds)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        throttle.reset("password", **self._counted())
        response = super().form_valid(form)
        remember_device(self.request, response, self._email())
        return response

    def _counted(self) -> dict[str, str]:
        """Whose failures are counted."""
        return {
            "account": self._email(),
            "address": self.request.META["REMOTE_ADDR"],
            "device": known_device(self.request, self._email()),
        }

    def _email(self) -> str:
        return self.request.POST.get("username", "").strip().lower()

    def _refuse(self, seconds: int) -> HttpResponse:
        form = self.get_form_class()(self.request, initial={"username": self.request.POST.get("username", "")})
        minutes = -(-seconds // 60)  # rounded up
        context = self.get_context_data(form=form, minutes=minutes)
        return self.render_to_response(context, status=429, headers={"Retry-After": str(seconds)})


def admin_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Admin uses the portal's sign-in page. A user who is signed in already and still sent here is not staff."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", "/admin/"))


class ConsentView(AuthorizationView):
    """Asks the user whether an application may act for them (OAuth2 authorization code grant with PKCE)."""

    template_name = "accounts/consent.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Allow the form's response to redirect to the application: browsers apply `form-action` to redirects too."""
        response = super().render_to_response(context, **kwargs)
        redirect_uri = self.oauth2_data.get("redirect_uri")
        if redirect_uri:  # unknown if the application can't be authorized
            target = urlsplit(redirect_uri)
            response._csp_update = {"form-action": [SELF, f"{target.scheme}://{target.netloc}"]}  # type: ignore[attr-defined]
        return response
