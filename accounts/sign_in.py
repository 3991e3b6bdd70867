"""Signing in, also for Admin."""

from typing import Any

from allauth.account.views import LoginView
from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts.errors import PasswordSignInOff, TooManyAttempts
from accounts.forms import SignInForm
from core.error_pages import refusal_page


class SignInView(LoginView):
    """Sign in, then return to the requested page if it belongs to this portal."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        providers = get_adapter().list_providers(self.request)
        return context | {"providers": providers, "has_passwords": settings.PASSWORD_SIGN_IN}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().post(request, *args, **kwargs)
        except TooManyAttempts as error:
            response = self._refuse(error)
        except PasswordSignInOff as error:
            response = refusal_page(request, error)
        return response

    def _refuse(self, error: TooManyAttempts) -> HttpResponse:
        form = self.form_class(request=self.request, initial={"login": self.request.POST.get("login", "")})
        context = self.get_context_data(form=form, error=error)
        return self.render_to_response(context, status=error.status, headers={"Retry-After": str(error.retry_after)})


def admin_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Admin uses the portal's sign-in page. A user who is signed in already and still sent here is not staff."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", "/admin/"))
