"""The history page: the site's exports, newest first, filtered by state and by the person who requested them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.db.models.functions import Now
from django.http import QueryDict

from accounts.models import User
from core.paging import read_number
from exports.models import ExportJob
from exports.web.filter_words import filter_line
from jobs.leased import ACTIVE, JobStatus

PAGE_SIZE = 25
STATES = {
    "active": "In progress",
    "ready": "Ready to download",
    "expired": "Expired",
    "ended": "Failed or cancelled",
}
"""The `state` parameter of the URL, and how the page calls it."""


@dataclass(frozen=True)
class HistoryPage:
    """One page of the history. `rows` are exports with their filter in words, `older` is the next page's query."""

    rows: Sequence[tuple[ExportJob, str]]
    states: Sequence[tuple[str, str]]
    people: Sequence[User]
    state: str
    person: int
    is_first: bool
    older: str

    @property
    def is_filtered(self) -> bool:
        return bool(self.state or self.person)

    @property
    def newest(self) -> str:
        return _query(self.state, self.person)


def read_history(user: User, query: QueryDict) -> HistoryPage:
    """The page of the history that the URL's query asks for.

    Raises:
        BadRequest: a parameter has a value that no link or form of the portal sends.
    """
    state = query.get("state", "")
    person = read_number(query, "person")
    before = read_number(query, "before")
    jobs = ExportJob.objects.with_expiry().select_related("submitted_by").visible_to(user).filter(_in_state(state))
    if person:
        jobs = jobs.filter(submitted_by=person)
    if before:
        jobs = jobs.filter(pk__lt=before)
    found = list(jobs.order_by("-id")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    older = ""
    if len(found) > PAGE_SIZE:
        older = _query(state, person, before=shown[-1].pk)
    return HistoryPage(
        rows=[(job, _describe(job)) for job in shown],
        states=list(STATES.items()),
        people=_people_with_exports(),
        state=state,
        person=person,
        is_first=not before,
        older=older,
    )


def _describe(job: ExportJob) -> str:
    """The filter and the options in one line."""
    options = job.options.describe()
    if not options:
        return filter_line(job.filter)
    return f"{filter_line(job.filter)}, {options}"


def _people_with_exports() -> list[User]:
    requesters = ExportJob.objects.values("submitted_by")
    return list(User.objects.filter(pk__in=requesters).order_by("name", "email"))


def _in_state(state: str) -> Q:
    conditions = {
        "": Q(),
        "active": Q(status__in=ACTIVE),
        "ready": Q(status=JobStatus.COMPLETE, expires_at__gt=Now()),
        "expired": Q(status=JobStatus.COMPLETE, expires_at__lte=Now()),
        "ended": Q(status__in=[JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.DEAD]),
    }
    if state not in conditions:
        raise BadRequest("unknown state")
    return conditions[state]


def _query(state: str, person: int, before: int = 0) -> str:
    """The URL query of a page; parameters without a value are left out."""
    parameters: dict[str, str | int] = {}
    if state:
        parameters["state"] = state
    if person:
        parameters["person"] = person
    if before:
        parameters["before"] = before
    return urlencode(parameters)
