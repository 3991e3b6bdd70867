"""The base view of pages for admins: it checks access and shows errors as pages."""

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
    """A request whose access `AdminView` has checked."""

    user: User
    htmx: HtmxDetails


@method_decorator(never_cache, name="dispatch")
class AdminView(View):
    """A page for Jira admins and site admins. A PortalError raised in the view is shown as an error page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_sign_in(request)
        try:
            if not request.user.is_admin:
                raise NotAnAdmin
            return super().dispatch(request, *args, **kwargs)
        except PortalError as error:
            return refusal_page(request, error)


def redirect_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Redirect to the sign-in page, which returns to this page. A form that was sent is not sent again."""
    if "HX-Request" in request.headers:
        return HttpResponseClientRefresh()  # or htmx would put the sign-in page into the fragment
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    return redirect_to_login(reverse("history"))
