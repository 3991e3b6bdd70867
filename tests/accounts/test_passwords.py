"""Which passwords are refused, how they are stored, and first passwords that must be changed."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

NEW = "another horse, another staple"


@pytest.mark.parametrize(
    "password",
    [
        "83920174",
        "Winter2026",
        "archiveexport",
        "WinterWinter2026",
        "archive-export-portal",
        "Jira-Archive-2026",
        "passwordpassword",
        "PasswordPassword1!",
        "123456789012",
        "qwertyuiop123",
        "iloveyouforever",
        "alice@example.com1",
        "Archer-Alice-2026",
        "localhost12345",
        "x" * 100_000,
        "hunter2hunter2hunter2",
    ],
)
def test_passwords_that_are_easy_to_guess_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(email="alice@example.com", name="Alice Archer"))


@pytest.mark.parametrize(
    "password",
    [PASSWORD, NEW, "zebra teapot cloud", "vk8pql2mzx9w", "my archive opens at dawn", "ﬁvë wörds ïn ünicode"],
)
def test_there_are_no_rules_of_composition(password: str) -> None:
    validate_password(password, User(email="alice@example.com", name="Alice Archer"))


@pytest.mark.parametrize(("password", "is_accepted"), [("vk8pql2mzx9", False), ("vk8pql2mzx9w", True)])
def test_twelve_characters_are_enough(client: Client, bob: User, password: str, is_accepted: bool) -> None:
    client.force_login(bob)
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert (client.post("/account/password", form).status_code == 302) == is_accepted
    assert ("too short" in client.post("/account/password", form).content.decode()) != is_accepted


@pytest.fixture
def real_hashers(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2Hasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]


def test_passwords_are_hashed_with_argon2(real_hashers: None, bob: User) -> None:
    assert bob.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_older_hash_still_opens_the_account_and_is_replaced(real_hashers: None, bob: User) -> None:
    User.objects.update(password=PBKDF2PasswordHasher().encode(PASSWORD, "salt"))
    assert Client().post("/sign-in", {"login": bob.email, "password": PASSWORD}).status_code == 302
    bob.refresh_from_db()
    assert identify_hasher(bob.password).algorithm == "argon2"


@pytest.mark.parametrize(
    "password", ["  Two Spaces, Three Words ", "pässwörter gehören nicht ﬁxiert", "long words " * 20 + "end"]
)
def test_a_password_counts_exactly_as_it_was_typed(bob: User, password: str) -> None:
    client = Client()
    client.force_login(bob)
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert client.post("/account/password", form).status_code == 302
    for other in (password.swapcase(), password[:-1], password + " ", password.strip() + "x"):
        assert Client().post("/sign-in", {"login": bob.email, "password": other}).status_code == 200
    assert Client().post("/sign-in", {"login": bob.email, "password": password}).status_code == 302


def test_fields_of_passwords_hide_them_and_take_those_of_password_managers(client: Client, bob: User) -> None:
    pages = [client.get("/sign-in").content.decode()]
    client.force_login(bob)
    pages.append(client.get("/account/password").content.decode())
    fields = re.findall(r'<input[^>]+name="(?:old)?password[12]?"[^>]*>', "".join(pages))
    assert len(fields) == 4
    for field in fields:
        assert 'type="password"' in field
        assert re.search('autocomplete="(current|new)-password"', field)
        assert "maxlength" not in field


@pytest.fixture
def newcomer(alice: User) -> User:
    """Frank, whom alice has just created in Admin."""
    admin = Client()
    admin.force_login(alice)
    form = {"email": "frank@example.com", "name": "Frank", "given_roles": ["jira-admin"], "usable_password": "true"}
    admin.post("/admin/accounts/user/add/", form | {"password1": PASSWORD, "password2": PASSWORD})
    return User.objects.get(email="frank@example.com")


def test_a_first_password_must_be_changed_before_anything_else(client: Client, newcomer: User) -> None:
    client.post("/sign-in", {"login": newcomer.email, "password": PASSWORD})
    for path in ("/", "/exports/", "/account", "/account/tokens", "/issues/FOO-1", "/nowhere-else/"):
        response = client.get(path)
        assert (response.status_code, response.get("Location")) in [(302, "/account/password"), (404, None)], path
    page = client.get("/account/password")
    assert "Someone else knows the one you have" in page.content.decode()
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/account/password", form)["Location"] == "/account"
    assert client.get("/exports/").status_code == 200
    newcomer.refresh_from_db()
    assert not newcomer.must_change_password


def test_the_first_password_is_no_new_one(client: Client, newcomer: User) -> None:
    client.force_login(newcomer)
    form = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    assert "differs from the current one" in client.post("/account/password", form).content.decode()
    newcomer.refresh_from_db()
    assert newcomer.must_change_password


def test_rest_requests_of_the_session_are_refused_until_then(client: Client, newcomer: User, client_of: Any) -> None:
    client.force_login(newcomer)
    answer = client.get("/rest/api/3/task/1")
    assert answer.status_code == 403
    assert answer.json()["errorMessages"] == ["Change your password first: someone else chose the one you have."]
    assert client_of(newcomer).get("/rest/api/3/task/1").status_code == 404  # a token is not affected


def test_a_fragment_leads_to_the_page(client: Client, newcomer: User) -> None:
    client.force_login(newcomer)
    response = client.get("/exports/running", headers={"hx-request": "true"})
    assert (response["HX-Refresh"], response.content) == ("true", b"")


def test_whoever_must_change_the_password_may_still_sign_out(client: Client, newcomer: User) -> None:
    client.force_login(newcomer)
    assert client.post("/sign-out")["Location"] == "/sign-in"


def test_a_password_that_a_site_admin_sets_must_be_changed(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    form = {"usable_password": "true", "password1": NEW, "password2": NEW}
    assert client.post(f"/admin/accounts/user/{bob.pk}/password/", form).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(NEW)
    assert bob.must_change_password


def test_admin_has_no_way_of_its_own_to_change_the_password(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get("/admin/password_change/")["Location"] == "/account/password"


def test_guessing_the_current_password_of_an_open_session_is_limited(client: Client, bob: User) -> None:
    client.force_login(bob)
    form = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    statuses = [client.post("/account/password", form).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_a_change_is_noticed_by_email(client: Client, bob: User, mailoutbox: Any, run_queue: Any) -> None:
    client.force_login(bob)
    client.post("/account/password", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert mailoutbox == []  # a worker sends it
    run_queue()
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["bob@example.com"], "Your password was changed · Archive Export Portal")
    ]
    assert "127.0.0.1" in mailoutbox[0].body
    assert NEW not in html.unescape(mailoutbox[0].body)
