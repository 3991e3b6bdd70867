"""Single sign-on with a real provider: who gets in, with which roles, and which answers are refused."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.test import Client

from accounts import roles
from accounts.models import AuditEvent, RoleGrant, Session, User
from accounts.oidc import ENDPOINTS, check_endpoints
from accounts.permissions import Role
from accounts.session_store import SIGNED_IN_AT
from portal.single_sign_on import read_providers
from tests.accounts.identity_provider import IdentityProvider, Visitor, running_provider
from tests.accounts.test_second_factor import add_app, code_of, next_period
from tests.conftest import PASSWORD
from tests.running import free_port

pytestmark = [pytest.mark.processes, pytest.mark.django_db]

PORTAL_URL = "http://localhost:8000"
ROLE_MAP = "jira=jira-admin; admins=site-admin; cn=auditors,ou=groups=reviewer"
ANN = {"email": "ann@example.com", "name": "Ann", "groups": ["jira", "staff"]}


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    provider = IdentityProvider(free_port())
    with running_provider(provider, PORTAL_URL):
        yield provider


@pytest.fixture
def provider(running: IdentityProvider, settings: Any) -> IdentityProvider:
    """A provider that knows ann, who is in the group of Jira admins."""
    running.forge("")
    running.know(ann=ANN)
    configure(settings, running, OIDC_OP_ROLE_MAP=ROLE_MAP)
    return running


@pytest.fixture
def ann(provider: IdentityProvider) -> User:
    """Added by a site admin, without a password and without a role."""
    return User.objects.create_user("ann@example.com")


def configure(settings: Any, provider: IdentityProvider, **variables: str) -> None:
    (op,) = read_providers(["op"], provider.variables(**variables))
    oidc = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": oidc | {"APPS": [op.as_app()]}}


def roles_of(user: User) -> set[str]:
    return set(User.objects.get(pk=user.pk).roles)


def refusals() -> list[str]:
    """Why sign-ins by the provider were refused, as the audit trail has it."""
    events = AuditEvent.objects.filter(action="session.started", outcome="refused", details__method="op")
    return [event.details["reason"] for event in events]


def text_of(response: Any) -> str:
    return str(response.content.decode()).replace("&#x27;", "'")


def test_it_works(ann: User) -> None:
    visitor = Visitor()
    assert "Sign in with Op" in text_of(visitor.portal.get("/sign-in"))
    assert visitor.sign_in("ann", "/exports/")["Location"] == "/exports/"
    assert visitor.portal.get("/exports/").status_code == 200
    assert roles_of(ann) == {"jira-admin"}
    assert RoleGrant.objects.get().source == "op"
    assert AuditEvent.objects.get(action="session.started").details == {"method": "op"}
    assert Visitor().sign_in("ann")["Location"] == "/"  # from another browser, by the provider's ID alone
    assert SocialAccount.objects.get().user == ann


def test_the_request_has_state_nonce_and_pkce(provider: IdentityProvider) -> None:
    sent = [parse_qs(urlsplit(Visitor().begin()).query) for _ in range(2)]
    for query in sent:
        assert (query["response_type"], query["code_challenge_method"]) == (["code"], ["S256"])
        assert query["redirect_uri"] == ["http://localhost:8000/sign-in/with/op/back"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(sent[0][name][0]) >= 16
        assert sent[0][name] != sent[1][name]


def test_nobody_adds_to_the_request_by_a_link(provider: IdentityProvider) -> None:
    page = text_of(Client().post("/sign-in/with/op?scope=phone&auth_params=prompt%3Dnone&process=connect"))
    assert "phone" not in page
    assert "prompt" not in page


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (["admins"], {"site-admin"}),
        (["jira", "admins", "unknown"], {"jira-admin", "site-admin"}),
        (["cn=auditors,ou=groups"], {"reviewer"}),
        ("jira", {"jira-admin"}),
    ],
)
def test_groups_become_roles(ann: User, provider: IdentityProvider, groups: Any, expected: set[str]) -> None:
    provider.know(ann=ANN | {"groups": groups})
    assert Visitor().sign_in("ann").status_code == 302
    assert roles_of(ann) == expected


def test_a_claim_inside_of_another_one_lists_the_groups(ann: User, provider: IdentityProvider, settings: Any) -> None:
    provider.know(ann={"email": "ann@example.com", "groups": {"roles": ["admins"]}})
    configure(settings, provider, OIDC_OP_ROLE_MAP=ROLE_MAP, OIDC_OP_GROUPS_CLAIM="groups.roles")
    Visitor().sign_in("ann")
    assert roles_of(ann) == {"site-admin"}


def test_roles_follow_the_groups_at_each_sign_in(ann: User, alice: User, provider: IdentityProvider) -> None:
    roles.grant(ann, Role.IMPORTER, by=alice)
    Visitor().sign_in("ann")
    provider.know(ann=ANN | {"groups": ["admins"]})
    Visitor().sign_in("ann")
    assert roles_of(ann) == {"site-admin", "importer"}  # what a site admin gave stays


@pytest.mark.parametrize("groups", [[], ["staff"], None, 7, [7, None], {"jira": True}])
def test_without_a_group_nobody_gets_in_and_nothing_stays(ann: User, provider: IdentityProvider, groups: Any) -> None:
    before = Visitor()
    before.sign_in("ann")
    assert before.is_signed_in()
    provider.know(ann=ANN | {"groups": groups})
    after = Visitor()
    answer = after.sign_in("ann")
    assert (answer.status_code, "names no group of yours" in text_of(answer)) == (403, True)
    assert not after.is_signed_in()
    assert not before.is_signed_in()
    assert roles_of(ann) == set()
    assert refusals() == ["You don't have access"]


def test_without_a_map_the_provider_only_says_who_it_is(
    ann: User, alice: User, provider: IdentityProvider, settings: Any
) -> None:
    configure(settings, provider)
    roles.grant(ann, Role.JIRA_ADMIN, by=alice)
    provider.know(ann={"email": "ann@example.com"})
    visitor = Visitor()
    visitor.sign_in("ann")
    assert visitor.is_signed_in()
    assert roles_of(ann) == {"jira-admin"}


def test_people_without_an_account_are_refused_or_added(provider: IdentityProvider, settings: Any) -> None:
    answer = Visitor().sign_in("ann")
    assert (answer.status_code, "There is no account here" in text_of(answer)) == (403, True)
    assert not User.objects.exists()
    settings.OIDC_CREATE_USERS = True
    visitor = Visitor()
    assert visitor.sign_in("ann", "/exports/")["Location"] == "/exports/"
    ann = User.objects.get()
    assert (ann.email, ann.name, ann.has_usable_password(), roles_of(ann)) == (
        "ann@example.com",
        "Ann",
        False,
        {"jira-admin"},
    )


def test_nobody_without_a_group_gets_an_account(provider: IdentityProvider, settings: Any) -> None:
    settings.OIDC_CREATE_USERS = True
    provider.know(ann=ANN | {"groups": []})
    assert Visitor().sign_in("ann").status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("verified", [False, "true", "false", 1, None])
@pytest.mark.parametrize("creates", [False, True])
def test_an_unverified_email_is_nobodys(
    alice: User, provider: IdentityProvider, settings: Any, verified: Any, creates: bool
) -> None:
    settings.OIDC_CREATE_USERS = creates
    provider.know(mallory={"email": alice.email, "email_verified": verified, "groups": ["jira"]})
    visitor = Visitor()
    assert visitor.sign_in("mallory").status_code == 403
    assert not visitor.is_signed_in()
    assert list(User.objects.all()) == [alice]
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("creates", [False, True])
def test_an_email_that_has_changed_hands_does_not_open_the_account(
    ann: User, provider: IdentityProvider, settings: Any, creates: bool
) -> None:
    settings.OIDC_CREATE_USERS = creates
    Visitor().sign_in("ann")
    provider.know(another=ANN)  # a new person with the same address
    visitor = Visitor()
    assert visitor.sign_in("another").status_code == 403
    assert not visitor.is_signed_in()
    assert User.objects.count() == 1


def test_a_person_keeps_the_account_when_their_email_changes(ann: User, provider: IdentityProvider) -> None:
    Visitor().sign_in("ann")
    provider.know(ann=ANN | {"email": "ann.married@example.com"})
    visitor = Visitor()
    visitor.sign_in("ann")
    assert visitor.is_signed_in()
    assert User.objects.get().email == "ann@example.com"


def test_a_suspended_person_does_not_get_in(ann: User) -> None:
    User.objects.update(is_active=False)
    visitor = Visitor()
    assert visitor.sign_in("ann")["Location"] == "/sign-in"
    assert "Your account is suspended" in text_of(visitor.portal.get("/sign-in"))
    assert not visitor.is_signed_in()


FORGERIES = [
    "alg none",
    "a stranger's key",
    "a key that is not the provider's",
    "the secret as a key",
    "another issuer",
    "another issuer's description",
    "another audience",
    "another party",
    "another nonce",
    "no nonce",
    "an old token",
    "no subject",
    "another subject",
    "no ID token",
    "not a token",
]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(ann: User, provider: IdentityProvider, forgery: str) -> None:
    visitor = Visitor()
    address = visitor.sign_in_there(visitor.begin(), "ann")
    provider.forge(forgery)
    answer = visitor.come_back(address)
    assert (answer.status_code, "was not completed" in text_of(answer)) == (403, True)
    assert not visitor.is_signed_in()
    assert refusals() == ["The sign-in was not completed"]
    assert not Session.objects.filter(user=ann).exists()
    provider.forge("")
    assert Visitor().sign_in("ann").status_code == 302


def changed(address: str, **values: str | None) -> str:
    """The address with other values in its query; None removes one."""
    url = urlsplit(address)
    query = dict(parse_qsl(url.query))
    for name, value in values.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return url._replace(query=urlencode(query)).geturl()


@pytest.mark.parametrize(
    "values",
    [
        {"state": "forged"},
        {"state": None},
        {"state": ""},
        {"code": "forged"},
        {"code": None},
        {"iss": "http://localhost:1"},
        {"error": "access_denied"},
        {"error": "<script>", "error_description": "<script>alert(1)</script>"},
    ],
)
def test_a_forged_answer_is_refused(ann: User, values: dict[str, str | None]) -> None:
    visitor = Visitor()
    address = visitor.sign_in_there(visitor.begin(), "ann")
    answer = visitor.come_back(changed(address, **values))
    assert answer.status_code == 403
    assert "<script>" not in text_of(answer).partition("<main")[2]
    assert not visitor.is_signed_in()


def test_an_answer_works_once(ann: User) -> None:
    visitor = Visitor()
    address = visitor.sign_in_there(visitor.begin(), "ann")
    assert visitor.come_back(address).status_code == 302
    visitor.portal.post("/sign-out")
    assert visitor.come_back(address).status_code == 403
    assert not visitor.is_signed_in()


def test_an_answer_works_in_the_browser_that_began_only(ann: User) -> None:
    """Otherwise an attacker could sign a victim in as themselves, or use an answer that they have found."""
    owner, thief = Visitor(), Visitor()
    address = owner.sign_in_there(owner.begin(), "ann")
    assert thief.come_back(address).status_code == 403
    thief.begin()
    assert thief.come_back(address).status_code == 403
    assert not thief.is_signed_in()


def test_a_stolen_code_is_refused_in_another_sign_in(ann: User) -> None:
    owner, thief = Visitor(), Visitor()
    address = owner.sign_in_there(owner.begin(), "ann")
    code = parse_qs(urlsplit(address).query)["code"][0]
    state = parse_qs(urlsplit(thief.begin()).query)["state"][0]
    assert thief.come_back(changed(address, state=state, code=code)).status_code == 403  # PKCE
    assert not thief.is_signed_in()


def test_a_provider_that_is_away_is_said_to_be(provider: IdentityProvider, settings: Any) -> None:
    configure(settings, IdentityProvider(1))
    answer = Client().post("/sign-in/with/op")
    assert (answer.status_code, "can't be reached" in text_of(answer)) == (503, True)
    assert Client().post("/sign-in/with/nobody").status_code == 404
    assert Client().get("/sign-in/with/nobody/back").status_code == 404


@pytest.mark.parametrize("path", ["/token", "/jwks", "/me"])
def test_no_secret_follows_a_redirect(ann: User, provider: IdentityProvider, path: str) -> None:
    visitor = Visitor()
    address = visitor.sign_in_there(visitor.begin(), "ann")
    provider.forge(f"a redirect of {path}")
    assert visitor.come_back(address).status_code == 403
    assert not visitor.is_signed_in()


def test_a_description_elsewhere_is_not_read(provider: IdentityProvider) -> None:
    provider.forge("a redirect of /.well-known/openid-configuration")
    assert Client().post("/sign-in/with/op").status_code == 503


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_no_endpoint_of_a_provider_is_unencrypted(name: str) -> None:
    issuer = "https://op.example.com"
    config = dict.fromkeys((*ENDPOINTS, "userinfo_endpoint"), f"{issuer}/x")
    check_endpoints(issuer, config)
    with pytest.raises(OAuth2Error, match=name):
        check_endpoints(issuer, config | {name: "http://op.example.com/x"})


def test_an_address_begins_few_sign_ins(provider: IdentityProvider) -> None:
    statuses = [Client().post("/sign-in/with/op").status_code for _ in range(51)]
    assert statuses == [200] * 50 + [429]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example"])
def test_it_never_leads_to_another_site(ann: User, target: str) -> None:
    assert Visitor().sign_in("ann", target)["Location"] == "/"


def test_a_password_sign_in_does_not_keep_roles_of_the_provider(ann: User, alice: User) -> None:
    ann.set_password(PASSWORD)
    ann.save()
    roles.grant(ann, Role.IMPORTER, by=alice)
    Visitor().sign_in("ann")
    assert roles_of(ann) == {"jira-admin", "importer"}
    Client().post("/sign-in", {"login": ann.email, "password": PASSWORD})
    assert roles_of(ann) == {"importer"}
    Visitor().sign_in("ann")
    assert roles_of(ann) == {"jira-admin", "importer"}


def test_without_a_password_nobody_sets_one(ann: User) -> None:
    visitor = Visitor()
    visitor.sign_in("ann")
    page = visitor.portal.get("/account/password", follow=True)
    assert "You have no password" in text_of(page)
    assert "<form" not in text_of(page).partition("<main")[2]
    form = {"password1": PASSWORD, "password2": PASSWORD}
    assert visitor.portal.post("/account/password/new", form).status_code == 405
    assert not User.objects.get(pk=ann.pk).has_usable_password()


def wait_eleven_minutes(client: Client) -> None:
    session = client.session
    session[SIGNED_IN_AT] -= 660
    for record in session["account_authentication_methods"]:
        record["at"] -= 660
    session.save()


def test_proof_of_identity_is_given_at_the_provider(ann: User) -> None:
    visitor = Visitor()
    visitor.sign_in("ann")
    assert visitor.portal.get("/account/tokens").status_code == 200
    wait_eleven_minutes(visitor.portal)
    asked = visitor.portal.get("/account/tokens")
    assert asked["Location"] == "/account/confirm/provider?next=%2Faccount%2Ftokens"
    assert "Sign in with Op" in text_of(visitor.portal.get(asked["Location"]))
    address = visitor.begin("/account/tokens")
    assert parse_qs(urlsplit(address).query)["prompt"] == ["login"]
    assert visitor.come_back(visitor.sign_in_there(address, "ann"))["Location"] == "/account/tokens"
    assert visitor.portal.get("/account/tokens").status_code == 200


def test_an_open_session_at_the_provider_is_no_proof(ann: User, provider: IdentityProvider) -> None:
    visitor = Visitor()
    visitor.sign_in("ann")
    wait_eleven_minutes(visitor.portal)
    address = visitor.sign_in_there(visitor.begin("/account/tokens"), "ann")
    provider.forge("an old sign-in")
    assert visitor.come_back(address).status_code == 403
    assert visitor.portal.get("/account/tokens").status_code == 302


def test_a_second_factor_of_the_portal_is_asked_for_too(ann: User) -> None:
    visitor = Visitor()
    visitor.sign_in("ann")
    key, _ = add_app(visitor.portal)
    next_period()
    again = Visitor()
    assert again.sign_in("ann")["Location"] == "/sign-in/second-factor"
    assert not again.is_signed_in()
    again.portal.post("/sign-in/second-factor", {"code": code_of(key)})
    assert again.is_signed_in()


def test_second_factors_are_left_to_the_provider(ann: User, settings: Any) -> None:
    settings.MFA_REQUIRED = "everyone"
    visitor = Visitor()
    visitor.sign_in("ann")
    assert visitor.portal.get("/exports/").status_code == 200


def test_password_sign_in_can_be_off(ann: User, bob: User, settings: Any) -> None:
    settings.PASSWORD_SIGN_IN = False
    page = text_of(Client().get("/sign-in"))
    assert "Sign in with Op" in page
    assert not re.search("password|passkey", page, re.IGNORECASE)
    browser = Client()
    answers = [
        browser.post("/sign-in", {"login": bob.email, "password": PASSWORD}),
        browser.post("/sign-in/reset", {"email": bob.email}),
        browser.get("/sign-in/reset/1-abc"),
        browser.get("/sign-in/passkey"),
        browser.post("/sign-in/passkey", {"credential": "{}"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 5
    visitor = Visitor()
    visitor.sign_in("ann")
    assert visitor.is_signed_in()


def test_both_reach_the_same_account(provider: IdentityProvider, bob: User, mailoutbox: Any, run_queue: Any) -> None:
    """A person with a password is connected by the email that the provider has verified, and hears of it."""
    provider.know(robert=ANN | {"email": " Bob@Example.com".strip()})
    visitor = Visitor()
    visitor.sign_in("robert")
    assert "bob@example.com" in text_of(visitor.portal.get("/account"))
    assert Client().post("/sign-in", {"login": bob.email, "password": PASSWORD}).status_code == 302
    run_queue()
    assert [(mail.to, mail.subject.partition(" ·")[0]) for mail in mailoutbox] == [
        (["bob@example.com"], "Single sign-on opens your account")
    ]
