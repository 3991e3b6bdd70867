"""Every page in every state, in a portal of its own: for accessibility checks, page widths and screenshots."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, expect

from tests.running import PASSWORD, RunningPortal, prepared_database

# No worker runs and states must not change, so leases are longer than all visits.
STILL = {"EXPORT_LEASE_SECONDS": "300"}
PEOPLE = """
from accounts.models import User
from django.conf import settings
import os
password = os.environ["ADMIN_PASSWORD"]
User.objects.filter(email="alice@example.com").update(name="Alice Archer")
User.objects.create_user("bob@example.com", password, name="Bob Baker", roles=["jira-admin"])
User.objects.create_user("dave@example.com", password, name="Dave")
"""
ENDED = """
import datetime
from django.conf import settings
from django.utils import timezone
from accounts.models import User
from exports.models import ExportEvent, ExportJob, Mail
alice, bob = User.objects.get(name="Alice Archer"), User.objects.get(name="Bob Baker")
now = timezone.now()
dates = {"dateAfter": "2023-01-01", "dateBefore": "2024-01-01"}

def request(person, filter, hours):
    submitted_at = now - datetime.timedelta(hours=hours)
    job = ExportJob.objects.create(submitted_by=person, filter=filter, submitted_at=submitted_at)
    ExportEvent.objects.create(job=job, status=job.status, note=f"Requested by {person}")
    return job

def complete(job, rows, size):
    attempt = job.claim("host:4711")
    job.heartbeat(attempt, progress=99, rows_written=rows, rows_expected=rows)
    job.publish(attempt, snapshot_at=now, rows_written=rows, rows_expected=rows, bytes=size,
                version=settings.VERSION, time_zone=settings.TIME_ZONE,
                sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", file_name="gone.csv")

def mail(job, status, **fields):
    kind = "ready" if job.status == "COMPLETE" else "failed"
    Mail.objects.create(job=job, kind=kind, recipient=job.submitted_by.email, status=status,
                        message_id=f"<{job.pk}>", **fields)

expired = request(bob, {"projects": ["HARBOR", "PAY"]}, 300)
complete(expired, 412_880, 498_000_000)
ExportJob.objects.filter(pk=expired.pk).update(expires_at=now - datetime.timedelta(days=2))
mail(expired, "sent", sent_at=now - datetime.timedelta(hours=300))
cancelled = request(alice, {}, 50)
attempt = cancelled.claim("host:4711")
cancelled.heartbeat(attempt, progress=27, rows_written=81_000, rows_expected=300_000)
cancelled.request_cancel("Bob Baker")
cancelled.settle_cancel(attempt)
failed = request(bob, {"projects": ["OPS"], "archivedDateRange": dates}, 30)
message = (
    "The disk for exported files is full. The file needs about 412.0 MB more, but only 97.3 MB is available. "
    "Free some space or narrow the filter, then run the export again."
)
failed.fail(failed.claim("host:4711"), message)
mail(failed, "unknown", reply="SMTPServerDisconnected: Connection unexpectedly closed")
complete_one = request(alice, {"projects": ["HARBOR"], "issueTypes": ["10003", "10001"], "archivedDateRange": dates}, 1)
complete(complete_one, 1_284, 1_620_044)
mail(complete_one, "sent", sent_at=now)
print(expired.pk, cancelled.pk, failed.pk, complete_one.pk)
"""
WAITING = """
from accounts.models import User
from exports import services
from archive.filters import IssueFilter
print(services.request_export(User.objects.get(name="Bob Baker"), IssueFilter(projects=("HARBOR", "DATA"))).pk)
"""
RUNNING = """
import datetime
from django.utils import timezone
from exports.models import ExportJob
job = ExportJob.objects.active().get()
job.heartbeat(job.claim("host:4711"), progress=40, rows_written=123_456, rows_expected=301_200)
ExportJob.objects.filter(pk=job.pk).update(started_at=timezone.now() - datetime.timedelta(seconds=11))
"""
CANCELLING = "from exports.models import ExportJob; ExportJob.objects.active().get().request_cancel('Alice Archer')"
ENDING = "from exports.models import ExportJob; job = ExportJob.objects.active().get(); job.settle_cancel(job.attempt)"
BROKEN = "from django.db import connection; connection.cursor().execute('ALTER TABLE exports_mail RENAME TO away')"
SEEN = """
import datetime
from django.utils import timezone
from jobs.models import Worker
later = timezone.now() + datetime.timedelta(hours=1)
Worker.objects.create(name="host:4711", host="host", pid=4711, version="1", last_seen_at=later)
"""
MANY = """
from django.db import connection
from archive import monthly_counts
from archive.models import STORED_FIELDS
names = [field.column for field in STORED_FIELDS]
changed = {"id": "issue.id + copy.n * 10000000", "key": "key || '-' || copy.n", "description": "''"}
values = ", ".join(changed.get(name, name) for name in names)
with connection.cursor() as cursor:
    cursor.execute(
        "WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < 334) "
        f"INSERT INTO archive_archivedissue ({', '.join(names)}) "
        f"SELECT {values} FROM archive_archivedissue AS issue CROSS JOIN copy"
    )
    cursor.execute("ANALYZE")
monthly_counts.refresh()
"""
APPLICATION = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from accounts.models import ApplicationScopes, Consent, User
from oauth2_provider.models import Application
made = Application.objects.create(
    name="Release dashboard", client_id="dashboard", user=User.objects.get(name="Bob Baker"),
    client_type="confidential", authorization_grant_type="authorization-code",
    redirect_uris="https://dashboard.example.com/back",
)
ApplicationScopes.objects.create(application=made, scope="read:jira-work write:jira-work")
now = timezone.now()
Consent.objects.create(
    user=User.objects.get(name="Alice Archer"), application=made, scope="read:jira-work write:jira-work",
    redirect_uri=made.redirect_uris, token_family=uuid4(), redeemed_at=now, expires_at=now + timedelta(days=90),
)
"""
CONSENT = "/oauth/authorize?" + urlencode(
    {
        "response_type": "code", "client_id": "dashboard", "redirect_uri": "https://dashboard.example.com/back",
        "scope": "read:jira-work write:jira-work", "code_challenge": "x" * 43, "code_challenge_method": "S256",
    }
)  # fmt: skip
IMPORTS = r"""
from accounts.models import User
from imports import services, tasks
from imports.options import ImportOptions
alice = User.objects.get(name="Alice Archer")
head = "Issue id,Issue key,Issue Type,Summary,Created,Customer\n"
lines = "".join(f"{n},MOON-{n},Task,Step {n} of the landing,16/Jul/23 3:04 PM,Apollo\n" for n in range(9001, 9040))

def upload(name, text):
    content = text.encode()
    return services.request_import(alice, name, len(content), [content], ImportOptions())

complete = upload("jira-export-2023.csv", head + lines + "9041,MOON-9041,Task,The eagle,tomorrow,Apollo\n")
failed = upload("holiday.csv", "Dear all,\nplease find attached\n")
for row in (complete, failed):
    tasks.import_upload(row.pk)
print(complete.pk, failed.pk, upload("jira-export-2024.csv", head + lines).pk)
"""
KEYS = """
from archive.models import ArchivedIssue, DetailColumn, DetailKind, IssueDetail
rich = ArchivedIssue.objects.filter(parent_id__gt=0, time_spent__gt=0).exclude(labels=[]).exclude(description="")
plain = rich.filter(details=None).latest("archived_date")
of_kind = IssueDetail.objects.filter(column__kind=DetailKind.COMMENT, item_count__gt=3).values("issue")
full = rich.filter(pk__in=of_kind).latest("archived_date")
comments = IssueDetail.objects.get(issue=full, column__kind=DetailKind.COMMENT)
comments.items[0]["visibility"] = {"type": "role", "value": "Administrators"}
for n in range(40):
    text = "It happens again with the newest version, see https://example.com/log. " * (1 + n % 4)
    person = {"accountId": f"5b-guest-{n % 3}"}
    comments.items.append({"author": person, "created": comments.items[n]["created"], "body": text})
comments.items[-1]["body"] = "A word that is long: " + "x" * 300
comments.save()
notes, _ = DetailColumn.objects.get_or_create(kind=DetailKind.CUSTOM, name="Acceptance criteria")
IssueDetail.objects.create(issue=full, column=notes, items=["The form keeps what was typed. " * 12])
parts, _ = DetailColumn.objects.get_or_create(kind=DetailKind.SUBTASK)
items = [{"key": plain.key, "fields": {"summary": "A part", "status": {"name": "Done"}}}, {"key": "GONE-1"}]
IssueDetail.objects.create(issue=full, column=parts, items=items)
print(full.key, plain.key)
"""


@dataclass(frozen=True)
class Picture:
    """A page in one state: its path, who opens it, and what is then done on the page."""

    name: str
    path: str
    person: str = "alice"
    act: Callable[[Page], None] | None = None
    status: int = 200


@contextmanager
def still_portal(folder: Path, **environment: str) -> Iterator[RunningPortal]:
    """A portal without issues and without a worker."""
    folder.mkdir(exist_ok=True)
    with prepared_database(folder) as database_url:
        portal = RunningPortal(folder, database_url, "console:")
        portal.environment |= STILL | environment
        portal.manage("shell", "-v0", "-c", PEOPLE)
        try:
            portal.start_web()
            yield portal
        finally:
            portal.stop("web")


def pictures(portal: RunningPortal) -> Iterator[Picture]:
    """All pictures. Each state is created when its picture is requested, from the state before."""
    yield Picture("sign-in", "/sign-in", person="")
    yield Picture("sign-in-wrong", "/sign-in", person="", act=_sign_in_wrongly)
    yield Picture("password-forgotten", "/sign-in/reset", person="")
    yield Picture("password-reset-asked", "/sign-in/reset", person="", act=_ask_for_a_reset)
    yield Picture("password-reset-link-old", "/sign-in/reset/1-abc-def", person="", status=400)
    yield Picture("page-expired", "/sign-in", person="", act=_send_an_expired_form)
    yield Picture("no-access", "/", person="dave", status=403)
    yield Picture("archive-empty", "/")
    yield Picture("history-empty", "/exports/")
    yield Picture("imports-empty", "/imports/")
    portal.manage("seed_issues", "3000")
    yield from _archive(portal)
    yield from _account(portal)
    yield from _exports(portal)
    yield from _imports(portal)
    yield Picture("not-found", "/nowhere", status=404)
    yield Picture("bad-request", "/?after=x", status=400)
    portal.manage("shell", "-v0", "-c", MANY)
    yield Picture("archive-over-limit", "/")
    portal.stop("web")
    portal.environment["SITE_PLAN"] = "standard"
    portal.start_web()
    yield Picture("archive-plan-too-small", "/")
    portal.manage("shell", "-v0", "-c", BROKEN)
    yield Picture("database-away", "/exports/1", status=503)


def _archive(portal: RunningPortal) -> Iterator[Picture]:
    yield Picture("archive-no-worker", "/")
    portal.manage("shell", "-v0", "-c", SEEN)
    yield Picture("archive", "/")
    filtered = "/?projects=HARBOR&projects=PAY&issueTypes=10003&dateAfter=2023-01-01&dateBefore=2024-01-01"
    yield Picture("archive-filtered", filtered)
    yield Picture("archive-suggesting", "/?projects=HARBOR", act=_type_a_name)
    yield Picture("archive-export-options", "/?projects=HARBOR", act=_choose_what_to_include)
    yield Picture("archive-table-of-months", "/?projects=HARBOR", act=_open_the_table)
    yield Picture("archive-nothing-matches", "/?projects=HR&dateAfter=2005-01-01&dateBefore=2005-02-01")
    yield Picture("archive-filter-invalid", "/?projects=NOPE&dateAfter=2023-02-01&dateBefore=2023-01-01", status=400)
    yield Picture("archive-search", "/?text=HARBOR*%20%22browser%20fails%22")
    yield Picture("archive-search-key", "/?text=harbor-1")
    yield Picture("archive-search-nothing", "/?text=zeppelin%20orders&projects=HARBOR")
    yield Picture("archive-search-too-long", f"/?text={'x' * 501}", status=400)
    full, plain = portal.manage("shell", "-v0", "-c", KEYS).split()
    yield Picture("issue", f"/issues/{full}")
    yield Picture("issue-second-page-of-comments", f"/issues/{full}?comments=2#comments")
    yield Picture("issue-without-details", f"/issues/{plain}")


def _account(portal: RunningPortal) -> Iterator[Picture]:
    yield Picture("account", "/account", person="dave")
    yield Picture("account-saved", "/account", act=lambda page: page.get_by_role("button", name="Save").click())
    yield Picture("password", "/account/password")
    yield Picture("password-wrong", "/account/password", act=_change_password_wrongly)
    yield Picture("email", "/account/email")
    yield Picture("sessions", "/account/sessions")
    yield Picture("no-password", "/account/password/new")
    yield Picture("tokens-none", "/account/tokens", person="dave")
    yield Picture("token-created", "/account/tokens", act=_create_a_token)
    yield Picture("tokens", "/account/tokens")
    yield Picture("application-registered", "/account/applications", act=_register_an_application)
    yield Picture("applications", "/account/applications")
    portal.manage("shell", "-v0", "-c", APPLICATION)
    yield Picture("consent", CONSENT)
    yield Picture("consents-none", "/account/consents", person="dave")
    yield Picture("consents", "/account/consents")
    yield Picture("consent-impossible", CONSENT.replace("dashboard.example", "elsewhere.example"), status=400)


def _exports(portal: RunningPortal) -> Iterator[Picture]:
    expired, cancelled, failed, complete = portal.manage("shell", "-v0", "-c", ENDED).split()
    yield Picture("export-complete", f"/exports/{complete}")
    yield Picture("export-activity", f"/exports/{complete}", act=lambda page: page.get_by_text("Activity").click())
    yield Picture("export-expired", f"/exports/{expired}")
    yield Picture("export-cancelled", f"/exports/{cancelled}")
    yield Picture("export-failed", f"/exports/{failed}")
    yield Picture("file-expired", f"/exports/{expired}/file", status=410)
    yield Picture("method-refused", f"/exports/{expired}/rerun", status=405)
    waiting = portal.manage("shell", "-v0", "-c", WAITING).strip()
    yield Picture("export-waiting", f"/exports/{waiting}")
    yield Picture("file-not-ready", f"/exports/{waiting}/file", status=409)
    portal.manage("shell", "-v0", "-c", RUNNING)
    yield Picture("export-running", f"/exports/{waiting}")
    yield Picture(
        "export-cancel-asked", f"/exports/{waiting}", act=lambda page: page.get_by_text("Cancel export…").click()
    )
    yield Picture("archive-while-running", "/?projects=HARBOR")
    yield Picture("history", "/exports/")
    yield Picture("history-filtered", "/exports/?state=expired")
    yield Picture("already-running", f"/exports/{complete}", act=_run_again)
    portal.manage("shell", "-v0", "-c", CANCELLING)
    yield Picture("export-cancelling", f"/exports/{waiting}")
    portal.manage("shell", "-v0", "-c", ENDING)


def _imports(portal: RunningPortal) -> Iterator[Picture]:
    complete, failed, waiting = portal.manage("shell", "-v0", "-c", IMPORTS).split()
    yield Picture("imports", "/imports/")
    yield Picture("imports-wrong", "/imports/", act=_import_wrongly)
    yield Picture("import-complete", f"/imports/{complete}")
    yield Picture("import-failed", f"/imports/{failed}")
    yield Picture("import-waiting", f"/imports/{waiting}")


class Visitor:
    """Opens pictures in one browser. Each person signs in once."""

    def __init__(self, browser: Browser, portal: RunningPortal) -> None:
        self.browser = browser
        self.portal = portal
        self.complaints: list[str] = []
        self._pages: dict[str, Page] = {}

    def open(self, picture: Picture) -> Page:
        """The picture's page in its state, 1280 px wide, in the light color scheme."""
        page = self._pages.get(picture.person) or self._sign_in(picture.person)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="light")
        response = page.goto(self.portal.url + picture.path)
        assert response
        assert response.status == picture.status, picture.name
        if picture.act:
            picture.act(page)
        return page

    def _sign_in(self, person: str) -> Page:
        page = self._pages[person] = self.browser.new_context(reduced_motion="reduce").new_page()
        page.on("console", lambda message: self._note(page, message.type, message.text))
        page.on("pageerror", lambda error: self._note(page, "error", str(error)))
        if person:
            page.goto(f"{self.portal.url}/sign-in")
            page.get_by_label("Email").fill(f"{person}@example.com")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        return page

    def _note(self, page: Page, kind: str, text: str) -> None:
        """Collect errors and warnings. The browser also logs each page with an error status, which is not a problem."""
        is_error_page = "the server responded with a status of" in text and "/static/" not in text
        if kind in {"error", "warning"} and not is_error_page:
            self.complaints.append(f"{page.url}: {text}")


def _sign_in_wrongly(page: Page) -> None:
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()


def _ask_for_a_reset(page: Page) -> None:
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_role("button", name="Send link").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()


def _send_an_expired_form(page: Page) -> None:
    page.context.clear_cookies()
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="This page expired. Reload and try again.")).to_be_visible()


def _import_wrongly(page: Page) -> None:
    page.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"Issue key\nA-1\n"})
    page.get_by_text("Import options").click()
    page.get_by_label("Time zone").fill("Mars/Olympus")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".field-error").first).to_be_visible()


def _type_a_name(page: Page) -> None:
    page.get_by_role("combobox", name="Reporter").press_sequentially("ann")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def _choose_what_to_include(page: Page) -> None:
    page.get_by_text("Also include comments").click()
    page.get_by_label("Comments").check()
    page.get_by_label("Work logs").check()


def _open_the_table(page: Page) -> None:
    page.get_by_text("View as table").click()


def _change_password_wrongly(page: Page) -> None:
    for name in ("oldpassword", "password1", "password2"):
        page.locator(f"[name={name}]").fill("short")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("This password is too short")).to_be_visible()


def _create_a_token(page: Page) -> None:
    page.get_by_label("Name").fill("Nightly export")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_label("Token", exact=True)).to_be_visible()


def _register_an_application(page: Page) -> None:
    page.get_by_label("Name").fill("Dashboard")
    page.get_by_label("Redirect URIs").fill("https://dashboard.example.com/back")
    page.get_by_role("button", name="Register application").click()
    expect(page.get_by_label("Client secret")).to_be_visible()


def _run_again(page: Page) -> None:
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_role("heading", name="Another export is running")).to_be_visible()
