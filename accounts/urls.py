from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.sign_in import SignInView
from accounts.views import PasswordView, ProfileView
from accounts.views_for_credentials import ApplicationsView, RemoveApplicationView, RevokeTokenView, TokensView

urlpatterns = [
    path("sign-in", SignInView.as_view(), name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
    path("account", ProfileView.as_view(), name="account"),
    path("account/password", PasswordView.as_view(), name="password"),
    path("account/tokens", TokensView.as_view(), name="tokens"),
    path("account/tokens/<str:token_id>/revoke", RevokeTokenView.as_view(), name="revoke-token"),
    path("account/applications", ApplicationsView.as_view(), name="applications"),
    path(
        "account/applications/<int:application_id>/remove", RemoveApplicationView.as_view(), name="remove-application"
    ),
]
