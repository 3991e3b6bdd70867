"""A database of an earlier release migrates to this one, and an export of it has the same bytes.

`make upgrade-dump` keeps such a database for each release, as SQL for both database systems, and the CSV of its
archive.
"""

import re
import sqlite3
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.running import RunningPortal, is_sqlite, new_database

pytestmark = pytest.mark.processes

HERE = Path(__file__).parent
RELEASES = sorted(path.stem for path in HERE.glob("*.csv"))
EXPORT = """
import sys
from pathlib import Path
from archive.filters import IssueFilter
from exports.builder import build
from exports.storage import PartFile
part = PartFile(Path("{path}"))
build(IssueFilter().issues(), part, guard=True, report=lambda *_: None)
"""
USED = """
from accounts.models import ApiToken, User
from archive.models import ArchivedIssue
from exports.models import ExportJob, Mail
from imports.models import ImportJob
for model in (User, ApiToken, ArchivedIssue, ExportJob, Mail, ImportJob):
    print(model.objects.count())
alice = User.objects.get()
print(ExportJob.objects.get().status, ImportJob.objects.get().status, alice.email, *alice.roles)
"""
FOUND = """
from archive.filters import IssueFilter
from archive.models import IssueWords
print(IssueWords.objects.count(), *IssueFilter(text='"nightly backup shows" HARBOR-1').issues())
"""
# People of 0.2.0: email, is_superuser, is_staff, role, and whether they are reviewers and have import access, the last
# either themselves or as members of a group. Then their roles now.
PEOPLE = [
    ("superuser", True, True, "", "", ["site-admin"]),
    ("both", True, True, "site-admin", "reviewer import", ["site-admin"]),
    ("site-admin", False, False, "site-admin", "", ["jira-admin"]),
    ("jira-admin", False, False, "jira-admin", "", ["jira-admin"]),
    ("staff", False, True, "", "", []),
    ("reviewer", False, True, "", "reviewer", ["reviewer"]),
    ("not-staff", False, False, "", "reviewer import group", []),
    ("importer", False, True, "jira-admin", "import", ["importer", "jira-admin"]),
    ("in-group", False, True, "", "group import reviewer", ["importer", "reviewer"]),
    ("nobody", False, False, "", "", []),
]
ADD_PERSON = """
INSERT INTO accounts_user (id, password, is_superuser, email, name, role, time_zone, is_staff, is_active, date_joined)
VALUES ({id}, '', {is_superuser}, '{name}@example.com', '', '{role}', '', {is_staff}, TRUE, '2026-01-01 00:00:00');
"""
IMPORT_PERMISSION = "(SELECT id FROM auth_permission WHERE codename = 'add_importjob')"
ADD_GROUP = f"""
INSERT INTO auth_group (id, name) VALUES (77, 'Importers');
INSERT INTO auth_group_permissions (id, group_id, permission_id) VALUES (77, 77, {IMPORT_PERMISSION});
"""
ADD_RIGHT = {
    "reviewer": "INSERT INTO accounts_user_groups (id, user_id, group_id) SELECT {id}, {id}, id FROM auth_group "
    "WHERE name = 'Export reviewers';",
    "import": f"INSERT INTO accounts_user_user_permissions (id, user_id, permission_id) VALUES ({{id}}, {{id}}, "
    f"{IMPORT_PERMISSION});",
    "group": "INSERT INTO accounts_user_groups (id, user_id, group_id) VALUES ({id} + 500, {id}, 77);",
}
NOW = "'2026-01-09 00:00:00'"
CLIENT = f"""
INSERT INTO oauth2_provider_application (id, redirect_uris, client_type, authorization_grant_type, client_secret, name,
    user_id, skip_authorization, created, updated, algorithm, post_logout_redirect_uris, hash_client_secret,
    allowed_origins, registration_source, client_id)
VALUES (9, 'https://a.test/', 'public', 'authorization-code', 'x', 'App', 1, FALSE, {NOW}, {NOW}, '', '', TRUE, '',
    'admin', 'app');
INSERT INTO oauth2_provider_accesstoken (id, token, expires, scope, application_id, user_id, created, updated,
    token_checksum, resource)
VALUES (9, '', {NOW}, 'read:jira-work', 9, 1, {NOW}, {NOW}, 'a', '[]');
INSERT INTO oauth2_provider_refreshtoken (id, token, access_token_id, application_id, user_id, created, updated,
    revoked, token_family, token_checksum, resource)
VALUES (8, '', NULL, 9, 1, '2026-01-05 00:00:00', {NOW}, {NOW}, '0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f', 'r1', '[]'),
    (9, '', 9, 9, 1, {NOW}, {NOW}, NULL, '0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f', 'r2', '[]');
"""
CREDENTIALS = """
from accounts.models import ApiToken, ApplicationScopes, Consent
print(ApiToken.objects.get().scope)
print(ApplicationScopes.objects.get().scope)
consent = Consent.objects.get()
print(consent.user.email, consent.scope, consent.given_at.date(), consent.expires_at.date())
"""
ROLES = """
from accounts.models import User
for user in User.objects.filter(pk__gte=100).order_by("pk"):
    print(user.email.partition("@")[0], *sorted(user.roles))
"""


def load(release: str, url: str) -> None:
    """Fill the empty database with what the release kept."""
    vendor = "sqlite" if is_sqlite() else "postgresql"
    execute(url, (HERE / f"{release}.{vendor}.sql").read_bytes())


def execute(url: str, script: bytes) -> None:
    if is_sqlite():
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.executescript(script.decode())
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(script)


def people_script() -> str:
    lines = [ADD_GROUP]
    for number, (name, is_superuser, is_staff, role, rights, _) in enumerate(PEOPLE, 100):
        lines.append(ADD_PERSON.format(id=number, is_superuser=is_superuser, name=name, role=role, is_staff=is_staff))
        lines.extend(ADD_RIGHT[right].format(id=number) for right in rights.split())
    return "\n".join(lines)


def test_a_release_is_kept() -> None:
    """Of each release both databases, and at least the one that this version grew from."""
    assert RELEASES
    for release in RELEASES:
        assert {path.name for path in HERE.glob(f"{release}.*.sql")} == {
            f"{release}.postgresql.sql",
            f"{release}.sqlite.sql",
        }


@pytest.mark.parametrize("release", RELEASES)
def test_it_works(release: str, tmp_path: Path) -> None:
    with new_database(tmp_path) as url:
        load(release, url)
        portal = RunningPortal(tmp_path, url, "console:")
        portal.manage("migrate", "-v0")
        assert "No migrations to apply" in portal.manage("migrate")
        written = tmp_path / "export.csv"
        portal.manage("shell", "-v0", "-c", EXPORT.format(path=written))
        check_export(written, HERE / f"{release}.csv")
        counts = portal.manage("shell", "-v0", "-c", USED).split()
        found = portal.manage("shell", "-v0", "-c", FOUND).split()
    assert found == ["42", "HARBOR-1"]
    assert counts == ["1", "1", "42", "1", "1", "1", "COMPLETE", "COMPLETE", "alice@example.com", "site-admin"]


def check_export(written: Path, kept: Path) -> None:
    """The bytes are those of the release, except that the formula guard now also looks after separators."""
    content = written.read_bytes().decode()
    for text in ("\n'@alice", "\r\n''@home"):
        content = content.replace(text, text.replace("'", "", 1))
    assert content.encode() == kept.read_bytes()


def test_nobody_can_do_more_after_the_upgrade(tmp_path: Path) -> None:
    """0.2.0 stored permissions in columns and groups; now there are roles."""
    with new_database(tmp_path) as url:
        load("0.2.0", url)
        execute(url, people_script().encode())
        portal = RunningPortal(tmp_path, url, "console:")
        portal.manage("migrate", "-v0")
        lines = portal.manage("shell", "-v0", "-c", ROLES).splitlines()
        reviewers = "from django.contrib.auth.models import Group; print([group.name for group in Group.objects.all()])"
        assert portal.manage("shell", "-v0", "-c", reviewers) == "['Importers']\n"
    assert lines == [" ".join([name, *roles]) for name, *_, roles in PEOPLE]


def test_tokens_and_clients_of_before_can_do_what_they_could(tmp_path: Path) -> None:
    """In 0.2.0 tokens had all scopes without naming them, and consents were only in refresh tokens."""
    with new_database(tmp_path) as url:
        load("0.2.0", url)
        execute(url, CLIENT.encode())
        portal = RunningPortal(tmp_path, url, "console:")
        portal.manage("migrate", "-v0")
        lines = portal.manage("shell", "-v0", "-c", CREDENTIALS).splitlines()
    assert lines == [
        "read:jira-work write:jira-work",
        "read:jira-work write:jira-work",
        "alice@example.com read:jira-work 2026-01-05 2026-04-05",
    ]


def test_the_version_is_written_once() -> None:
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    assert re.findall(r'^version = "(.+)"$', text, re.MULTILINE) == [settings.VERSION]
