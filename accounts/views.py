from django.contrib.auth.views import LoginView

from accounts.forms import SignInForm


class SignInView(LoginView):
    """Sign in and return to where one wanted to go, as long as that is in this portal."""

    template_name = "sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
