"""The account pages on which users manage their second factors."""

from typing import Any

from allauth.mfa.base.views import IndexView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, RemoveWebAuthnView

from accounts import second_factors, sessions
from accounts.reauthentication import RecentProofRequired
from accounts.second_factor_forms import AppForm, NewPasskeyForm, PasskeyNameForm
from accounts.views import AccountPage


class SecondFactorPage(RecentProofRequired, AccountPage):
    active_tab = "second-factor"


class SecondFactorsView(AccountPage, IndexView):
    active_tab = "second-factor"
    template_name = "accounts/second_factors.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        is_missing = second_factors.is_missing(self.request, self.user)
        return context | {
            "is_missing": is_missing,
            "codes_left": self._codes_left(context["authenticators"]),
            "has_other_sessions": len(sessions.sessions_of(self.user)) > 1,
        }

    def _codes_left(self, authenticators: dict[str, Any]) -> int:
        recovery_codes = authenticators.get("recovery_codes")
        if recovery_codes is None:
            return 0
        return len(recovery_codes.get_unused_codes())


class AddAppView(SecondFactorPage, ActivateTOTPView):
    template_name = "accounts/app.html"
    form_class = AppForm


class RemoveAppView(SecondFactorPage, DeactivateTOTPView):
    template_name = "accounts/app_remove.html"


class AddPasskeyView(SecondFactorPage, AddWebAuthnView):
    template_name = "accounts/passkey_add.html"
    form_class = NewPasskeyForm


class RenamePasskeyView(SecondFactorPage, EditWebAuthnView):
    template_name = "accounts/passkey_rename.html"
    form_class = PasskeyNameForm


class RemovePasskeyView(SecondFactorPage, RemoveWebAuthnView):
    template_name = "accounts/passkey_remove.html"


class RecoveryCodesView(SecondFactorPage, ViewRecoveryCodesView):
    template_name = "accounts/recovery_codes.html"


class NewRecoveryCodesView(SecondFactorPage, GenerateRecoveryCodesView):
    template_name = "accounts/recovery_codes_new.html"
