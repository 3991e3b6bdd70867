"""Roles: what they permit, who gives them, and that the portal always keeps a site admin."""

import io
import threading

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, close_old_connections, connection, transaction

from accounts import people, roles
from accounts.errors import LastSiteAdmin, MayNotChangePeople, OwnAccount, UnknownRole
from accounts.models import RoleGrant, User
from accounts.permissions import PERMISSIONS, Role

pytestmark = pytest.mark.django_db
ALL_NAMES = [name for permission in PERMISSIONS for name in permission.names]


def reloaded(user: User) -> User:
    return User.objects.get(pk=user.pk)


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def test_it_works(alice: User, dave: User) -> None:
    assert (dave.roles, dave.role_titles(), dave.is_admin) == (frozenset(), "No role", False)
    assert roles.grant(dave, Role.JIRA_ADMIN, by=alice)
    assert (dave.roles, dave.role_titles(), dave.is_admin) == ({"jira-admin"}, "Jira admin", True)
    given = RoleGrant.objects.get(user=dave)
    assert (given.granted_by, given.source, str(given)) == (alice, "", "Jira admin of Dave")
    assert not roles.grant(dave, Role.JIRA_ADMIN, by=alice)
    assert roles.revoke(dave, Role.JIRA_ADMIN, by=alice)
    assert not roles.revoke(dave, Role.JIRA_ADMIN, by=alice)
    assert dave.roles == frozenset()


def test_a_person_can_hold_several_roles(carol: User, alice: User) -> None:
    roles.grant(carol, Role.IMPORTER, by=alice)
    assert carol.role_titles() == "Importer, Reviewer"
    assert carol.has_perms(["imports.add_importjob", "exports.view_exportjob"])
    assert not carol.is_admin


@pytest.mark.parametrize(
    ("person", "counts"),
    [("alice", len(ALL_NAMES)), ("bob", 3), ("carol", 9), ("dave", 0), ("erin", 1)],
)
def test_each_role_permits_what_the_table_says(request: pytest.FixtureRequest, person: str, counts: int) -> None:
    user: User = request.getfixturevalue(person)
    assert sum(user.has_perm(name) for name in ALL_NAMES) == counts
    assert (user.is_staff, user.is_superuser) == (person in {"alice", "carol"}, person == "alice")
    for unknown in ("auth.add_group", "oauth2_provider.add_application", "django_q.add_schedule", "", "archive"):
        assert not user.has_perm(unknown)
    for app in ("auth", "oauth2_provider", "django_q", "acc"):
        assert not user.has_module_perms(app)
    User.objects.filter(pk=user.pk).update(is_active=False)
    suspended = reloaded(user)
    assert not any(suspended.has_perm(name) for name in ALL_NAMES)
    assert (suspended.is_staff, suspended.is_superuser, suspended.has_module_perms("exports")) == (False, False, False)


def test_every_permission_is_in_the_table_once_and_names_an_app() -> None:
    assert len(ALL_NAMES) == len(set(ALL_NAMES))
    for name in ALL_NAMES:
        app, _, codename = name.partition(".")
        action, _, model = codename.partition("_")
        if action == "view":
            assert apps.get_model(app, model)
        assert apps.is_installed(app)


def test_the_database_refuses_unknown_and_repeated_roles(dave: User) -> None:
    with pytest.raises(IntegrityError, match="role_is_known"), transaction.atomic():
        RoleGrant.objects.create(user=dave, role="root")
    RoleGrant.objects.create(user=dave, role="reviewer")
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(user=dave, role="reviewer")
    RoleGrant.objects.create(user=dave, role="reviewer", source="okta")


@pytest.mark.parametrize("person", ["bob", "carol", "dave", "erin"])
def test_only_site_admins_give_roles(request: pytest.FixtureRequest, alice: User, person: str) -> None:
    user: User = request.getfixturevalue(person)
    other = User.objects.create_user("other@example.com")
    for target in (user, other, alice):
        with pytest.raises(MayNotChangePeople):
            roles.grant(target, Role.SITE_ADMIN, by=user)
        with pytest.raises(MayNotChangePeople):
            people.restore(target, by=user)
    with pytest.raises(MayNotChangePeople):
        roles.revoke(alice, Role.SITE_ADMIN, by=user)
    with pytest.raises(MayNotChangePeople):
        people.suspend(alice, by=user)
    assert RoleGrant.objects.filter(role=Role.SITE_ADMIN).count() == 1


def test_nobody_changes_their_own_roles_not_even_site_admins(alice: User) -> None:
    """So a site admin whose role comes from single sign-on can't keep it beyond what the provider says."""
    RoleGrant.objects.update(source="okta")
    for change in (roles.grant, roles.revoke):
        with pytest.raises(OwnAccount):
            change(alice, Role.SITE_ADMIN, by=alice)
    with pytest.raises(OwnAccount):
        people.suspend(alice, by=alice)
    assert RoleGrant.objects.get().source == "okta"


def test_someone_who_lost_the_role_meanwhile_gives_none(alice: User, dave: User) -> None:
    assert alice.is_superuser  # read before the role is taken away
    RoleGrant.objects.filter(user=alice).delete()
    with pytest.raises(MayNotChangePeople):
        roles.grant(dave, Role.SITE_ADMIN, by=alice)


def test_the_last_site_admin_stays(alice: User, bob: User) -> None:
    roles.grant(bob, Role.SITE_ADMIN, by=alice)
    people.suspend(bob, by=alice)
    with pytest.raises(LastSiteAdmin, match=r"alice@example\.com is the only site admin"):
        people.suspend(alice, by=None)
    with pytest.raises(LastSiteAdmin, match=r"alice@example\.com is the only site admin"):
        roles.revoke(alice, Role.SITE_ADMIN, by=None)
    assert reloaded(alice).roles == {"site-admin"}
    people.restore(bob, by=alice)
    assert roles.revoke(alice, Role.SITE_ADMIN, by=reloaded(bob))
    assert reloaded(alice).roles == frozenset()


def test_a_change_that_is_refused_changes_nothing(alice: User) -> None:
    with pytest.raises(LastSiteAdmin):
        roles.set_roles(alice, [Role.IMPORTER], by=None)
    assert reloaded(alice).roles == {"site-admin"}
    with pytest.raises(UnknownRole, match=r"Unknown role 'root'\. Use site-admin, jira-admin, importer, reviewer"):
        roles.set_roles(alice, ["importer", "root"], by=None)
    assert reloaded(alice).roles == {"site-admin"}


@pytest.mark.django_db(transaction=True)
def test_two_site_admins_who_remove_each_other_leave_one(alice: User, bob: User) -> None:
    roles.grant(bob, Role.SITE_ADMIN, by=alice)
    start = threading.Barrier(2)
    refused = []

    def remove(by: User, user: User) -> None:
        start.wait()
        try:
            people.suspend(user, by=by)
        except (LastSiteAdmin, MayNotChangePeople) as error:
            refused.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((alice, bob), (bob, alice))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert User.objects.filter(is_active=True).count() == 1


def test_a_provider_gives_and_takes_away_only_its_own_roles(alice: User, dave: User) -> None:
    roles.grant(dave, Role.REVIEWER, by=alice)
    roles.sync_from_provider(dave, "okta", [Role.JIRA_ADMIN, Role.IMPORTER])
    roles.sync_from_provider(dave, "google", [Role.IMPORTER])
    assert dave.roles == {"reviewer", "jira-admin", "importer"}
    roles.sync_from_provider(dave, "okta", [])
    assert dave.roles == {"reviewer", "importer"}
    assert not roles.revoke(dave, Role.IMPORTER, by=alice)
    assert dave.roles == {"reviewer", "importer"}
    with pytest.raises(UnknownRole):
        roles.sync_from_provider(dave, "google", ["root"])
    with pytest.raises(ValueError, match="provider is empty"):
        roles.sync_from_provider(dave, "", [])
    assert reloaded(dave).roles == {"reviewer", "importer"}


def test_a_provider_also_takes_the_role_from_the_last_site_admin(dave: User) -> None:
    roles.sync_from_provider(dave, "okta", [Role.SITE_ADMIN])
    roles.sync_from_provider(dave, "okta", [])
    assert reloaded(dave).roles == frozenset()
    assert run("grant_role", "dave@example.com", "site-admin") == "dave@example.com: Site admin.\n"
    roles.sync_from_provider(dave, "okta", [])
    assert reloaded(dave).roles == {"site-admin"}


def test_an_operator_gives_and_takes_away_roles(alice: User, dave: User) -> None:
    assert run("grant_role", "Dave@Example.com", "site-admin") == "dave@example.com: Site admin.\n"
    assert run("grant_role", "dave@example.com", "importer") == "dave@example.com: Site admin, Importer.\n"
    assert run("revoke_role", "alice@example.com", "site-admin") == "alice@example.com: No role.\n"
    with pytest.raises(CommandError, match=r"dave@example\.com is the only site admin"):
        run("revoke_role", "dave@example.com", "site-admin")
    with pytest.raises(CommandError, match=r"gave alice@example\.com the role importer"):
        run("revoke_role", "alice@example.com", "importer")
    with pytest.raises(CommandError, match="There is no user nobody"):
        run("grant_role", "nobody@example.com", "importer")
    people.suspend(alice, by=None)
    assert "The user is suspended" in run("grant_role", "alice@example.com", "importer")


def test_roles_are_read_once(alice: User, django_assert_num_queries: object) -> None:
    user = reloaded(alice)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert (user.is_admin, user.is_staff, user.is_superuser, user.has_module_perms("exports")) == (True,) * 4
