"""The doors for people: the sign-in, also that of the staff pages, and the consent that OAuth2 asks for."""

from typing import Any
from urllib.parse import urlsplit

from csp.constants import SELF
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from oauth2_provider.views.base import AuthorizationView

from accounts.forms import SignInForm
from accounts.throttle import forgive, note_failure


class SignInView(LoginView):
    """Sign in and return to where one wanted to go, as long as that is in this portal.

    An attempt counts as failed until the password has proved right, so that of any number of guesses at
    once none slips past the limit.
    """

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wait := note_failure("password", **self._who()):
            return self._refuse(wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        forgive("password", **self._who())
        return super().form_valid(form)

    def _who(self) -> dict[str, str]:
        email = self.request.POST.get("username", "").strip().lower()
        return {"account": email, "address": self.request.META["REMOTE_ADDR"]}

    def _refuse(self, wait: int) -> HttpResponse:
        form = self.get_form_class()(self.request, initial={"username": self.request.POST.get("username", "")})
        context = self.get_context_data(form=form, minutes=-(-wait // 60))
        return self.render_to_response(context, status=429, headers={"Retry-After": str(wait)})


def staff_sign_in(request: HttpRequest) -> HttpResponseBase:
    """The staff pages' sign-in is the portal's own; who is in already is no staff."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", "/admin/"))


class ConsentView(AuthorizationView):
    """Ask the person whether an application may act for them (OAuth2's authorisation code with PKCE)."""

    template_name = "accounts/consent.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Browsers hold the answer's way back to the application against `form-action`."""
        response = super().render_to_response(context, **kwargs)
        if back := self.oauth2_data.get("redirect_uri"):  # none is known of an application that is not let in
            target = urlsplit(back)
            response._csp_update = {"form-action": [SELF, f"{target.scheme}://{target.netloc}"]}  # type: ignore[attr-defined]
        return response
