"""The account pages. Names that begin with account_ are those by which allauth finds its pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from accounts.password_reset import ForgottenPasswordView, ResetPasswordView, ResetRequestedView
from accounts.second_step import PasskeyAloneView, SecondStepView
from accounts.sign_in import SignInView
from accounts.views import ConfirmEmailView, EmailView, NoPasswordView, PasswordView, ProfileView
from accounts.views_for_confirmation import ConfirmByCodeView, ConfirmByPasskeyView, ConfirmByPasswordView
from accounts.views_for_credentials import (
    ApplicationsView,
    ConsentsView,
    EndConsentView,
    NarrowConsentView,
    RemoveApplicationView,
    RevokeTokenView,
    TokensView,
)
from accounts.views_for_second_factors import (
    AddAppView,
    AddPasskeyView,
    NewRecoveryCodesView,
    RecoveryCodesView,
    RemoveAppView,
    RemovePasskeyView,
    RenamePasskeyView,
    SecondFactorsView,
)
from accounts.views_for_sessions import EndOtherSessionsView, EndSessionView, SessionsView
from accounts.views_for_single_sign_on import BeginView, ConfirmByProviderView, EndView

urlpatterns = [
    path("sign-in", SignInView.as_view(), name="account_login"),
    path("sign-in/second-factor", SecondStepView.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey", PasskeyAloneView.as_view(), name="mfa_login_webauthn"),
    path("sign-in/with/<slug:provider_id>", BeginView.as_view(), name="openid_connect_login"),
    path("sign-in/with/<slug:provider_id>/back", EndView.as_view(), name="openid_connect_callback"),
    path("sign-out", LogoutView.as_view(), name="account_logout"),
    path("sign-in/reset", ForgottenPasswordView.as_view(), name="account_reset_password"),
    path("sign-in/reset/sent", ResetRequestedView.as_view(), name="account_reset_password_done"),
    re_path(
        r"^sign-in/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)$",
        ResetPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path("account", ProfileView.as_view(), name="account"),
    path("account/password", PasswordView.as_view(), name="account_change_password"),
    path("account/password/new", NoPasswordView.as_view(), name="account_set_password"),
    path("account/confirm", ConfirmByPasswordView.as_view(), name="account_reauthenticate"),
    path("account/confirm/provider", ConfirmByProviderView.as_view(), name="confirm_by_provider"),
    path("account/confirm/code", ConfirmByCodeView.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey", ConfirmByPasskeyView.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/second-factor", SecondFactorsView.as_view(), name="mfa_index"),
    path("account/second-factor", SecondFactorsView.as_view(), name="mfa_list_webauthn"),  # allauth has two pages
    path("account/second-factor/app", AddAppView.as_view(), name="mfa_activate_totp"),
    path("account/second-factor/app/remove", RemoveAppView.as_view(), name="mfa_deactivate_totp"),
    path("account/second-factor/passkeys/new", AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("account/second-factor/passkeys/<int:pk>/rename", RenamePasskeyView.as_view(), name="mfa_edit_webauthn"),
    path("account/second-factor/passkeys/<int:pk>/remove", RemovePasskeyView.as_view(), name="mfa_remove_webauthn"),
    path("account/second-factor/codes", RecoveryCodesView.as_view(), name="mfa_view_recovery_codes"),
    path("account/second-factor/codes/new", NewRecoveryCodesView.as_view(), name="mfa_generate_recovery_codes"),
    path("account/sessions", SessionsView.as_view(), name="sessions"),
    path("account/sessions/end-others", EndOtherSessionsView.as_view(), name="end-other-sessions"),
    path("account/sessions/<str:session_id>/end", EndSessionView.as_view(), name="end-session"),
    path("account/email", EmailView.as_view(), name="account_email"),
    path("account/email/confirm", ConfirmEmailView.as_view(), name="account_email_verification_sent"),
    path("account/tokens", TokensView.as_view(), name="tokens"),
    path("account/tokens/<str:token_id>/revoke", RevokeTokenView.as_view(), name="revoke-token"),
    path("account/consents", ConsentsView.as_view(), name="consents"),
    path("account/consents/<int:consent_id>/end", EndConsentView.as_view(), name="end-consent"),
    path("account/consents/<int:consent_id>/narrow", NarrowConsentView.as_view(), name="narrow-consent"),
    path("account/applications", ApplicationsView.as_view(), name="applications"),
    path(
        "account/applications/<int:application_id>/remove", RemoveApplicationView.as_view(), name="remove-application"
    ),
]
