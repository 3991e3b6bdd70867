"""Who may open the portal's pages, and what happens to a refusal."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from accounts.errors import NotAnAdmin
from accounts.models import User
from core.error_pages import refusal_page
from core.errors import PortalError


class AdminRequest(HttpRequest):
    """A request that `AdminView` let through."""

    user: User
    htmx: HtmxDetails


@method_decorator(never_cache, name="dispatch")
class AdminView(View):
    """A page for admins who are signed in; a PortalError raised inside becomes a page in the portal's look."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        try:
            if not request.user.is_admin:
                raise NotAnAdmin
            return super().dispatch(request, *args, **kwargs)
        except PortalError as error:
            return refusal_page(request, error)


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Return to this page after sign-in; a form that was posted is not posted again."""
    if "HX-Request" in request.headers:
        return HttpResponseClientRefresh()  # a fragment must not be filled with the sign-in page
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    return redirect_to_login(reverse("history"))
