"""API tokens: scopes, lifetime, last use, and that suspension ends them for good."""

import datetime
import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from accounts import credentials, people, roles
from accounts.errors import LastSiteAdmin, MayNotMakeCredentials
from accounts.models import ApiToken, AuditEvent, User
from accounts.permissions import Role
from accounts.tokens import create_token, tokens_of
from tests.rest_client import ClientOf, basic

pytestmark = pytest.mark.django_db
TASK = "/rest/api/3/task/1"


def use(user: User, secret: str, address: str = "192.0.2.1") -> int:
    headers = {"authorization": basic(user.email, secret)}
    return Client().get(TASK, headers=headers, REMOTE_ADDR=address).status_code


def events(action: str) -> list[Any]:
    found = AuditEvent.objects.filter(action=action).order_by("id")
    return list(found.values_list("actor", "object_label", "details"))


def test_it_works(bob: User) -> None:
    token, secret = create_token(bob, "nightly", scopes=["read:jira-work"])
    assert use(bob, secret) == 404
    token.refresh_from_db()
    assert token.last_used_address == "192.0.2.1"
    assert token.last_used_at
    [(_, label, details)] = events("token.created")
    assert label == "nightly of bob@example.com"
    assert details["scopes"] == ["read:jira-work"]


def test_a_token_has_the_scopes_that_it_names_and_no_others(bob: User) -> None:
    with pytest.raises(ValidationError, match="Choose at least one scope"):
        create_token(bob, "nothing", scopes=[])
    token, secret = create_token(bob, "nightly")
    assert token.scope == "read:jira-work write:jira-work"
    ApiToken.objects.update(scope="")
    assert use(bob, secret) == 403


def test_no_token_works_longer_than_the_site_allows(bob: User, settings: Any) -> None:
    settings.API_TOKEN_MAX_DAYS = 30
    now = timezone.now()
    with pytest.raises(ValidationError, match="more than 30 days from now"):
        create_token(bob, "long", expires=now + datetime.timedelta(days=31))
    token, secret = create_token(bob, "longest")
    assert token.expires_at - now < datetime.timedelta(days=30, minutes=1)
    assert use(bob, secret) == 404
    settings.API_TOKEN_MAX_DAYS = 10
    ApiToken.objects.update(created=now - datetime.timedelta(days=11))
    assert use(bob, secret) == 401
    assert tokens_of(bob) == []


def test_a_token_of_an_earlier_release_that_never_expired_does(bob: User, settings: Any) -> None:
    _, secret = create_token(bob, "old")
    ApiToken.objects.update(expiry_date=None, created=timezone.now() - datetime.timedelta(days=364))
    assert use(bob, secret) == 404
    ApiToken.objects.update(created=timezone.now() - datetime.timedelta(days=366))
    assert use(bob, secret) == 401


def test_the_first_use_from_a_network_is_an_event(bob: User) -> None:
    token, secret = create_token(bob, "nightly")
    for address in ("192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2", "192.0.2.1"):
        assert use(bob, secret, address) == 404
        token.refresh_from_db()
        assert token.last_used_address == address
    assert events("credential.new_address") == [
        ("bob@example.com", "nightly", {"network": "192.0.2.1"}),
        ("bob@example.com", "nightly", {"network": "2001:db8::/64"}),
    ]
    event = AuditEvent.objects.filter(action="credential.new_address").latest("id")
    assert (event.credential, event.credential_id, event.credential_name) == ("token", token.prefix, "nightly")


def test_a_refused_token_is_not_used(bob: User) -> None:
    _, secret = create_token(bob, "nightly")
    assert use(bob, secret + "x") == 401
    assert ApiToken.objects.get().last_used_at is None
    assert events("credential.new_address") == []


def test_a_user_with_everything_keeps_nothing(alice: User, bob: User) -> None:
    """Suspended and restored, bob has his role again, but nothing that he had before works."""
    _, secret = create_token(bob, "nightly")
    expires = timezone.now() + datetime.timedelta(hours=1)
    own = Application.objects.create(
        user=bob, client_type="confidential", authorization_grant_type="client-credentials"
    )
    other = Application.objects.create(
        user=alice, client_type="public", authorization_grant_type="authorization-code", redirect_uris="https://a.test/"
    )
    access = AccessToken.objects.create(user=bob, application=other, token="a", scope="read:jira-work", expires=expires)
    RefreshToken.objects.create(user=bob, application=other, token="r", access_token=access)
    Grant.objects.create(user=bob, application=other, code="c", expires=expires)
    AccessToken.objects.create(application=own, token="b", scope="read:jira-work", expires=expires)
    bearers = [{"authorization": f"Bearer {token}"} for token in ("a", "b")]
    assert [Client().get(TASK, headers=bearer).status_code for bearer in bearers] == [404, 404]

    assert people.suspend(bob, by=alice)
    assert people.restore(bob, by=alice)
    assert not people.restore(bob, by=alice)
    assert User.objects.get(pk=bob.pk).is_admin
    assert use(bob, secret) == 401
    assert [Client().get(TASK, headers=bearer).status_code for bearer in bearers] == [401, 401]
    assert not any(model.objects.exists() for model in (AccessToken, RefreshToken, Grant))
    assert list(Application.objects.all()) == [other]
    assert [event.action for event in AuditEvent.objects.filter(object_id=str(bob.pk)).order_by("id")] == [
        "person.created",
        "person.suspended",
        "person.restored",
    ]
    assert [label for _, label, _ in events("token.revoked")] == ["nightly of bob@example.com"]
    assert len(events("application.removed")) == 1


def test_a_role_that_is_lost_and_given_again_revives_no_token(alice: User, bob: User) -> None:
    roles.grant(bob, Role.IMPORTER, by=alice)
    _, secret = create_token(bob, "nightly")
    Application.objects.create(user=bob, client_type="confidential", authorization_grant_type="client-credentials")
    roles.set_roles(bob, [Role.JIRA_ADMIN], by=alice)
    assert use(bob, secret) == 404
    roles.set_roles(bob, [Role.IMPORTER], by=alice)
    assert use(bob, secret) == 401
    roles.grant(bob, Role.JIRA_ADMIN, by=alice)
    assert use(bob, secret) == 401
    assert not Application.objects.exists()
    assert [label for _, label, _ in events("token.revoked")] == ["nightly of bob@example.com"]

    _, second = create_token(bob, "nightly")
    roles.revoke(bob, Role.JIRA_ADMIN, by=None)
    roles.grant(bob, Role.JIRA_ADMIN, by=None)
    assert use(bob, second) == 401


def test_a_change_that_is_refused_ends_no_token(alice: User) -> None:
    _, secret = create_token(alice, "nightly")
    with pytest.raises(LastSiteAdmin):
        roles.revoke(alice, Role.SITE_ADMIN, by=None)
    assert use(alice, secret) == 404


def test_a_provider_that_takes_the_role_away_ends_tokens(dave: User) -> None:
    roles.sync_from_provider(dave, "okta", [Role.JIRA_ADMIN])
    _, secret = create_token(dave, "nightly")
    roles.drop_those_of_providers(dave)  # a sign-in by password: the provider says nothing
    assert [token.name for token in tokens_of(dave)] == ["nightly"]
    roles.sync_from_provider(dave, "okta", [Role.JIRA_ADMIN])
    assert use(dave, secret) == 404
    roles.drop_those_of_providers(dave)
    roles.sync_from_provider(dave, "okta", [])
    roles.sync_from_provider(dave, "okta", [Role.JIRA_ADMIN])
    assert use(dave, secret) == 401


def test_credentials_end_without_suspending(bob: User, client_of: ClientOf) -> None:
    client = client_of(bob)
    assert client.get(TASK).status_code == 404
    credentials.end_all(bob)
    assert client.get(TASK).status_code == 401
    assert client_of(bob).get(TASK).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_made_during_suspension_does_not_survive_it(alice: User, bob: User) -> None:
    start = threading.Barrier(5)

    def make() -> None:
        start.wait()
        try:
            for number in range(20):
                create_token(bob, f"token {number}")
        except MayNotMakeCredentials:
            return
        finally:
            connection.close()

    makers = [threading.Thread(target=make) for _ in range(4)]
    for maker in makers:
        maker.start()
    start.wait()
    people.suspend(bob, by=alice)
    for maker in makers:
        maker.join()
    people.restore(bob, by=alice)
    assert tokens_of(bob) == []
