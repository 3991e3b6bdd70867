"""Roles, and what each of them permits. Nothing else decides that: what is not in this table is permitted to nobody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import models


class Role(models.TextChoices):
    """A person can hold several roles, or none."""

    SITE_ADMIN = "site-admin", "Site admin"
    JIRA_ADMIN = "jira-admin", "Jira admin"
    IMPORTER = "importer", "Importer"
    REVIEWER = "reviewer", "Reviewer"


NO_ROLE = "No role"

USE_ARCHIVE = "archive.use_archive"
RESEND_MAIL = "exports.resend_mail"
IMPORT = "imports.add_importjob"
VIEW_IMPORTS = "imports.view_importjob"
OPEN_ADMIN = "accounts.open_admin"
CHANGE_PEOPLE = "accounts.change_user"
GIVE_ROLES = "accounts.give_roles"
END_SESSIONS = "accounts.end_session"
END_CREDENTIALS = "accounts.end_credentials"
MAKE_CREDENTIALS = "accounts.make_credentials"


@dataclass(frozen=True)
class Permission:
    """Something that some roles may do.

    `title` completes "may …". `names` are what the code asks for, as `app.name`; Admin asks for `app.view_model`,
    `app.add_model`, `app.change_model` and `app.delete_model`.
    """

    title: str
    names: Sequence[str]
    roles: frozenset[Role]


def _to(*roles: Role) -> frozenset[Role]:
    """These roles, and site admins, who may do everything."""
    return frozenset({Role.SITE_ADMIN, *roles})


PERMISSIONS: Sequence[Permission] = (
    Permission(
        "search the archive, open and export issues, download files, and take issues out of the archive over REST",
        [USE_ARCHIVE],
        _to(Role.JIRA_ADMIN),
    ),
    Permission("send emails about exports again", [RESEND_MAIL], _to(Role.JIRA_ADMIN)),
    Permission(
        "create API tokens, register OAuth2 applications, and allow applications to act for them",
        [MAKE_CREDENTIALS],
        _to(Role.JIRA_ADMIN),
    ),
    Permission("import files", [IMPORT], _to(Role.IMPORTER)),
    Permission("open Admin", [OPEN_ADMIN], _to(Role.REVIEWER)),
    Permission(
        "read the history of exports, downloads, emails, imports and removals in Admin",
        [
            "archive.view_removal",
            "exports.view_download",
            "exports.view_exportevent",
            "exports.view_exportjob",
            "exports.view_mail",
            "imports.view_importevent",
            VIEW_IMPORTS,
        ],
        _to(Role.REVIEWER),
    ),
    Permission("read, search and download the audit trail in Admin", ["accounts.view_auditevent"], _to(Role.REVIEWER)),
    Permission(
        "read the archive's tables in Admin",
        ["archive.view_account", "archive.view_archivedissue", "archive.view_issuetype", "archive.view_project"],
        _to(),
    ),
    Permission(
        "add, change, suspend and restore people, and give roles, in Admin",
        ["accounts.view_user", "accounts.add_user", CHANGE_PEOPLE, GIVE_ROLES],
        _to(),
    ),
    Permission("see and end everybody's sessions in Admin", ["accounts.view_session", END_SESSIONS], _to()),
    Permission(
        "read and end everybody's API tokens and consents to applications in Admin",
        ["accounts.view_apitoken", "accounts.view_consent", END_CREDENTIALS],
        _to(),
    ),
)


def _roles_by_name() -> Mapping[str, frozenset[Role]]:
    found = {}
    for permission in PERMISSIONS:
        for name in permission.names:
            found[name] = permission.roles
    return found


_ROLES_BY_NAME = _roles_by_name()


def is_permitted(roles: Iterable[str], name: str) -> bool:
    """Whether one of the roles includes the permission. An unknown role permits nothing."""
    allowed = _ROLES_BY_NAME.get(name, frozenset())
    return not allowed.isdisjoint(roles)


def is_app_permitted(roles: Iterable[str], app_label: str) -> bool:
    """Whether one of the roles includes a permission of the app."""
    held = list(roles)
    prefix = f"{app_label}."
    return any(name.startswith(prefix) and is_permitted(held, name) for name in _ROLES_BY_NAME)


def role_titles(roles: Iterable[str]) -> str:
    """The roles' names in the table's order, separated by commas; `No role` if there are none."""
    held = set(roles)
    titles = [role.label for role in Role if role in held]
    return ", ".join(titles) or NO_ROLE
