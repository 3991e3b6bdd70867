"""The account pages. Names that begin with account_ are those by which allauth finds its pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from accounts.password_reset import ForgottenPasswordView, ResetPasswordView, ResetRequestedView
from accounts.sign_in import SignInView
from accounts.views import ConfirmEmailView, EmailView, FirstPasswordView, PasswordView, ProfileView
from accounts.views_for_credentials import (
    ApplicationsView,
    ConsentsView,
    EndConsentView,
    NarrowConsentView,
    RemoveApplicationView,
    RevokeTokenView,
    TokensView,
)
from accounts.views_for_sessions import EndOtherSessionsView, EndSessionView, SessionsView

urlpatterns = [
    path("sign-in", SignInView.as_view(), name="account_login"),
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
    path("account/password/new", FirstPasswordView.as_view(), name="account_set_password"),
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
