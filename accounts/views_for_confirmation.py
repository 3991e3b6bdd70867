"""The pages on which users who are signed in prove their identity again: with the password, a code or a passkey."""

from typing import TYPE_CHECKING, Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.forms import Form
from django.http import HttpResponse

from accounts import sign_in_events
from accounts.forms import ConfirmPasswordForm
from accounts.second_factor_forms import ConfirmCodeForm, ConfirmPasskeyForm
from accounts.views import AccountPage


class _ConfirmationPage(AccountPage):
    """After proof, the session goes on under a new key: whoever had copied the old one is signed out."""

    if TYPE_CHECKING:

        def form_valid(self, form: Form) -> HttpResponse: ...

    else:

        def form_valid(self, form):
            response = super().form_valid(form)
            self.request.session.cycle_key()
            sign_in_events.record_confirmed(self.request, self.user)
            return response


class ConfirmByPasswordView(_ConfirmationPage, ReauthenticateView):
    template_name = "accounts/confirm_password.html"
    form_class = ConfirmPasswordForm


class ConfirmByCodeView(_ConfirmationPage, ReauthenticateByCodeView):
    template_name = "accounts/confirm_code.html"
    form_class = ConfirmCodeForm


class ConfirmByPasskeyView(_ConfirmationPage, ReauthenticateWebAuthnView):
    template_name = "accounts/confirm_passkey.html"
    form_class = ConfirmPasskeyForm

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form))
