"""The account page on which users see where they are signed in, and end sessions."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views import View
from django.views.generic import TemplateView

from accounts import sessions
from accounts.reauthentication import RecentProofRequired
from accounts.views import AccountPage

REASON = "ended by its owner"


class SessionPage(RecentProofRequired, AccountPage):
    """Whoever has taken over a session must not end those of its owner."""

    page_after_proof = "sessions"


class SessionsView(SessionPage, TemplateView):
    active_tab = "sessions"
    template_name = "accounts/sessions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = sessions.sessions_of(self.user)
        context = {"sessions": found, "current_id": sessions.current_id(self.request)}
        return super().get_context_data(**kwargs) | context


class EndSessionView(SessionPage, View):
    def post(self, request: HttpRequest, session_id: str) -> HttpResponse:
        if not sessions.end(self.user, session_id, REASON):
            raise Http404
        messages.success(request, "Session ended. That browser is signed out.")
        return redirect("sessions")


class EndOtherSessionsView(SessionPage, View):
    def post(self, request: HttpRequest) -> HttpResponse:
        sessions.end_all(self.user, REASON, except_id=sessions.current_id(request))
        messages.success(request, "Your other browsers are signed out.")
        return redirect("sessions")
