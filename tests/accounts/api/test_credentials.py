"""API tokens: created, limited to scopes, revoked. Guessing tokens and passwords is slowed down."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import throttle
from accounts.models import ApiToken, FailedAttempts, User
from accounts.tokens import create_token, revoke_token, tokens_of
from tests.conftest import PASSWORD
from tests.rest_client import ClientOf, basic, put

pytestmark = pytest.mark.django_db(transaction=True)

TASK = "/rest/api/3/task/1"


def client(email: str, secret: str, **extra: str) -> APIClient:
    made = APIClient(raise_request_exception=False)
    made.credentials(HTTP_AUTHORIZATION=basic(email, secret), **extra)
    return made


def test_it_works(alice: User) -> None:
    token, secret = create_token(alice, "  nightly  ", scopes=["read:jira-work"])
    assert (token.name, token.scope, tokens_of(alice)) == ("nightly", "read:jira-work", [token])
    assert client("ALICE@example.com", secret).get(TASK).status_code == 404
    assert ApiToken.objects.get().last_used_at
    assert revoke_token(alice, token.pk)
    assert not revoke_token(alice, token.pk)
    assert client(alice.email, secret).get(TASK).status_code == 401
    assert tokens_of(alice) == []


def test_users_cannot_revoke_tokens_of_others(alice: User, bob: User) -> None:
    token, secret = create_token(alice, "hers")
    assert not revoke_token(bob, token.pk)
    assert client(alice.email, secret).get(TASK).status_code == 404


def test_a_token_allows_only_its_scopes(alice: User) -> None:
    _, secret = create_token(alice, "reads", scopes=["read:jira-work"])
    narrow = client(alice.email, secret)
    task_id = put(narrow, {}).json()["taskId"]
    answer = narrow.post(f"/rest/api/3/task/{task_id}/cancel")
    assert (answer.status_code, answer.json()["errorMessages"]) == (
        403,
        ["The token lacks the scope write:jira-work."],
    )


@pytest.mark.parametrize(
    ("scope", "statuses"), [("read:issue:jira", [202, 404, 403]), ("delete:async-task:jira", [403, 403, 404])]
)
def test_a_granular_scope_counts_as_the_classic_one_that_includes_it(
    alice: User, scope: str, statuses: list[int]
) -> None:
    _, secret = create_token(alice, "granular", scopes=[scope])
    granular = client(alice.email, secret)
    answers = [put(granular, {}), granular.get("/rest/api/3/task/0"), granular.post("/rest/api/3/task/0/cancel")]
    assert [answer.status_code for answer in answers] == statuses


def test_a_token_expires(alice: User) -> None:
    _, secret = create_token(alice, "brief", expires=timezone.now() + datetime.timedelta(days=1))
    assert client(alice.email, secret).get(TASK).status_code == 404
    ApiToken.objects.update(expiry_date=timezone.now())
    assert client(alice.email, secret).get(TASK).status_code == 401
    assert tokens_of(alice) == []


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"name": "x" * 51}, {"scopes": ["admin"]}, {"expires": timezone.now()}]
)
def test_an_invalid_token_is_not_created(alice: User, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        create_token(alice, **({"name": "fine"} | wrong))  # type: ignore[arg-type]
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("header", ["Basic", "Basic ", "Basic !!", "Basic YQ==", "Digest x", basic("a\0", "b\0.c")])
def test_a_malformed_header_is_401(header: str) -> None:
    answer = APIClient(raise_request_exception=False).get(TASK, headers={"authorization": header})
    assert (answer.status_code, answer.json()["errorMessages"]) == (401, ["User is not logged in."])


def test_guessing_is_slowed_down_per_account(alice: User) -> None:
    answers = [client(alice.email, f"wrong{n}", REMOTE_ADDR=f"10.0.0.{n}").get(TASK) for n in range(13)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 3
    assert 0 < int(answers[-1]["Retry-After"]) <= throttle.WINDOW.total_seconds()
    assert set(answers[-1].json()) == {"errorMessages", "errors"}


def test_guessing_is_slowed_down_per_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(throttle.LIMITS, "address", 5)
    statuses = [client(f"{n}@example.com", "wrong", REMOTE_ADDR="10.0.0.7").get(TASK).status_code for n in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert client("new@example.com", "wrong", REMOTE_ADDR="10.0.0.8").get(TASK).status_code == 401


def test_polling_with_a_valid_token_is_never_refused(alice: User, client_of: ClientOf) -> None:
    honest = client_of(alice)
    for n in range(20):
        client(alice.email, f"wrong{n}").get(TASK)
    assert {honest.get(TASK).status_code for _ in range(100)} == {404}


def test_simultaneous_guesses_are_all_counted() -> None:
    def guess(_: int) -> int:
        try:
            return throttle.count_failure("password", account="alice@example.com", address="10.0.0.1")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(guess, range(24)))
    assert sorted(FailedAttempts.objects.values_list("failure_count", flat=True)) == [24, 24]
    assert sum(wait == 0 for wait in waits) <= 10


def test_a_count_ends_with_its_window(alice: User) -> None:
    for n in range(12):
        client(alice.email, f"wrong{n}").get(TASK)
    FailedAttempts.objects.update(started_at=timezone.now() - throttle.WINDOW)
    assert client(alice.email, "wrong").get(TASK).status_code == 401
    assert FailedAttempts.objects.filter(failure_count=1).count() == 2


def test_the_sweep_deletes_expired_counters(alice: User) -> None:
    client(alice.email, "wrong").get(TASK)
    throttle.delete_expired()
    assert FailedAttempts.objects.count() == 2
    FailedAttempts.objects.update(started_at=timezone.now() - throttle.WINDOW)
    throttle.delete_expired()
    assert not FailedAttempts.objects.exists()


def test_an_address_that_is_refused_adds_no_counters_of_invented_accounts() -> None:
    for n in range(80):
        client(f"{n}@example.com", "wrong").get(TASK)
    assert FailedAttempts.objects.count() <= 51


def test_invented_accounts_share_a_bounded_number_of_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "COUNTERS", 8)
    for n in range(40):
        throttle.count_failure("password", account=f"{n}@example.com", address="")
    assert FailedAttempts.objects.count() <= 8


def sign_in(email: str, password: str, path: str = "/sign-in", address: str = "10.0.0.1") -> Client:
    browser = Client(REMOTE_ADDR=address)
    browser.last = browser.post(path, {"login": email, "password": password})  # type: ignore[attr-defined]
    return browser


def status(browser: Client) -> int:
    code: int = browser.last.status_code  # type: ignore[attr-defined]
    return code


def test_the_right_password_is_refused_after_too_many_guesses(bob: User) -> None:
    assert [status(sign_in(bob.email, f"wrong {n}")) for n in range(11)] == [200] * 10 + [429]
    right = sign_in(bob.email, PASSWORD, address="10.0.0.2")
    assert status(right) == 429
    assert int(right.last["Retry-After"]) > 0  # type: ignore[attr-defined]
    assert "Too many failed attempts" in right.last.content.decode()  # type: ignore[attr-defined]
    assert "sessionid" not in right.cookies


def test_a_sign_in_resets_the_count(bob: User) -> None:
    for _ in range(3):
        for n in range(9):
            assert status(sign_in(bob.email, f"wrong {n}")) == 200
        assert status(sign_in(bob.email, PASSWORD)) == 302


def test_many_sign_ins_do_not_block_the_address(bob: User) -> None:
    assert {status(sign_in(bob.email, PASSWORD)) for _ in range(60)} == {302}


def test_a_script_with_a_revoked_token_does_not_block_sign_in(bob: User) -> None:
    for _ in range(60):
        client(bob.email, "revoked", REMOTE_ADDR="10.0.0.1").get(TASK)
    assert status(sign_in(bob.email, PASSWORD)) == 302


SPELLINGS = [
    "bob@example.com",
    " BOB@EXAMPLE.COM",
    "ｂｏｂ@example.com",
    "bob＠example.com",
    "ＢＯＢ@ｅｘａｍｐｌｅ.com",
]


def test_all_spellings_of_an_email_count_as_one_account(bob: User) -> None:
    waits = [throttle.count_failure("password", account=SPELLINGS[n % 5], address="") for n in range(11)]
    assert [wait > 0 for wait in waits] == [False] * 10 + [True]
    assert status(sign_in(bob.email, PASSWORD)) == 429


@pytest.mark.parametrize(
    ("addresses", "counted"),
    [
        (["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"], "one"),
        (["2001:db8:0:1::1", "2001:db8:0:2::1"], "two"),
        (["192.0.2.1", "::ffff:192.0.2.1"], "one"),
        (["192.0.2.1", "192.0.2.2"], "two"),
    ],
)
def test_ipv6_addresses_count_per_network(addresses: list[str], counted: str) -> None:
    for address in addresses:
        throttle.count_failure("password", account="", address=address)
    assert FailedAttempts.objects.count() == {"one": 1, "two": 2}[counted]


def guess(count: int, email: str, address: str = "10.0.0.1") -> None:
    for n in range(count):
        Client(REMOTE_ADDR=address).post("/sign-in", {"login": email, "password": f"wrong {n}"})


def test_the_owner_gets_in_from_a_known_device_while_strangers_are_refused(bob: User, dave: User) -> None:
    owner = sign_in(bob.email, PASSWORD)
    owner.post("/sign-out")
    guess(60, bob.email)  # from the owner's own address
    assert status(sign_in(bob.email, PASSWORD, address="10.0.0.9")) == 429
    assert owner.post("/sign-in", {"login": bob.email, "password": "a slip"}).status_code == 200
    assert owner.post("/sign-in", {"login": " Bob@Example.com", "password": PASSWORD}).status_code == 302
    assert status(sign_in(bob.email, PASSWORD, address="10.0.0.9")) == 429


def test_a_known_device_has_a_limit_of_its_own(bob: User) -> None:
    thief = sign_in(bob.email, PASSWORD)
    thief.post("/sign-out")
    answers = [thief.post("/sign-in", {"login": bob.email, "password": f"wrong {n}"}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert status(sign_in(bob.email, PASSWORD)) == 302


def test_a_known_device_is_known_for_its_own_account_only(bob: User, dave: User) -> None:
    insider = sign_in(dave.email, PASSWORD)
    insider.post("/sign-out")
    answers = [insider.post("/sign-in", {"login": bob.email, "password": f"wrong {n}"}) for n in range(11)]
    assert answers[-1].status_code == 429


@pytest.mark.parametrize("forged", ["", "x", "abc.def", "abc.def:1:signature"])
def test_a_forged_device_cookie_is_a_strangers(bob: User, forged: str) -> None:
    guess(11, bob.email)
    stranger = Client()
    stranger.cookies["known-device"] = forged
    assert stranger.post("/sign-in", {"login": bob.email, "password": PASSWORD}).status_code == 429


def test_the_device_cookie_is_for_the_portal_alone(bob: User, settings: object) -> None:
    settings.SESSION_COOKIE_SECURE = True  # type: ignore[attr-defined]
    cookie = sign_in(bob.email, PASSWORD).cookies["__Host-known-device"]
    flags = (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"], cookie["samesite"])
    assert flags == (True, True, "/", "", "Lax")
    assert bob.email not in cookie.value


def test_admin_uses_the_same_sign_in(alice: User, dave: User) -> None:
    stranger = Client()
    answer = stranger.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in?next=/admin/"
    assert stranger.post("/admin/login/", {"login": alice.email, "password": PASSWORD}).status_code == 302
    assert "_auth_user_id" not in stranger.session
    stranger.force_login(dave)
    assert stranger.get("/admin/", follow=True).status_code == 403
