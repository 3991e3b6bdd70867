"""Second factors: authenticator apps and recovery codes, who must have one, and what the database knows of them."""

import json
import re
import time
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.exceptions import InvalidTag
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditEvent, FailedAttempts, Session, User
from tests.conftest import PASSWORD
from tests.rest_client import ClientOf

pytestmark = pytest.mark.django_db


def code_of(secret: str, periods_ago: int = 0) -> str:
    """What an authenticator app with this key shows, or showed. It will show it for at least three seconds."""
    left = 30 - time.time() % 30
    if left < 3:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 - periods_ago))


def sign_in(user: User, client: Client | None = None) -> Client:
    client = client or Client()
    client.post("/sign-in", {"login": user.email, "password": PASSWORD})
    return client


def add_app(browser: Client) -> tuple[str, list[str]]:
    """The app's key, and the recovery codes that are shown once."""
    page = browser.get("/account/second-factor/app").content.decode()
    key = re.search(r'id="app-key"[^>]* value="([A-Z2-7]+)"', page)
    assert key, page
    page = browser.post("/account/second-factor/app", {"code": code_of(key[1])}, follow=True).content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", page)
    assert len(codes) == 10, page
    return key[1], codes


def next_period() -> None:
    """Forget which codes were used, as if 30 seconds had passed."""
    Authenticator.objects.update(last_used_at=None)


@pytest.fixture
def protected(bob: User) -> tuple[User, str, list[str]]:
    """Bob with an authenticator app: its key, and his recovery codes."""
    return (bob, *add_app(sign_in(bob)))


def is_signed_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def test_it_works(protected: tuple[User, str, list[str]]) -> None:
    bob, key, _ = protected
    browser = Client()
    response = browser.post("/sign-in", {"login": bob.email, "password": PASSWORD, "next": "/exports/"})
    assert response["Location"] == "/sign-in/second-factor"
    assert not is_signed_in(browser)
    assert browser.post("/sign-in/second-factor", {"code": "000000"}).status_code == 200
    assert not is_signed_in(browser)
    assert browser.post("/sign-in/second-factor", {"code": code_of(key)})["Location"] == "/exports/"
    assert is_signed_in(browser)


def test_nothing_opens_before_the_second_step(protected: tuple[User, str, list[str]]) -> None:
    browser = sign_in(protected[0])
    for path in ("/", "/account/second-factor", "/account/tokens", "/rest/api/3/task/1", "/admin/"):
        assert browser.get(path).status_code in {302, 401}, path
    assert browser.get("/sign-in")["Location"] == "/sign-in/second-factor"
    browser.post("/sign-out")
    assert browser.get("/sign-in").status_code == 200


def test_a_code_works_once_in_any_process(protected: tuple[User, str, list[str]]) -> None:
    from django.core.cache import cache

    bob, key, _ = protected
    code = code_of(key)
    assert sign_in(bob).post("/sign-in/second-factor", {"code": code}).status_code == 302
    cache.clear()  # another process has another one
    again = sign_in(bob)
    assert again.post("/sign-in/second-factor", {"code": code}).status_code == 200
    assert not is_signed_in(again)


def test_a_code_of_another_period_is_refused(protected: tuple[User, str, list[str]]) -> None:
    bob, key, _ = protected
    for periods_ago in (-2, 2):
        browser = sign_in(bob)
        browser.post("/sign-in/second-factor", {"code": code_of(key, periods_ago)})
        assert not is_signed_in(browser)


def test_a_recovery_code_works_once(protected: tuple[User, str, list[str]]) -> None:
    bob, _, codes = protected
    for code, is_in in ((codes[3], True), (codes[3], False), (codes[4], True)):
        browser = sign_in(bob)
        browser.post("/sign-in/second-factor", {"code": code})
        assert is_signed_in(browser) == is_in


def test_recovery_codes_are_shown_once_and_replaced(protected: tuple[User, str, list[str]]) -> None:
    bob, key, codes = protected
    browser = sign_in(bob)
    browser.post("/sign-in/second-factor", {"code": code_of(key)})
    page = browser.get("/account/second-factor/codes").content.decode()
    assert "can&#x27;t be shown again" in page or "can't be shown again" in page
    assert codes[0] not in page
    page = browser.post("/account/second-factor/codes/new", follow=True).content.decode()
    fresh = re.findall(r"<code>(\d{8})</code>", page)
    assert len(fresh) == 10
    assert set(fresh) != set(codes)
    old = sign_in(bob)
    old.post("/sign-in/second-factor", {"code": next(code for code in codes if code not in fresh)})
    assert not is_signed_in(old)


def test_guessing_codes_is_limited_for_the_account(protected: tuple[User, str, list[str]]) -> None:
    bob, key, _ = protected
    statuses = []
    for n in range(11):  # each with a sign-in of its own, from another address
        browser = Client(REMOTE_ADDR=f"10.0.0.{n}")
        sign_in(bob, browser)
        statuses.append(browser.post("/sign-in/second-factor", {"code": f"{n:06}"}).status_code)
    assert statuses == [200] * 10 + [429]
    browser = sign_in(bob, Client(REMOTE_ADDR="10.0.0.99"))
    assert browser.post("/sign-in/second-factor", {"code": code_of(key)}).status_code == 429
    assert FailedAttempts.objects.filter(key__startswith="code account").exists()


def test_the_database_holds_neither_the_key_nor_the_codes(protected: tuple[User, str, list[str]]) -> None:
    _, key, codes = protected
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert key not in stored
    assert not any(code in stored for code in codes)
    assert '"seed"' not in stored


def test_second_factors_survive_a_new_secret_key(protected: tuple[User, str, list[str]], settings: Any) -> None:
    bob, key, _ = protected
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another " * 10
    browser = sign_in(bob)
    browser.post("/sign-in/second-factor", {"code": code_of(key)})
    assert is_signed_in(browser)


def test_without_the_earlier_key_the_page_says_whom_to_ask(
    protected: tuple[User, str, list[str]], settings: Any
) -> None:
    bob, key, codes = protected
    settings.SECRET_KEY = "another " * 10
    browser = sign_in(bob)
    for code in (code_of(key), codes[0]):
        answer = browser.post("/sign-in/second-factor", {"code": code})
        assert answer.status_code == 200
        assert "Ask a site admin to remove your second factors." in answer.content.decode()
    assert not is_signed_in(browser)


def test_what_was_changed_in_the_database_is_no_key(protected: tuple[User, str, list[str]]) -> None:
    encrypted = get_adapter().encrypt("secret")
    assert get_adapter().decrypt(encrypted) == "secret"
    assert get_adapter().encrypt("secret") != encrypted
    changed = encrypted[:-4] + "AAA="
    with pytest.raises(InvalidTag):
        get_adapter().decrypt(changed)


def test_a_password_reset_does_not_replace_the_second_factor(
    protected: tuple[User, str, list[str]], mailoutbox: Any, run_queue: Any
) -> None:
    bob, key, _ = protected
    client = Client()
    client.post("/sign-in/reset", {"email": bob.email})
    run_queue()
    link = re.findall(r"http://localhost:8000(/sign-in/reset/\S+)", mailoutbox[-1].body)[0]
    page = client.get(link)["Location"]
    new = "another horse, another staple"
    client.post(page, {"password1": new, "password2": new})
    assert not is_signed_in(client)
    answer = client.post("/sign-in", {"login": bob.email, "password": new})
    assert answer["Location"] == "/sign-in/second-factor"
    assert not is_signed_in(client)
    client.post("/sign-in/second-factor", {"code": code_of(key)})
    assert is_signed_in(client)


def test_removing_the_last_factor_removes_the_codes_too(protected: tuple[User, str, list[str]]) -> None:
    bob, key, _ = protected
    browser = sign_in(bob)
    browser.post("/sign-in/second-factor", {"code": code_of(key)})
    assert browser.post("/account/second-factor/app/remove")["Location"] == "/account/second-factor"
    assert not Authenticator.objects.exists()
    assert is_signed_in(sign_in(bob))


@pytest.mark.django_db(transaction=True)
def test_changes_are_noticed_by_email_and_in_the_audit_trail(
    protected: tuple[User, str, list[str]], mailoutbox: Any, run_queue: Any
) -> None:
    bob, key, codes = protected
    run_queue()
    assert [mail.subject for mail in mailoutbox] == ["Your account has a new second factor · Archive Export Portal"]
    browser = sign_in(bob)
    browser.post("/sign-in/second-factor", {"code": "000000"})
    browser.post("/sign-in/second-factor", {"code": code_of(key)})
    events = list(AuditEvent.objects.order_by("pk").values_list("action", "outcome", "details"))
    assert events == [
        ("person.created", "ok", {}),
        ("session.started", "ok", {"method": "password"}),
        ("second_factor.added", "ok", {"kind": "authenticator app"}),
        ("second_factor.added", "ok", {"kind": "recovery codes"}),
        ("session.started", "refused", {"method": "totp", "reason": "wrong code"}),
        ("session.started", "ok", {"method": "password + totp"}),
    ]
    assert not any(key in str(event) or codes[0] in str(event) for event in events)


@pytest.mark.parametrize(
    ("setting", "person", "is_led"),
    [
        ("off", "alice", False),
        ("admins", "alice", True),
        ("admins", "bob", True),
        ("admins", "carol", False),
        ("admins", "dave", False),
        ("everyone", "dave", True),
    ],
)
def test_a_site_may_demand_a_second_factor(
    request: Any, settings: Any, setting: str, person: str, is_led: bool
) -> None:
    settings.MFA_REQUIRED = setting
    browser = sign_in(request.getfixturevalue(person))
    for path in ("/account", "/account/tokens", "/oauth/authorize", "/account/sessions"):
        assert (browser.get(path).get("Location") == "/account/second-factor") == is_led, path


def test_after_adding_one_everything_works(bob: User, settings: Any, client_of: ClientOf) -> None:
    settings.MFA_REQUIRED = "everyone"
    browser = sign_in(bob)
    answer = browser.get("/rest/api/3/task/1")
    assert (answer.status_code, "Add a second factor" in answer.json()["errorMessages"][0]) == (403, True)
    assert client_of(bob).get("/rest/api/3/task/1").status_code == 404  # tokens are not affected
    assert "asks you for a second factor" in browser.get("/account/second-factor").content.decode()
    add_app(browser)
    assert browser.get("/exports/").status_code == 200
    assert browser.get("/account/tokens").status_code == 200


def test_without_one_no_token_can_be_created(bob: User, settings: Any) -> None:
    settings.MFA_REQUIRED = "admins"
    browser = sign_in(bob)
    form = {"name": "cron", "days": "30", "scopes": ["read:jira-work"]}
    assert browser.post("/account/tokens", form)["Location"] == "/account/second-factor"
    assert not bob.api_tokens.exists()


def test_a_new_password_comes_before_the_second_factor(bob: User, settings: Any) -> None:
    settings.MFA_REQUIRED = "everyone"
    User.objects.update(must_change_password=True)
    assert sign_in(bob).get("/")["Location"] == "/account/password"


def test_a_site_admin_helps_someone_who_has_lost_theirs(protected: tuple[User, str, list[str]], alice: User) -> None:
    bob, key, _ = protected
    browser = sign_in(bob)
    browser.post("/sign-in/second-factor", {"code": code_of(key)})
    admin = sign_in(alice)
    form = {"action": "remove_second_factors", "_selected_action": [bob.pk]}
    text = admin.post("/admin/accounts/user/", form, follow=True).content.decode()
    assert "Second factors removed: bob@example.com" in text
    assert not is_signed_in(browser)
    assert not Session.objects.filter(user=bob).exists()
    assert is_signed_in(sign_in(bob))


def test_an_operator_helps_the_last_site_admin(protected: tuple[User, str, list[str]]) -> None:
    bob, _, _ = protected
    output = StringIO()
    call_command("remove_second_factors", " Bob@Example.com", stdout=output)
    call_command("remove_second_factors", bob.email, stdout=output)
    assert output.getvalue().splitlines() == [
        "bob@example.com has no second factor any more.",
        "bob@example.com had no second factor.",
    ]
    with pytest.raises(CommandError):
        call_command("remove_second_factors", "nobody@example.com")


def test_admin_does_not_show_second_factors(alice: User) -> None:
    admin = sign_in(alice)
    assert admin.get("/admin/mfa/authenticator/").status_code == 404


def forged(**response: str) -> str:
    """Of the form that the standard prescribes."""
    return json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": response})


@pytest.mark.parametrize(
    "credential",
    [
        *("", "{}", "null", "[]", "7", "x", '{"id": "x"}', '{"response": {"userHandle": "MQ"}}', '{"response": "x"}'),
        forged(clientDataJSON="eA"),
        forged(clientDataJSON="e30", authenticatorData="eA", signature="eA", userHandle="MQ"),
        forged(clientDataJSON="e30", authenticatorData="A" * 60, signature="eA", userHandle="MQ"),
        forged(clientDataJSON="e30", authenticatorData="A" * 60, signature="eA", userHandle="////"),
    ],
)
def test_a_forged_passkey_is_refused(bob: User, credential: str) -> None:
    browser = Client()
    assert "challenge" in str(browser.get("/sign-in/passkey").json())
    assert browser.post("/sign-in/passkey", {"credential": credential}).status_code == 302
    assert not is_signed_in(browser)


def test_an_address_begins_few_sign_ins_by_passkey() -> None:
    statuses = [Client().get("/sign-in/passkey").status_code for _ in range(51)]
    assert statuses == [200] * 50 + [429]


def test_another_users_second_step_is_not_shared(protected: tuple[User, str, list[str]], dave: User) -> None:
    """Dave's own app does not complete bob's sign-in."""
    bob, _, _ = protected
    key, _ = add_app(sign_in(dave))
    browser = sign_in(bob)
    browser.post("/sign-in/second-factor", {"code": code_of(key)})
    assert not is_signed_in(browser)
