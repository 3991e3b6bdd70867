"""The account pages on which users manage API tokens, OAuth2 applications, and what applications may do for them."""

import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views import View
from django.views.generic import FormView, TemplateView

from accounts.applications import APPLICATION_KINDS, applications_of, create_application, remove_application
from accounts.consents import consents_of, end_for_user, narrow
from accounts.models import User
from accounts.permissions import MAKE_CREDENTIALS
from accounts.reauthentication import RecentProofRequired
from accounts.scopes import READ, SCOPES
from accounts.tokens import MAX_NAME_LENGTH, create_token, revoke_token, tokens_of
from accounts.views import AccountPage

if TYPE_CHECKING:  # generic for the type checker only
    Page = FormView[forms.Form]
else:
    Page = FormView

SCOPE_CHOICES = [(scope, f"{title} ({scope})") for scope, title in SCOPES.items()]
USUAL_DAYS = 90
LIFETIMES = (7, 30, 90, 180, 365)  # days, as far as the site allows


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=MAX_NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="What the token is for.",
    )
    days = forms.ChoiceField(label="Expires")
    scopes = forms.MultipleChoiceField(
        choices=SCOPE_CHOICES,
        initial=[READ],
        widget=forms.CheckboxSelectMultiple,
        label="Permissions",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = settings.API_TOKEN_MAX_DAYS
        lifetimes = [days for days in LIFETIMES if days < longest]
        choices = [(str(days), f"In {days} days") for days in (*lifetimes, longest)]
        self.fields["days"].choices = choices  # type: ignore[attr-defined]
        self.fields["days"].initial = str(min(USUAL_DAYS, longest))


class ApplicationForm(forms.Form):
    name = forms.CharField(max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    kind = forms.ChoiceField(
        choices=[(name, kind.title) for name, kind in APPLICATION_KINDS.items()],
        initial="web",
        widget=forms.RadioSelect,
        label="Type",
    )
    scopes = forms.MultipleChoiceField(
        choices=SCOPE_CHOICES,
        initial=[READ],
        widget=forms.CheckboxSelectMultiple,
        label="Permissions",
        help_text="The most that the application can ask for.",
    )
    redirect_uris = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "https://"}),
        label="Redirect URIs",
        help_text="One per line, exactly as the application sends them. Not used by services.",
    )


class CredentialPage(AccountPage):
    """A page on which credentials are ended. That must be quick, so it needs no new proof of identity."""


class _NewCredentialPage(RecentProofRequired, CredentialPage, Page):
    """A list of credentials and a form that creates one. The response to the form is the only page with the secret."""

    def create(self, user: User, values: dict[str, Any]) -> dict[str, Any]:
        """Create the credential from the form's values and return context for the template: `created` and `secret`.

        Raises:
            ValidationError: its messages are shown above the form.
        """
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"can_create": self.user.has_perm(MAKE_CREDENTIALS)}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            created = self.create(self.user, form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        empty_form = self.get_form_class()()
        return self.render_to_response(self.get_context_data(form=empty_form, **created))


class TokensView(_NewCredentialPage):
    active_tab = "tokens"
    template_name = "accounts/tokens.html"
    form_class = TokenForm

    def create(self, user: User, values: dict[str, Any]) -> dict[str, Any]:
        expires = timezone.now() + datetime.timedelta(days=int(values["days"]))
        token, secret = create_token(user, values["name"], expires=expires, scopes=values["scopes"])
        return {"created": token, "secret": secret}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"tokens": tokens_of(self.user)}


class ApplicationsView(_NewCredentialPage):
    active_tab = "applications"
    template_name = "accounts/applications.html"
    form_class = ApplicationForm

    def create(self, user: User, values: dict[str, Any]) -> dict[str, Any]:
        application, secret = create_application(user, **values)
        return {"created": application, "secret": secret}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"applications": applications_of(self.user)}


class RevokeTokenView(CredentialPage, View):
    def post(self, request: HttpRequest, token_id: str) -> HttpResponse:
        if not revoke_token(self.user, token_id):
            raise Http404
        messages.success(self.request, "Token revoked.")
        return redirect("tokens")


class RemoveApplicationView(CredentialPage, View):
    def post(self, request: HttpRequest, application_id: int) -> HttpResponse:
        if not remove_application(self.user, application_id):
            raise Http404
        messages.success(self.request, "Application and its tokens removed.")
        return redirect("applications")


class ConsentsView(CredentialPage, TemplateView):
    """The applications that the user allowed to act for them."""

    active_tab = "consents"
    template_name = "accounts/consents.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"consents": consents_of(self.user)}


class EndConsentView(CredentialPage, View):
    def post(self, request: HttpRequest, consent_id: int) -> HttpResponse:
        if not end_for_user(self.user, consent_id):
            raise Http404
        messages.success(self.request, "The application can no longer act for you.")
        return redirect("consents")


class NarrowConsentView(CredentialPage, View):
    """Takes one scope out of a consent."""

    def post(self, request: HttpRequest, consent_id: int) -> HttpResponse:
        if not narrow(self.user, consent_id, request.POST.get("scope", "")):
            raise Http404
        messages.success(self.request, "Permission removed.")
        return redirect("consents")
