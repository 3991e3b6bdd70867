"""Resetting a forgotten password by email. Nothing tells whether a user has that email, not even the time it takes."""

from typing import TYPE_CHECKING, Any

from allauth.account.views import PasswordResetFromKeyView
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView
from django_q.tasks import async_task

from accounts import credentials, throttle
from accounts.errors import PasswordSignInOff, TooManyEmails
from accounts.forms import ForgottenPasswordForm, NewPasswordForm
from core.error_pages import refusal_page

if TYPE_CHECKING:  # generic for the type checker only
    ForgottenPasswordFormView = FormView[ForgottenPasswordForm]
else:
    ForgottenPasswordFormView = FormView


class PasswordsOnly(View):
    """A page that does not exist if the site lets nobody in by a password."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.PASSWORD_SIGN_IN:
            return refusal_page(request, PasswordSignInOff())
        return super().dispatch(request, *args, **kwargs)


class ForgottenPasswordView(PasswordsOnly, ForgottenPasswordFormView):
    """Asks for the email. A worker looks for the user, so that the answer is the same for every email."""

    template_name = "accounts/forgotten_password.html"
    form_class = ForgottenPasswordForm
    success_url = reverse_lazy("account_reset_password_done")

    def form_valid(self, form: ForgottenPasswordForm) -> HttpResponse:
        email = throttle.normalize_account(form.cleaned_data["email"])
        seconds = throttle.count_failure("mail", account=email, address=self.request.META["REMOTE_ADDR"])
        if seconds:
            return refusal_page(self.request, TooManyEmails(seconds))
        async_task("accounts.tasks.send_password_reset", email)  # type: ignore[no-untyped-call]
        return super().form_valid(form)


class ResetRequestedView(TemplateView):
    template_name = "accounts/reset_requested.html"


@method_decorator(never_cache, name="dispatch")
class ResetPasswordView(PasswordsOnly, PasswordResetFromKeyView):
    """Where the link in the email leads: asks for a new password. The link works once."""

    template_name = "accounts/reset_password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("account_login")

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
            if form.cleaned_data["end_credentials"]:
                credentials.end_all(self.reset_user)
        return response

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if context.get("token_fail"):
            kwargs["status"] = 400
        response: HttpResponse = super().render_to_response(context, **kwargs)
        return response
