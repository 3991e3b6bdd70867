"""The pages on which people make and take back what their programs sign in with: API tokens, OAuth2 applications."""

import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views import View
from django.views.generic import FormView

from accounts.applications import KINDS, applications_of, create_application, remove_application
from accounts.models import User
from accounts.scopes import SCOPES
from accounts.tokens import create_token, revoke_token, tokens_of
from accounts.views import OwnPage

if TYPE_CHECKING:  # generic for the type checker only
    Page = FormView[forms.Form]
else:
    Page = FormView

LIFETIMES = {"30": "30 days", "90": "90 days", "365": "a year", "": "until it is revoked"}


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=50, label="What is it for?", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    days = forms.ChoiceField(choices=list(LIFETIMES.items()), required=False, initial="90", label="It works for")
    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{title} ({scope})") for scope, title in SCOPES.items()],
        initial=list(SCOPES),
        widget=forms.CheckboxSelectMultiple,
        label="It may",
    )


class ApplicationForm(forms.Form):
    name = forms.CharField(max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    kind = forms.ChoiceField(
        choices=[(name, kind.title) for name, kind in KINDS.items()],
        initial="web",
        widget=forms.RadioSelect,
        label="What is it?",
    )
    redirect_uris = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "https://"}),
        label="Where people come back to",
        help_text="One address a line, exactly as the program sends it. Not for services.",
    )


class _MakingPage(OwnPage, Page):
    """A list and a form; what the form makes is shown at once and its secret never again."""

    def make(self, user: User, values: dict[str, Any]) -> dict[str, Any]:
        """Raises ValidationError: a sentence for the form."""
        raise NotImplementedError

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            made = self.make(self.user, form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=self.get_form_class()(), **made))


class TokensView(_MakingPage):
    here = "tokens"
    template_name = "accounts/tokens.html"
    form_class = TokenForm

    def make(self, user: User, values: dict[str, Any]) -> dict[str, Any]:
        days = values["days"]
        expires = timezone.now() + datetime.timedelta(days=int(days)) if days else None
        scopes = () if set(values["scopes"]) == set(SCOPES) else values["scopes"]
        token, secret = create_token(user, values["name"], expires=expires, scopes=scopes)
        return {"made": token, "secret": secret}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"tokens": tokens_of(self.user)}


class ApplicationsView(_MakingPage):
    here = "applications"
    template_name = "accounts/applications.html"
    form_class = ApplicationForm

    def make(self, user: User, values: dict[str, Any]) -> dict[str, Any]:
        application, secret = create_application(user, **values)
        return {"made": application, "secret": secret}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"applications": applications_of(self.user)}


class RevokeTokenView(OwnPage, View):
    def post(self, request: HttpRequest, token_id: str) -> HttpResponse:
        if not revoke_token(self.user, token_id):
            raise Http404
        messages.success(self.request, "The token is revoked: it opens nothing any more.")
        return redirect("tokens")


class RemoveApplicationView(OwnPage, View):
    def post(self, request: HttpRequest, application_id: int) -> HttpResponse:
        if not remove_application(self.user, application_id):
            raise Http404
        messages.success(self.request, "The application and all its tokens are removed.")
        return redirect("applications")
