"""The audit trail in Admin: filtered, searched, and downloaded as CSV. Nobody can change it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import audit, audit_query
from accounts.audit_actions import ACTIONS, Outcome
from accounts.audit_csv import csv_lines
from accounts.audit_query import AuditQuery
from accounts.models import AuditEvent
from core.admin import LIST_LIMIT, CappedPaginator, ReadOnly
from core.formats import local_time

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[AuditEvent]
else:
    ModelAdmin = admin.ModelAdmin

PARAMETERS = ("action", "outcome", "since", "until")
OBJECT_PAGES = {
    "export": "admin:exports_exportjob_change",
    "import": "admin:imports_importjob_change",
    "removal": "admin:archive_removal_change",
    "person": "admin:accounts_user_change",
    "email": "admin:exports_mail_change",
}
"""The page in Admin of each kind of object that has one."""


class AuditFilter(admin.ListFilter):
    """One form for all filters. The list has no links that count events: a million of them take too long."""

    title = "filter"
    template = "admin/accounts/auditevent/filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self._values: dict[str, str] = {}
        for name in PARAMETERS:
            given = params.pop(name, [""])
            self._values[name] = given[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(PARAMETERS)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """What the template needs."""
        query = {name: value for name, value in self._values.items() if value}
        if changelist.query:
            query[SEARCH_VAR] = changelist.query
        yield {
            "values": self._values,
            "actions": [(name, action.title) for name, action in ACTIONS.items()],
            "outcomes": Outcome.choices,
            "zone": timezone.get_current_timezone(),
            "search_name": SEARCH_VAR,
            "search": changelist.query,
            "csv": f"{reverse('admin:accounts_auditevent_csv')}?{urlencode(query)}",
        }

    def queryset(self, request: HttpRequest, events: "QuerySet[AuditEvent]") -> "QuerySet[AuditEvent]":
        try:
            return AuditQuery.read(self._values).apply(events)
        except ValidationError as error:
            raise IncorrectLookupParameters from error


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, ModelAdmin):
    list_display = ("when", "what", "outcome", "who", "where_from", "credential_used", "object_shown", "details_shown")
    list_display_links = ("when",)
    list_filter = (AuditFilter,)
    ordering = ("-at", "-id")
    sortable_by = ()
    search_fields = ("actor",)  # Admin shows its search only if there are some
    search_help_text = (
        "An email, an IP address, or the ID of an export, import, person, token, application or session. "
        f"The list shows the {LIST_LIMIT:,} newest events that match. The CSV file has all of them."
    )
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    actions = None
    fields = (
        "event_number",
        "when_in_full",
        "what_in_full",
        "outcome",
        "who",
        "where_from",
        "credential_used",
        "object_shown",
        "details_in_full",
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[AuditEvent]", search_term: str
    ) -> tuple["QuerySet[AuditEvent]", bool]:
        return audit_query.search(queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        address = path("csv/", self.admin_site.admin_view(self.csv_view), name="accounts_auditevent_csv")
        return [address, *super().get_urls()]

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """Download the events that the list's filter selects, all of them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        values = request.GET.dict()
        try:
            query = AuditQuery.read(values)
        except ValidationError:
            return HttpResponseRedirect(f"{reverse('admin:accounts_auditevent_changelist')}?e=1")
        text = values.get(SEARCH_VAR, "")
        events = audit_query.search(query.apply(AuditEvent.objects.all()), text)
        audit.record("audit.exported", details={"filter": audit_query.describe(query, text)})
        lines = csv_lines(audit_query.newest_first(events))
        headers = {"Content-Disposition": f'attachment; filename="audit-{timezone.now():%Y%m%d-%H%M%S}Z.csv"'}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8; header=present", headers=headers)

    # -- Columns -------------------------------------------------------------------------------------------

    @admin.display(description="time")
    def when(self, event: AuditEvent) -> str:
        return f"{local_time(event.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description="time")
    def when_in_full(self, event: AuditEvent) -> str:
        zone = timezone.get_current_timezone()
        return f"{local_time(event.at):%Y-%m-%d %H:%M:%S.%f} {zone} ({event.at:%Y-%m-%d %H:%M:%S} UTC)"

    @admin.display(description="event")
    def event_number(self, event: AuditEvent) -> str:
        return str(event.pk)

    @admin.display(description="what happened")
    def what(self, event: AuditEvent) -> str:
        action = ACTIONS.get(event.action)
        if action is None:  # an earlier version recorded it
            return event.action
        return action.title

    @admin.display(description="what happened")
    def what_in_full(self, event: AuditEvent) -> str:
        return f"{self.what(event)} ({event.action})"

    @admin.display(description="who", empty_value="Nobody who was signed in")
    def who(self, event: AuditEvent) -> str | None:
        return event.actor or None

    @admin.display(description="from", empty_value="The portal itself")
    def where_from(self, event: AuditEvent) -> str | None:
        return event.address

    @admin.display(description="with")
    def credential_used(self, event: AuditEvent) -> str:
        words = (event.get_credential_display(), event.credential_id, event.credential_name)
        return " ".join(word for word in words if word)

    @admin.display(description="on", empty_value="–")
    def object_shown(self, event: AuditEvent) -> SafeString | str | None:
        if not event.object_kind:
            return None
        words = f"{event.object_kind} {event.object_id} {event.object_label}".strip()
        try:
            address = reverse(OBJECT_PAGES[event.object_kind], args=[event.object_id])
        except (KeyError, NoReverseMatch):
            return words
        return format_html('<a href="{}">{}</a>', address, words)

    @admin.display(description="details", empty_value="–")
    def details_shown(self, event: AuditEvent) -> str | None:
        parts = [f"{_in_words(name)}: {_shown(value)}" for name, value in event.details.items() if value is not None]
        return "; ".join(parts)[:200] or None

    @admin.display(description="details", empty_value="None")
    def details_in_full(self, event: AuditEvent) -> SafeString | None:
        pairs = [(_in_words(name), _shown(value)) for name, value in event.details.items()]
        if not pairs:
            return None
        return format_html_join("", "<p><strong>{}:</strong> {}</p>", pairs)


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {item}" for name, item in value.items()) or "none"
    if value is None or value == "":
        return "none"
    return str(value)
