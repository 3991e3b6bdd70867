"""Admin pages for users and API tokens."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from oauth2_provider.models import Application
from rest_framework_api_key.models import APIKey

from accounts.models import ApiToken, RoleGrant, User
from tests.conftest import PASSWORD


@pytest.fixture
def token(bob: User) -> ApiToken:
    created, _secret = ApiToken.objects.create_key(name="cron", user=bob)
    token: ApiToken = ApiToken.objects.get(pk=created.pk)
    return token


def run_action(client: Client, model: str, action: str, *pks: object) -> str:
    data = {"action": action, "_selected_action": [str(pk) for pk in pks]}
    return client.post(f"/admin/accounts/{model}/", data, follow=True).content.decode()


def save_user(client: Client, user: User, *given_roles: str, **changes: str) -> str:
    form = {"email": user.email, "name": user.name, "given_roles": given_roles} | changes
    return client.post(f"/admin/accounts/user/{user.pk}/change/", form, follow=True).content.decode()


def test_alice_adds_a_user_with_a_role(client: Client, alice: User) -> None:
    client.force_login(alice)
    form = {"email": "Frank@Example.com", "name": "Frank", "given_roles": ["jira-admin"], "usable_password": "true"}
    response = client.post("/admin/accounts/user/add/", form | {"password1": PASSWORD, "password2": PASSWORD})
    assert response.status_code == 302
    frank = User.objects.get(email="frank@example.com")
    assert frank.roles == {"jira-admin"}
    assert frank.check_password(PASSWORD)
    assert RoleGrant.objects.get(user=frank).granted_by == alice


def test_alice_gives_and_takes_away_roles(client: Client, alice: User, bob: User) -> None:
    RoleGrant.objects.create(user=bob, role="importer", source="okta")
    client.force_login(alice)
    text = save_user(client, bob, "reviewer")
    assert "was changed successfully" in text
    assert User.objects.get(pk=bob.pk).roles == {"reviewer", "importer"}
    text = client.get(f"/admin/accounts/user/{bob.pk}/change/").content.decode()
    assert "Importer, Reviewer" in text
    assert text.count(" checked") == 1
    assert "Importer, Reviewer" in client.get("/admin/accounts/user/").content.decode()


def test_nobody_changes_their_own_roles(client: Client, alice: User) -> None:
    client.force_login(alice)
    for given_roles in ([], ["site-admin", "importer"]):
        text = save_user(client, alice, *given_roles, name="Changed")
        assert "You can&#x27;t change your own roles" in text
    alice = User.objects.get()
    assert (alice.roles, alice.name) == ({"site-admin"}, "Alice")
    save_user(client, alice, "site-admin", name="Alice A.")
    assert User.objects.get().name == "Alice A."


def test_alice_can_open_the_pages(client: Client, alice: User, token: ApiToken) -> None:
    client.force_login(alice)
    paths = (
        "user/",
        "user/?role_grants__role__exact=site-admin",
        "user/?q=bob",
        f"user/{alice.pk}/change/",
        f"user/{alice.pk}/password/",
        f"user/{alice.pk}/history/",
        "apitoken/?q=bob",
    )
    for path in paths:
        assert client.get(f"/admin/accounts/{path}").status_code == 200, path


def test_the_list_of_users_reads_all_roles_at_once(
    client: Client, alice: User, django_assert_max_num_queries: object
) -> None:
    for n in range(20):
        User.objects.create_user(f"user{n}@example.com", roles=["importer", "reviewer"])
    client.force_login(alice)
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        assert client.get("/admin/accounts/user/").content.decode().count("Importer, Reviewer") == 20


def test_alice_can_suspend_others_but_not_herself(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    text = run_action(client, "user", "suspend", alice.pk, bob.pk)
    assert "Suspended: bob@example.com" in text
    assert "Not suspended: alice@example.com. You can&#x27;t" in text
    assert list(User.objects.filter(is_active=True)) == [alice]
    run_action(client, "user", "restore", alice.pk, bob.pk)
    assert User.objects.get(pk=bob.pk).is_active


def test_the_form_does_not_suspend(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    save_user(client, bob, "jira-admin", is_active="")
    assert User.objects.get(pk=bob.pk).is_active


def test_users_cannot_be_deleted(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    assert client.post(f"/admin/accounts/user/{bob.pk}/delete/", {"post": "yes"}).status_code == 403
    run_action(client, "user", "delete_selected", bob.pk)
    assert User.objects.filter(pk=bob.pk).exists()


def test_reviewers_cannot_change_users(client: Client, carol: User, alice: User) -> None:
    client.force_login(carol)
    assert client.get("/admin/accounts/user/").status_code == 403
    for person in (carol, alice):
        form = {"email": person.email, "given_roles": ["site-admin"]}
        assert client.post(f"/admin/accounts/user/{person.pk}/change/", form).status_code == 403
        passwords = {"usable_password": "true", "password1": "x" * 12, "password2": "x" * 12}
        assert client.post(f"/admin/accounts/user/{person.pk}/password/", passwords).status_code == 403
    assert client.post("/admin/accounts/user/add/", {"email": "x@example.com"}).status_code == 403
    run_action(client, "user", "suspend", alice.pk)
    assert User.objects.get(pk=carol.pk).roles == {"reviewer"}
    assert User.objects.filter(is_active=True).count() == 2


def test_what_would_be_a_way_around_roles_has_no_page() -> None:
    """Whoever adds an application can let it act as anyone; whoever changes a group could give it permissions."""
    for model in (Application, Group, APIKey):
        assert not admin.site.is_registered(model)


@pytest.mark.parametrize("person", ["alice", "bob", "carol", "dave", "erin"])
def test_no_role_finds_a_way_around_roles(client: Client, request: pytest.FixtureRequest, person: str) -> None:
    client.force_login(request.getfixturevalue(person))
    for model in ("auth/group", "auth/permission", "oauth2_provider/application", "oauth2_provider/accesstoken"):
        for page in ("", "add/", "1/change/"):
            answer = client.get(f"/admin/{model}/{page}", follow=True)
            assert answer.status_code == (404 if person in {"alice", "carol"} else 403), model
            assert client.post(f"/admin/{model}/{page}", {"user": 1}, follow=True).status_code == answer.status_code
    assert not Application.objects.exists()


def test_a_token_can_be_revoked_but_not_added_or_changed(client: Client, alice: User, token: ApiToken) -> None:
    client.force_login(alice)
    assert client.post("/admin/accounts/apitoken/add/", {"name": "mine"}).status_code == 403
    assert client.post(f"/admin/accounts/apitoken/{token.pk}/change/", {"name": "x"}).status_code in {403, 404}
    assert f"Revoked: {token.prefix} of Bob" in run_action(client, "apitoken", "revoke", token.pk)
    token.refresh_from_db()
    assert (token.revoked, token.name) == (True, "cron")


def test_reviewers_see_no_tokens_and_cannot_revoke_them(client: Client, carol: User, token: ApiToken) -> None:
    client.force_login(carol)
    assert client.get("/admin/accounts/apitoken/").status_code == 403
    run_action(client, "apitoken", "revoke", token.pk)
    token.refresh_from_db()
    assert not token.revoked
