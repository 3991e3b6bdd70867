"""The commands create_admin and create_api_token."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.authentication import ApiTokenAuthentication
from accounts.models import ApiToken, User

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output, stderr=io.StringIO())
    return output.getvalue()


@pytest.fixture(autouse=True)
def no_password_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)


def test_it_works() -> None:
    output = run("create_admin", "Eve@Example.com")
    user = User.objects.get(email="eve@example.com")
    assert (user.roles, user.is_staff, user.is_superuser, user.is_admin) == ({"site-admin"}, True, True, True)
    assert user.check_password(output.strip().rpartition(" ")[2])


def test_a_jira_admin_cannot_open_admin() -> None:
    run("create_admin", "eve@example.com", "--role", "jira-admin")
    user = User.objects.get()
    assert (user.roles, user.is_staff, user.is_admin) == ({"jira-admin"}, False, True)


def test_a_suspended_user_is_restored() -> None:
    run("create_admin", "eve@example.com", "--role", "jira-admin")
    User.objects.update(is_active=False)
    assert run("create_admin", "eve@example.com") == "eve@example.com is Site admin, Jira admin.\n"


def test_djangos_own_command_creates_a_site_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long way to tipperary")
    run("createsuperuser", "--no-input", "--email", "eve@example.com")
    user = User.objects.get()
    assert (user.roles, user.check_password("a long way to tipperary")) == ({"site-admin"}, True)


def test_the_password_must_be_changed_unless_it_is_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    run("create_admin", "eve@example.com")
    assert User.objects.get().must_change_password
    User.objects.update(must_change_password=False)
    run("create_admin", "eve@example.com")  # no new password
    assert not User.objects.get().must_change_password
    monkeypatch.setenv("ADMIN_PASSWORD", "a long way to tipperary")
    run("create_admin", "eve@example.com")
    assert User.objects.get().must_change_password
    run("create_admin", "eve@example.com", "--keep-password")
    assert not User.objects.get().must_change_password


def test_running_it_again_does_not_change_the_password() -> None:
    run("create_admin", "eve@example.com")
    before = User.objects.get().password
    assert "Password" not in run("create_admin", "eve@example.com")
    assert User.objects.get().password == before


def test_the_password_is_read_from_the_environment_and_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "a long way to tipperary")
    assert "tipperary" not in run("create_admin", "eve@example.com")
    assert User.objects.get().check_password("a long way to tipperary")


@pytest.mark.parametrize(("email", "password"), [("nonsense", "a long way to tipperary"), ("eve@example.com", "12345")])
def test_an_invalid_email_or_weak_password_is_refused(
    monkeypatch: pytest.MonkeyPatch, email: str, password: str
) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    with pytest.raises(CommandError):
        run("create_admin", email)
    assert not User.objects.exists()


def test_the_token_is_the_last_line_and_only_its_hash_is_stored(alice: User) -> None:
    token = run("create_api_token", "alice@example.com", "--name", "scripts").splitlines()[-1]
    secret = token.partition(".")[2]
    row: Any = ApiToken.objects.get()
    assert not any(secret in str(value) for value in vars(row).values())
    assert ApiTokenAuthentication().authenticate_credentials("alice@example.com", token) == (alice, row)


def test_a_new_token_replaces_the_one_of_the_same_name(alice: User) -> None:
    tokens = [run("create_api_token", "alice@example.com", "--name", "scripts").splitlines()[-1] for _ in range(2)]
    assert [ApiToken.objects.is_valid(token) for token in tokens] == [False, True]


def test_a_token_needs_a_user_with_a_role(dave: User) -> None:
    with pytest.raises(CommandError, match=r"dave@example\.com: No role\. Only Jira admins"):
        run("create_api_token", "dave@example.com", "--name", "scripts")


@pytest.mark.parametrize(("email", "name"), [("nobody@example.com", "x"), ("alice@example.com", "x" * 51)])
def test_a_token_needs_an_active_user_and_a_short_name(alice: User, email: str, name: str) -> None:
    with pytest.raises(CommandError):
        run("create_api_token", email, "--name", name)
