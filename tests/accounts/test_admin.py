"""Admin pages for users and API tokens."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import ApiToken, User
from tests.conftest import PASSWORD


@pytest.fixture
def token(bob: User) -> ApiToken:
    created, _secret = ApiToken.objects.create_key(name="cron", user=bob)
    token: ApiToken = ApiToken.objects.get(pk=created.pk)
    return token


def run_action(client: Client, model: str, action: str, *pks: object) -> str:
    data = {"action": action, "_selected_action": [str(pk) for pk in pks]}
    return client.post(f"/admin/accounts/{model}/", data, follow=True).content.decode()


def grant(user: User, *codenames: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="accounts", codename__in=codenames))


def test_alice_adds_a_user_with_a_role(client: Client, alice: User) -> None:
    client.force_login(alice)
    form = {"email": "Erin@Example.com", "name": "Erin", "role": "jira-admin", "usable_password": "true"}
    response = client.post("/admin/accounts/user/add/", form | {"password1": PASSWORD, "password2": PASSWORD})
    assert response.status_code == 302
    erin = User.objects.get(email="erin@example.com")
    assert erin.is_admin
    assert erin.check_password(PASSWORD)


def test_alice_can_open_the_pages(client: Client, alice: User, token: ApiToken) -> None:
    client.force_login(alice)
    for path in ("user/", f"user/{alice.pk}/change/", f"user/{alice.pk}/password/", "apitoken/?q=bob"):
        assert client.get(f"/admin/accounts/{path}").status_code == 200, path


def test_alice_can_suspend_others_but_not_herself(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    text = run_action(client, "user", "suspend", alice.pk, bob.pk)
    assert "Suspended: bob@example.com" in text
    assert "You cannot suspend yourself." in text
    assert list(User.objects.filter(is_active=True)) == [alice]
    run_action(client, "user", "restore", bob.pk)
    assert User.objects.get(pk=bob.pk).is_active


def test_users_cannot_be_deleted(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    assert client.post(f"/admin/accounts/user/{bob.pk}/delete/", {"post": "yes"}).status_code == 403
    run_action(client, "user", "delete_selected", bob.pk)
    assert User.objects.filter(pk=bob.pk).exists()


def test_staff_with_permissions_still_cannot_change_users(client: Client, carol: User, alice: User) -> None:
    grant(carol, "view_user", "change_user", "add_user", "delete_user")
    client.force_login(carol)
    assert client.get("/admin/accounts/user/").status_code == 200
    for person in (carol, alice):
        form = {"email": person.email, "is_superuser": "on", "is_active": "on", "role": "site-admin"}
        assert client.post(f"/admin/accounts/user/{person.pk}/change/", form).status_code == 403
        passwords = {"usable_password": "true", "password1": "x" * 12, "password2": "x" * 12}
        assert client.post(f"/admin/accounts/user/{person.pk}/password/", passwords).status_code == 403
    assert not User.objects.get(pk=carol.pk).is_superuser


def test_a_token_can_be_revoked_but_not_added_or_changed(client: Client, alice: User, token: ApiToken) -> None:
    client.force_login(alice)
    assert client.post("/admin/accounts/apitoken/add/", {"name": "mine"}).status_code == 403
    assert client.post(f"/admin/accounts/apitoken/{token.pk}/change/", {"name": "x"}).status_code in {403, 404}
    assert f"Revoked: {token.prefix} of Bob" in run_action(client, "apitoken", "revoke", token.pk)
    token.refresh_from_db()
    assert (token.revoked, token.name) == (True, "cron")


def test_staff_who_can_only_view_tokens_cannot_revoke_them(client: Client, carol: User, token: ApiToken) -> None:
    grant(carol, "view_apitoken")
    client.force_login(carol)
    assert client.get("/admin/accounts/apitoken/").status_code == 200
    run_action(client, "apitoken", "revoke", token.pk)
    token.refresh_from_db()
    assert not token.revoked
