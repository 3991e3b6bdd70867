"""Giving roles and taking them away. Pages, commands and single sign-on all do it here.

Site admins give roles to others, never to themselves. An operator at the command line gives them in nobody's name
(`by=None`). A single sign-on provider gives and takes away the roles that it maps, and no others.

Whatever takes away the role of site admin, or suspends a user, first locks the rows of all site admins. So two site
admins who remove each other at the same moment can't leave the portal without one.
"""

from collections.abc import Iterable

from django.db import transaction

from accounts.errors import LastSiteAdmin, MayNotChangePeople, OwnAccount, UnknownRole
from accounts.models import RoleGrant, User
from accounts.permissions import GIVE_ROLES, Role

GIVEN_HERE = ""
"""The source of roles that a site admin or an operator gave."""


def grant(user: User, role: str, *, by: User | None) -> bool:
    """Give the user a role. False if they had it already from a site admin or an operator.

    Raises:
        MayNotChangePeople: `by` is not a site admin.
        OwnAccount: `by` is the user.
        UnknownRole: there is no such role.
    """
    known = _role(role)
    with transaction.atomic():
        lock_site_admins()
        check_may_change(user, by)
        return _grant(user, known, GIVEN_HERE, by)


def revoke(user: User, role: str, *, by: User | None) -> bool:
    """Take away a role that a site admin or an operator gave. False if there is none.

    A role that single sign-on gave stays: the provider takes it away.

    Raises:
        MayNotChangePeople, OwnAccount, UnknownRole: as `grant`.
        LastSiteAdmin: the portal would have no site admin.
    """
    known = _role(role)
    with transaction.atomic():
        lock_site_admins()
        check_may_change(user, by)
        was_revoked = _revoke(user, known, GIVEN_HERE)
        if was_revoked and known == Role.SITE_ADMIN:
            check_site_admin_is_left(user)
    return was_revoked


def set_roles(user: User, roles: Iterable[str], *, by: User | None) -> None:
    """Give and take away roles until the user has these and no others from site admins and operators.

    Raises:
        MayNotChangePeople, OwnAccount, UnknownRole, LastSiteAdmin: as `grant` and `revoke`. Then nothing is changed.
    """
    wanted = {_role(role) for role in roles}
    held = {_role(role) for role in roles_given_here(user)}
    with transaction.atomic():
        for role in sorted(wanted - held):
            grant(user, role, by=by)
        for role in sorted(held - wanted):
            revoke(user, role, by=by)


def sync_from_provider(user: User, provider: str, roles: Iterable[str]) -> None:
    """Make these the roles that the provider gives the user, at each of their sign-ins.

    Roles from site admins and other providers stay. The provider decides alone: it also takes the role from the last
    site admin, because someone whom it no longer names must not keep it. An operator can then give it to another
    person with `manage.py grant_role`.

    Raises:
        ValueError: `provider` is empty.
        UnknownRole: there is no such role.
    """
    if not provider:
        raise ValueError("The ID of the provider is empty.")
    wanted = {_role(role) for role in roles}
    with transaction.atomic():
        lock_site_admins()
        held = set(RoleGrant.objects.filter(user=user, source=provider).values_list("role", flat=True))
        for role in sorted(wanted - held):
            _grant(user, role, provider, None)
        for name in sorted(held - wanted):
            _revoke(user, Role(name), provider)


def roles_given_here(user: User) -> list[str]:
    """The roles that site admins and operators gave this user, also while the user is suspended."""
    return list(RoleGrant.objects.filter(user=user, source=GIVEN_HERE).order_by("role").values_list("role", flat=True))


def check_may_change(user: User, by: User | None) -> None:
    """Raise MayNotChangePeople or OwnAccount unless `by`, None for an operator, may change this user's roles.

    `by` is read again: they may have lost the role while they waited for the lock.
    """
    if by is None:
        return
    asking = User.objects.filter(pk=by.pk).first()
    if asking is None or not asking.has_perm(GIVE_ROLES):
        raise MayNotChangePeople
    if by.pk == user.pk:
        raise OwnAccount


def lock_site_admins() -> None:
    """Until the transaction ends, let nobody else take away the role of site admin or suspend anyone."""
    admins = RoleGrant.objects.select_for_update().filter(role=Role.SITE_ADMIN).order_by("pk")
    list(admins.values_list("pk", flat=True))


def check_site_admin_is_left(user: User) -> None:
    """Raise LastSiteAdmin, naming the user, if no site admin is left who is not suspended."""
    if not RoleGrant.objects.filter(role=Role.SITE_ADMIN, user__is_active=True).exists():
        raise LastSiteAdmin(user.email)


def _role(name: str) -> Role:
    if name not in Role.values:
        raise UnknownRole(name, ", ".join(Role.values))
    return Role(name)


def _grant(user: User, role: Role, source: str, by: User | None) -> bool:
    _, was_created = RoleGrant.objects.get_or_create(user=user, role=role, source=source, defaults={"granted_by": by})
    user.forget_roles()
    return was_created


def _revoke(user: User, role: Role, source: str) -> bool:
    removed_count, _ = RoleGrant.objects.filter(user=user, role=role, source=source).delete()
    user.forget_roles()
    return removed_count > 0
