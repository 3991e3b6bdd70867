from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.sign_in import SignInView
from accounts.views import PasswordView, ProfileView

urlpatterns = [
    path("sign-in", SignInView.as_view(), name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
    path("account", ProfileView.as_view(), name="account"),
    path("account/password", PasswordView.as_view(), name="password"),
]
