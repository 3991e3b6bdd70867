"""The documentation covers all settings, commands, endpoints, errors and columns, and the README stays short."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from archive.columns import COLUMNS
from exports import errors
from jobs.leased import JobStatus
from portal.variables import GROUPS

DOCS: Path = settings.BASE_DIR / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def settings_read() -> list[str]:
    source = (settings.BASE_DIR / "portal" / "settings.py").read_text() + (
        settings.BASE_DIR / "gunicorn.conf.py"
    ).read_text()
    names = re.findall(r"""(?:env\.\w+|environ\.get)\(\s*["\']([A-Z_]+)["\']""", source)
    assert len(names) > 15
    return sorted(set(names))


def commands() -> list[str]:
    found = sorted(
        path.stem
        for app in ("accounts", "archive", "exports", "imports", "jobs")
        for path in (settings.BASE_DIR / app / "management" / "commands").glob("[a-z]*.py")
    )
    assert "run_worker" in found
    return found


def rest_paths() -> list[str]:
    """Every route of the REST API in version 3, with `{name}` for parameters."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[str]:
        found = []
        for entry in patterns:
            route = prefix + str(entry.pattern)
            found += walk(entry.url_patterns, route) if isinstance(entry, URLResolver) else [route]
        return found

    found = []
    for route in walk(get_resolver().url_patterns):
        if route.startswith("rest/api"):
            path = route.replace("<jira_version:version>", "3")
            found.append("/" + re.sub(r"<\w+:task_id>", "{taskId}", path))
    assert "/rest/api/3/task/{taskId}" in found
    assert len(found) >= 3
    return found


@pytest.mark.parametrize("name", settings_read())
def test_every_setting_is_described(name: str) -> None:
    assert f"| `{name}` |" in page("settings.md")


@pytest.mark.parametrize("name", re.findall(r"^\| `([A-Z_]+)` \|", page("settings.md"), re.MULTILINE))
def test_every_described_setting_is_read(name: str) -> None:
    assert name in settings_read()


def test_every_declared_setting_is_read() -> None:
    declared = [variable.name for group in GROUPS for variable in group.variables]
    assert len(declared) == len(set(declared))
    patterns = {name for name in declared if "…" in name}
    assert set(declared) - patterns == set(settings_read())


@pytest.mark.parametrize("name", commands())
def test_every_command_is_described(name: str) -> None:
    assert re.search(rf"^\| `{name}[ `]", page("commands.md"), re.MULTILINE)


@pytest.mark.parametrize("path", rest_paths())
def test_every_endpoint_is_described(path: str) -> None:
    assert f"{path}`" in page("rest.md")


@pytest.mark.parametrize("status", JobStatus.values)
def test_every_status_is_described(status: str) -> None:
    assert f"`{status}`" in page("rest.md")


def test_every_error_status_is_described() -> None:
    statuses = {
        error.status
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.ExportError)
    } - {500}
    assert statuses >= {400, 403, 404, 409, 410, 412}
    assert [status for status in statuses if str(status) not in page("rest.md")] == []


def test_the_columns_are_listed_in_order() -> None:
    headings = ", ".join(column.heading for column in COLUMNS)
    assert headings in page("csv.md").replace("\n", " ")


def test_every_argument_of_a_command_is_described() -> None:
    assert re.findall(r"^\| `([^`]+)` \| +\|$", page("commands.md"), re.MULTILINE) == []


def test_the_readme_is_short() -> None:
    lines = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120


def test_the_generated_pages_are_up_to_date() -> None:
    command = [sys.executable, "scripts/generate_docs.py", "--check"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
