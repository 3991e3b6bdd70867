"""Whoever changes what opens an account proves their identity again, unless they did so within the last ten minutes.

So an open browser that its owner has left is not enough to take over the account, or to make a way in that stays.
"""

import time
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.session_store import SIGNED_IN_AT


def is_recent(request: HttpRequest) -> bool:
    """Whether the user has signed in, or proved their identity again, in this session within the last ten minutes."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    moments = [request.session.get(SIGNED_IN_AT, 0), *(record["at"] for record in records)]
    age: float = time.time() - max(moments)
    return age < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def redirect_to_confirm(request: HttpRequest, return_to: str = "") -> HttpResponseBase:
    """Ask for proof. The user then goes to `return_to`, or returns to the page; a form is not sent again."""
    query = urlencode({"next": return_to or request.get_full_path()})
    page = "account_reauthenticate"
    if not get_adapter().get_reauthentication_methods(request.user):
        page = "confirm_by_provider"
    return redirect(f"{reverse(page)}?{query}")


class RecentProofRequired:
    """A page on which users who are signed in first prove their identity again.

    `page_after_proof` is the name of the page to which they then go, if it is not this one.
    """

    page_after_proof = ""

    if TYPE_CHECKING:

        def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...

    else:

        def dispatch(self, request, *args, **kwargs):
            if request.user.is_authenticated and not is_recent(request):
                return redirect_to_confirm(request, self.page_after_proof and reverse(self.page_after_proof))
            return super().dispatch(request, *args, **kwargs)
