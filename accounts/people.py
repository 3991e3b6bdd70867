"""Suspending people and restoring them. People are never deleted, so that the history can still name them."""

from django.db import transaction

from accounts import audit, credentials, sessions
from accounts.models import User
from accounts.permissions import Role
from accounts.roles import check_may_change, check_site_admin_is_left, lock_site_admins


def suspend(user: User, *, by: User | None) -> bool:
    """Let the user sign in no longer, and end all their credentials for good. False if they were suspended already.

    `by` is None for an operator at the command line.

    Raises:
        MayNotChangePeople: `by` is not a site admin.
        OwnAccount: `by` is the user.
        LastSiteAdmin: the portal would have no site admin.
    """
    with transaction.atomic():
        lock_site_admins()
        check_may_change(user, by)
        was_site_admin = user.role_grants.filter(role=Role.SITE_ADMIN).exists()
        is_changed = _set_active(user, is_active=False)
        if is_changed and was_site_admin:
            check_site_admin_is_left(user)
        if is_changed:
            audit.record("person.suspended", on=audit.Target("person", user.pk, user.email))
            sessions.end_all(user, "suspended")
            credentials.end_all(user)
    return is_changed


def restore(user: User, *, by: User | None) -> bool:
    """Let a suspended user sign in again, with the roles they had and no credentials. False if they weren't suspended.

    Raises:
        MayNotChangePeople, OwnAccount: as `suspend`.
    """
    with transaction.atomic():
        check_may_change(user, by)
        is_changed = _set_active(user, is_active=True)
        if is_changed:
            audit.record("person.restored", on=audit.Target("person", user.pk, user.email))
    return is_changed


def _set_active(user: User, *, is_active: bool) -> bool:
    changed_count = User.objects.filter(pk=user.pk, is_active=not is_active).update(is_active=is_active)
    return changed_count > 0
