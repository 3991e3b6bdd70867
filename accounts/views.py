"""The account pages: profile, password and email."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from allauth.account import views as allauth_views
from allauth.account.views import PasswordChangeView
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, UpdateView

from accounts import audit, credentials, throttle
from accounts.errors import TooManyEmails
from accounts.forms import EmailCodeForm, NewEmailForm, PasswordForm, ProfileForm
from accounts.models import User
from accounts.reauthentication import RecentProofRequired
from core.error_pages import refusal_page
from core.errors import PortalError

if TYPE_CHECKING:  # generic for the type checker only
    ProfileUpdateView = UpdateView[User, ModelForm[User]]
else:
    ProfileUpdateView = UpdateView


@method_decorator(never_cache, name="dispatch")
class AccountPage(LoginRequiredMixin):
    """A page about the signed-in user's own account; every user has one. `active_tab` is its entry in the menu."""

    request: HttpRequest
    # Django's views of forms would also answer PUT.
    http_method_names: Sequence[str] = ["get", "head", "post", "options"]
    active_tab = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except PortalError as error:
            return refusal_page(request, error)

    @property
    def user(self) -> User:
        """The signed-in user. LoginRequiredMixin redirects everyone else before a view can ask."""
        if not self.request.user.is_authenticated:
            raise PermissionDenied
        return self.request.user

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {"active_tab": self.active_tab}


class ProfileView(AccountPage, ProfileUpdateView):
    """Name and time zone."""

    active_tab = "account"
    template_name = "accounts/profile.html"
    form_class = ProfileForm
    success_url = reverse_lazy("account")

    def get_object(self, queryset: Any = None) -> User:
        """A copy of the signed-in user, so that invalid input does not show elsewhere on the page."""
        return User.objects.get(pk=self.user.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Saved.")
        with transaction.atomic():
            response = super().form_valid(form)
            if form.changed_data:
                person = audit.Target("person", self.user.pk, self.user.email)
                audit.record("person.changed", on=person, details={"fields": form.changed_data})
        return response


class PasswordView(AccountPage, PasswordChangeView):
    """Changes the password of a user who knows the current one, and signs out their other browsers."""

    active_tab = "password"
    template_name = "accounts/password.html"
    form_class = PasswordForm

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
            if form.cleaned_data["end_credentials"]:
                credentials.end_all(self.user)
        return response


class NoPasswordView(AccountPage, TemplateView):
    """For users without a password. They can't set one: it would let them in when their provider no longer does."""

    active_tab = "password"
    template_name = "accounts/no_password.html"


class EmailView(RecentProofRequired, AccountPage, allauth_views.EmailView):
    """Asks for a new email, and sends it a code."""

    active_tab = "email"
    template_name = "accounts/email.html"
    form_class = NewEmailForm

    def form_valid(self, form: Any) -> HttpResponse:
        address = self.request.META["REMOTE_ADDR"]
        seconds = throttle.count_failure("mail", account=self.user.email, address=address)
        if seconds:
            raise TooManyEmails(seconds)
        response: HttpResponse = super().form_valid(form)
        return response


class ConfirmEmailView(allauth_views.ConfirmEmailVerificationCodeView):
    """Takes the code. The new email replaces the old one."""

    template_name = "accounts/confirm_email.html"
    form_class = EmailCodeForm
