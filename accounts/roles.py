"""Giving roles and taking them away. Pages, commands and single sign-on all do it here.

Site admins give roles to others, never to themselves. An operator at the command line gives them in nobody's name
(`by=None`). A single sign-on provider gives and takes away the roles that it maps, and no others.

Who loses the last role with which one has credentials loses the credentials for good, as if suspended: otherwise they
would work again once the role is given back.

Whatever takes away the role of site admin, or suspends a user, first locks the rows of all site admins. So two site
admins who remove each other at the same moment can't leave the portal without one.
"""

from collections.abc import Iterable

from django.db import transaction
from django.dispatch import Signal

from accounts import audit
from accounts.errors import LastSiteAdmin, MayNotChangePeople, MayNotMakeCredentials, OwnAccount, UnknownRole
from accounts.models import RoleGrant, User
from accounts.permissions import GIVE_ROLES, MAKE_CREDENTIALS, Role, is_permitted

GIVEN_HERE = ""
"""The source of roles that a site admin or an operator gave."""
credentials_lost = Signal()
"""No role lets `user` have credentials. Is sent in the transaction that changed the roles, perhaps again and again."""


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
        return _change(user, GIVEN_HERE, _held(user, GIVEN_HERE) | {known}, by)


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
        was_revoked = _change(user, GIVEN_HERE, _held(user, GIVEN_HERE) - {known}, by)
        if was_revoked and known == Role.SITE_ADMIN:
            check_site_admin_is_left(user)
        _report_lost_credentials(user)
    return was_revoked


def set_roles(user: User, roles: Iterable[str], *, by: User | None) -> None:
    """Give and take away roles until the user has these and no others from site admins and operators.

    Raises:
        MayNotChangePeople, OwnAccount, UnknownRole, LastSiteAdmin: as `grant` and `revoke`. Then nothing is changed.
    """
    wanted = {_role(role) for role in roles}
    with transaction.atomic():
        lock_site_admins()
        check_may_change(user, by)
        held = _held(user, GIVEN_HERE)
        _change(user, GIVEN_HERE, wanted, by)
        if Role.SITE_ADMIN in held - wanted:
            check_site_admin_is_left(user)
        _report_lost_credentials(user)


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
        _change(user, provider, wanted, None)
        _report_lost_credentials(user)


def drop_those_of_providers(user: User) -> None:
    """Take away all roles that single sign-on providers gave. They give them again at the next sign-in by them.

    Credentials stay, without any use meanwhile: the provider has not said that the user lost a role.
    """
    with transaction.atomic():
        lock_site_admins()
        sources = set(RoleGrant.objects.filter(user=user).exclude(source=GIVEN_HERE).values_list("source", flat=True))
        for source in sorted(sources):
            _change(user, source, set(), None)


def roles_given_here(user: User) -> list[str]:
    """The roles that site admins and operators gave this user, also while the user is suspended."""
    return sorted(_held(user, GIVEN_HERE))


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


def check_may_make_credentials(user: User) -> None:
    """Raise MayNotMakeCredentials unless a role of the user includes that.

    Call it in the transaction that saves the credential. It locks the user, so that someone who is being suspended
    can't make a credential that `credentials.end_all` does not see.
    """
    locked = User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    if locked is None or not locked.has_perm(MAKE_CREDENTIALS):
        raise MayNotMakeCredentials


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


def _held(user: User, source: str) -> set[Role]:
    return {Role(name) for name in RoleGrant.objects.filter(user=user, source=source).values_list("role", flat=True)}


def _change(user: User, source: str, wanted: set[Role], by: User | None) -> bool:
    """Make these the roles from this source, and record it. False if nothing was to change."""
    before = _held_from_anywhere(user)
    held = _held(user, source)
    for role in sorted(wanted - held):
        RoleGrant.objects.create(user=user, role=role, source=source, granted_by=by)
    RoleGrant.objects.filter(user=user, source=source, role__in=held - wanted).delete()
    user.forget_roles()
    if wanted == held:
        return False
    audit.record(
        "person.roles_changed",
        on=audit.Target("person", user.pk, user.email),
        actor=source,
        details={"before": before, "after": _held_from_anywhere(user), "source": source},
    )
    return True


def _report_lost_credentials(user: User) -> None:
    if not is_permitted(_held_from_anywhere(user), MAKE_CREDENTIALS):
        credentials_lost.send(sender=User, user=user)


def _held_from_anywhere(user: User) -> list[str]:
    return sorted(set(RoleGrant.objects.filter(user=user).values_list("role", flat=True)))
