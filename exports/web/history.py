"""The history page: exports of the site, newest first, narrowed by state and person."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from core.paging import read_number
from exports.models import ExportJob
from exports.web.words import filter_line
from jobs.leased import ACTIVE, JobStatus

PAGE_SIZE = 25
# States as people ask for them: a word of the URL, its name, and which jobs it means.
STATES = {"active": "Under way", "ready": "Ready to download", "expired": "Expired", "ended": "Ended without a file"}


@dataclass(frozen=True)
class HistoryPage:
    """What one URL of the history shows."""

    rows: Sequence[tuple[ExportJob, str]]
    states: Sequence[tuple[str, str]]
    people: Sequence[User]
    state: str
    person: int
    is_first: bool
    older: str

    @property
    def is_narrowed(self) -> bool:
        return bool(self.state or self.person)

    @property
    def newest(self) -> str:
        return urlencode(_parameters(self.state, self.person))


def read_history(user: User, query: QueryDict) -> HistoryPage:
    """Raises BadRequest: a parameter that none of our links and forms carries."""
    state, person, before = query.get("state", ""), read_number(query, "person"), read_number(query, "before")
    jobs = ExportJob.objects.select_related("submitted_by").visible_to(user).filter(_in_state(state))
    jobs = jobs.filter(submitted_by=person) if person else jobs
    found = list((jobs.filter(pk__lt=before) if before else jobs).order_by("-id")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    return HistoryPage(
        rows=[(job, filter_line(job.filter)) for job in shown],
        states=list(STATES.items()),
        people=list(User.objects.filter(pk__in=ExportJob.objects.values("submitted_by")).order_by("name", "email")),
        state=state,
        person=person,
        is_first=not before,
        older=urlencode(_parameters(state, person, shown[-1].pk)) if len(found) > PAGE_SIZE else "",
    )


def _in_state(state: str) -> Q:
    now = timezone.now()
    meanings = {
        "": Q(),
        "active": Q(status__in=ACTIVE),
        "ready": Q(status=JobStatus.COMPLETE, expires_at__gt=now),
        "expired": Q(status=JobStatus.COMPLETE, expires_at__lte=now),
        "ended": Q(status__in=[JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.DEAD]),
    }
    if state not in meanings:
        raise BadRequest("no such state")
    return meanings[state]


def _parameters(state: str, person: int, before: int = 0) -> dict[str, str | int]:
    given: dict[str, str | int] = {"state": state, "person": person, "before": before}
    return {name: value for name, value in given.items() if value}
