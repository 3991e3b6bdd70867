"""The page on OWASP ASVS is complete, names only what exists, and what it says of the source is so."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.password_validation import PRODUCT_WORDS
from portal.variables import GROUPS

ROOT: Path = settings.BASE_DIR
APPS = ("accounts", "archive", "core", "exports", "imports", "jobs", "portal")
PAGES = ("security.md", "asvs.md", "security-policies.md", "threat-model.md")
RESULTS = ("met", "operator", "partly", "not met", "n/a")
CHAPTERS = 17
# Of ASVS 5.0.0, by section: the numbers of the requirements of levels 1 and 2.
REQUIREMENTS = """
1.1 1 2 | 1.2 1 2 3 4 5 6 7 8 9 | 1.3 1 2 3 4 5 6 7 8 9 10 11 | 1.4 1 2 3 | 1.5 1 2
2.1 1 2 3 | 2.2 1 2 3 | 2.3 1 2 3 4 | 2.4 1
3.2 1 2 | 3.3 1 2 3 4 | 3.4 1 2 3 4 5 6 | 3.5 1 2 3 4 5 | 3.7 1 2
4.1 1 2 3 | 4.2 1 | 4.3 1 2 | 4.4 1 2 3 4
5.1 1 | 5.2 1 2 3 | 5.3 1 2 | 5.4 1 2 3
6.1 1 2 3 | 6.2 1 2 3 4 5 6 7 8 9 10 11 12 | 6.3 1 2 3 4 | 6.4 1 2 3 4 | 6.5 1 2 3 4 5 | 6.6 1 2 3 | 6.8 1 2 3 4
7.1 1 2 3 | 7.2 1 2 3 4 | 7.3 1 2 | 7.4 1 2 3 4 5 | 7.5 1 2 | 7.6 1 2
8.1 1 2 | 8.2 1 2 3 | 8.3 1 | 8.4 1
9.1 1 2 3 | 9.2 1 2 3 4
10.1 1 2 | 10.2 1 2 | 10.3 1 2 3 4 | 10.4 1 2 3 4 5 6 7 8 9 10 11 | 10.5 1 2 3 4 5 | 10.6 1 2 | 10.7 1 2 3
11.1 1 2 | 11.2 1 2 3 | 11.3 1 2 3 | 11.4 1 2 3 4 | 11.5 1 | 11.6 1
12.1 1 2 3 | 12.2 1 2 | 12.3 1 2 3 4
13.1 1 | 13.2 1 2 3 4 5 | 13.3 1 2 | 13.4 1 2 3 4 5
14.1 1 2 | 14.2 1 2 3 4 | 14.3 1 2 3
15.1 1 2 3 | 15.2 1 2 3 | 15.3 1 2 3 4 5 6 7
16.1 1 | 16.2 1 2 3 4 5 | 16.3 1 2 3 4 | 16.4 1 2 3 | 16.5 1 2 3
17.1 1 | 17.2 1 2 3 4 | 17.3 1 2
"""
# Modules with cryptography, besides those that only ask for random names. The inventory has what each of them does.
CRYPTOGRAPHY = {
    "accounts/audit.py",
    "accounts/consents.py",
    "accounts/hashers.py",
    "accounts/known_devices.py",
    "accounts/mfa_adapter.py",
    "accounts/oidc.py",
    "accounts/second_factor_forms.py",
    "accounts/session_store.py",
    "accounts/throttle.py",
    "exports/api/views.py",
    "exports/storage.py",
    "imports/overwritten.py",
    "imports/references.py",
}


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def expected_numbers() -> list[str]:
    found = []
    for section in re.split(r"[|\n]", REQUIREMENTS.strip()):
        prefix, *numbers = section.split()
        found += [f"{prefix}.{number}" for number in numbers]
    return found


def rows() -> Iterator[list[str]]:
    """The cells of each row about requirements: what, result, how, tests, operator."""
    for line in page("asvs.md").splitlines():
        if re.match(r"\| (\d+\.\d+\.\d+|beyond)", line):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def numbers_of(row: list[str]) -> list[str]:
    if row[0].startswith("beyond"):
        return []
    return re.findall(r"\d+\.\d+\.\d+", row[0])


def source_files() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def imported(path: Path) -> set[str]:
    """The modules that a module of the source imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def called(path: Path) -> set[str]:
    """The names of the functions and methods that a module of the source calls."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            found.add(ast.unparse(node.func))
    return found


def test_every_requirement_of_levels_1_and_2_has_one_row() -> None:
    numbers = expected_numbers()
    assert len(numbers) == 253
    listed = [number for row in rows() for number in numbers_of(row)]
    assert sorted(listed) == sorted(numbers)


def test_every_row_has_a_result_and_its_proof() -> None:
    wrong = []
    for row in rows():
        what, result, how, tests, operator = row
        needs_proof = result in {"met", "partly", "not met"}
        if result not in RESULTS or not how or (needs_proof and "::" not in tests):
            wrong.append(what)
        if result == "operator" and operator in {"", "–"}:
            wrong.append(what)
    assert wrong == []


@pytest.mark.parametrize("name", PAGES)
def test_everything_that_a_page_names_exists(name: str) -> None:
    missing = []
    for path, function in re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", page(name)):
        file = ROOT / path
        if not file.is_file():
            missing.append(path)
        elif function and f"def {function}(" not in file.read_text(encoding="utf-8"):
            missing.append(f"{path}::{function}")
    assert missing == []


@pytest.mark.parametrize("chapter", range(1, CHAPTERS + 1))
def test_the_summary_has_the_numbers_of_the_page(chapter: int) -> None:
    counts: Counter[str] = Counter()
    for row in rows():
        counts[row[1]] += sum(number.startswith(f"{chapter}.") for number in numbers_of(row))
    (shown,) = re.findall(rf"^\| \[V{chapter} [^|]+\|([\d |]+)\|$", page("security.md"), re.MULTILINE)
    assert [int(cell) for cell in shown.split("|")] == [counts[result] for result in RESULTS]


def test_the_summary_names_what_is_missing() -> None:
    missing = [number for row in rows() if row[1] in {"partly", "not met"} for number in numbers_of(row)]
    summary = page("security.md").partition("## What is not met")[2].partition("\n## ")[0]
    assert re.findall(r"^\| (\d+\.\d+\.\d+)", summary, re.MULTILINE) == missing


def test_no_module_runs_commands_or_parses_what_is_dangerous() -> None:
    modules = {"subprocess", "pty", "ldap", "ldap3", "xml", "lxml", "yaml", "marshal", "shelve", "dill", "jinja2"}
    functions = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "Template", "engines.from_string"}
    found = []
    for path in source_files():
        names = {name.partition(".")[0] for name in imported(path)}
        found += [f"{path}: {name}" for name in sorted((names & modules) | (called(path) & functions))]
    assert found == []


def test_only_single_sign_on_sends_requests() -> None:
    modules = {"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "ftplib", "telnetlib"}
    found = {path.relative_to(ROOT).as_posix() for path in source_files() if imported(path) & modules}
    assert found == {"accounts/oidc.py", "accounts/sso_adapter.py", "accounts/views_for_single_sign_on.py"}


def test_every_module_with_cryptography_is_known() -> None:
    modules = {"hashlib", "hmac", "jwt", "cryptography", "argon2", "django.utils.crypto.salted_hmac", "Crypto"}
    modules |= {"django.core.signing", "django.contrib.auth.hashers"}
    found = set()
    for path in source_files():
        names = imported(path)
        if names & modules or {name.partition(".")[0] for name in names} & modules:
            found.add(path.relative_to(ROOT).as_posix())
    assert found == CRYPTOGRAPHY


def test_scripts_write_no_html_and_keep_nothing() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "static").glob("*.js"))
    assert "addEventListener" in scripts
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "__proto__"):
        assert word not in scripts
    for word in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "postMessage", "caches."):
        assert word not in scripts
    frame = (ROOT / "templates" / "core" / "base.html").read_text(encoding="utf-8")
    assert '"allowEval":false,"allowScriptTags":false,"historyCacheSize":0' in frame


def test_cookies_are_not_sent_by_other_sites_and_not_read_by_scripts() -> None:
    assert (settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE) == ("Lax", "Lax")
    assert (settings.SESSION_COOKIE_HTTPONLY, settings.CSRF_COOKIE_HTTPONLY) == (True, True)
    assert settings.MESSAGE_STORAGE == "django.contrib.messages.storage.session.SessionStorage"  # no third cookie


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/.git/config",
        "/.env",
        "/portal/settings.py",
        "/var/secret_key",
        "/secret_key",
        "/static/",
        "/static/../portal/settings.py",
        "/static/%2e%2e/%2e%2e/.git/config",
        "/exports/../.git/config",
        "/imports/incoming/",
    ],
)
def test_no_file_of_the_project_is_served(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_documented_words_are_those_of_the_validator() -> None:
    sentence = page("security-policies.md").partition("Words that count for nothing:")[2].partition("the parts")[0]
    assert tuple(re.findall(r"`(\w+)`", sentence)) == PRODUCT_WORDS


def test_the_documented_limits_of_sessions_are_the_defaults() -> None:
    defaults = {variable.name: variable.default for group in GROUPS for variable in group.variables}
    assert f"after {defaults['SESSION_IDLE_MINUTES']} minutes | `SESSION_IDLE_MINUTES`" in page("security-policies.md")
    assert f"{defaults['SESSION_HOURS']} hours after the sign-in | `SESSION_HOURS`" in page("security-policies.md")
    assert f"{settings.ACCOUNT_REAUTHENTICATION_TIMEOUT // 60} minutes | |" in page("security-policies.md")


def test_every_package_has_a_version_and_hashes() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    packages = re.findall(r"^([a-z0-9][\w.\[\],-]*)(\S*)", text, re.MULTILINE | re.IGNORECASE)
    assert len(packages) > 30
    assert [name for name, version in packages if not version.startswith("==")] == []
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []
