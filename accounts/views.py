"""The pages on which people look after their own account."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import UpdateView

from accounts.forms import ProfileForm
from accounts.models import User

if TYPE_CHECKING:  # generic for the type checker only
    ProfileUpdateView = UpdateView[User, ModelForm[User]]
else:
    ProfileUpdateView = UpdateView


@method_decorator(never_cache, name="dispatch")
class OwnPage(LoginRequiredMixin):
    """A page about the account of whoever is signed in, with or without export rights; `here` is its menu entry."""

    request: HttpRequest
    here = ""

    if TYPE_CHECKING:

        def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...

    @property
    def user(self) -> User:
        """Who is signed in; whoever is not has been sent to sign in."""
        if not self.request.user.is_authenticated:
            raise PermissionDenied
        return self.request.user

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {"here": self.here}


class ProfileView(OwnPage, ProfileUpdateView):
    """Name and time zone."""

    here = "account"
    template_name = "accounts/profile.html"
    form_class = ProfileForm
    success_url = reverse_lazy("account")

    def get_object(self, queryset: Any = None) -> User:
        """A copy of the signed-in user, so that a refused change shows nowhere else on the page."""
        return User.objects.get(pk=self.user.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Saved.")
        return super().form_valid(form)


class PasswordView(OwnPage, PasswordChangeView):
    """A new password, for whoever knows the present one; other browsers are signed out."""

    here = "password"
    template_name = "accounts/password.html"
    success_url = reverse_lazy("account")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "The password is changed. Other browsers are signed out.")
        return super().form_valid(form)
