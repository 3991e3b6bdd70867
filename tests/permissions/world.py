"""One object of every kind, all with the same ID, and everybody who may or may not have access to them.

The objects belong to somebody who sends no request.
"""

import base64
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from accounts.models import ApiToken, AuditEvent, Consent, Session, User
from accounts.permissions import Role
from archive.models import Account, ArchivedIssue, IssueType, Project, Removal
from exports.models import Download, ExportJob, Mail
from imports.models import ImportJob
from tests.conftest import PASSWORD
from tests.factories import NOON

ID = 4711
"""Far from what the database gives to other objects."""
EVERYBODY = (
    "anonymous",
    "no role",
    "reviewer",
    "importer",
    "Jira admin",
    "site admin",
    "suspended",
    "API token",
    "API token without scope",
    "API token of a suspended person",
    "access token",
    "access token without scope",
    "access token of a suspended person",
)
"""Tokens are a site admin's, so that only what their names say stands between them and everything."""


@dataclass
class Somebody:
    """Sends requests with a header, or as a user who signed in before."""

    headers: dict[str, str] = field(default_factory=dict)
    user: User | None = None

    def __post_init__(self) -> None:
        client = Client()
        if self.user is not None:
            client.force_login(self.user)
        self._cookies = {name: cookie.value for name, cookie in client.cookies.items()}

    def client(self) -> Client:
        """Signed in, if this is a user: as long ago as this object was created."""
        client = Client(raise_request_exception=False, headers=self.headers)
        client.cookies.load(self._cookies)
        return client

    def send(self, method: str, path: str) -> Any:
        """The answer. Everything the request changed in the database is undone."""
        with undone():
            return self.client().generic(method, path, b"{}", content_type="application/json")


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def create_everybody() -> dict[str, Somebody]:
    """Everyone in EVERYBODY, with the objects that their requests are about."""
    _create_objects(User.objects.create_user("owner@example.com", id=ID, roles=[Role.JIRA_ADMIN]))
    site_admin = _user("site", Role.SITE_ADMIN)
    suspended = _user("suspended", Role.SITE_ADMIN)
    everybody = {
        "anonymous": Somebody(),
        "no role": Somebody(user=_user("none")),
        "reviewer": Somebody(user=_user("reviewer", Role.REVIEWER)),
        "importer": Somebody(user=_user("importer", Role.IMPORTER)),
        "Jira admin": Somebody(user=_user("jira", Role.JIRA_ADMIN)),
        "site admin": Somebody(user=site_admin),
        "suspended": Somebody(user=suspended),
    }
    kinds: tuple[tuple[str, Callable[[User, str], Somebody]], ...] = (
        ("API token", _api_token),
        ("access token", _access_token),
    )
    for name, create in kinds:
        everybody[name] = create(site_admin, "read:jira-work write:jira-work")
        everybody[f"{name} without scope"] = create(site_admin, "nothing")
        everybody[f"{name} of a suspended person"] = create(suspended, "read:jira-work write:jira-work")
    User.objects.filter(pk=suspended.pk).update(is_active=False)
    return everybody


def _user(name: str, *roles: Role) -> User:
    return User.objects.create_user(f"{name}@example.com", PASSWORD, roles=roles)


def _api_token(user: User, scope: str) -> Somebody:
    _, secret = ApiToken.objects.create_key(user=user, name="test", scope=scope, last_used_at=timezone.now())
    credentials = base64.b64encode(f"{user.email}:{secret}".encode()).decode()
    return Somebody({"Authorization": f"Basic {credentials}"})


def _access_token(user: User, scope: str) -> Somebody:
    application, _ = Application.objects.get_or_create(
        user=user, client_type="public", authorization_grant_type="authorization-code", redirect_uris="https://a.test/"
    )
    secret = secrets.token_urlsafe()
    expires = timezone.now() + timedelta(hours=1)
    AccessToken.objects.create(user=user, application=application, token=secret, scope=scope, expires=expires)
    return Somebody({"Authorization": f"Bearer {secret}"})


def _create_objects(owner: User) -> None:
    in_an_hour = timezone.now() + timedelta(hours=1)
    Session.objects.create(session_key=str(ID), user=owner, signed_in_at=timezone.now(), expire_date=in_an_hour)
    Authenticator.objects.create(user=owner, type="totp", data={"secret": ""})
    project = Project.objects.create(pk=ID, key="FOO")
    issue_type = IssueType.objects.create(pk=ID, type_id="1")
    account = Account.objects.create(pk=ID, account_id="ann")
    ArchivedIssue.objects.create(
        pk=ID, key="FOO-1", project=project, issue_type=issue_type, archived_by=account, archived_date=NOON
    )
    AuditEvent.objects.create(pk=ID, action="token.revoked")
    Removal.objects.create(pk=ID, kind="deleted", issue_count=1)
    job = ExportJob.objects.create(pk=ID, submitted_by=owner, filter={})
    Mail.objects.create(pk=ID, job=job, kind="ready", recipient=owner.email, message_id="<1>")
    Download.objects.create(pk=ID, job=job, user=owner)
    ImportJob.objects.create(pk=ID, submitted_by=owner, operator=owner.email, file_name="a.csv", bytes=1)
    ApiToken.objects.create(pk=str(ID), prefix="aaaaaaaa", hashed_key="-", name="of the owner", user=owner)
    application = Application.objects.create(
        pk=ID, user=owner, client_type="public", authorization_grant_type="authorization-code", name="of the owner",
        redirect_uris="https://a.test/",
    )  # fmt: skip
    Consent.objects.create(
        pk=ID, user=owner, application=application, scope="read:jira-work", token_family=uuid4(),
        redeemed_at=timezone.now(), expires_at=in_an_hour,
    )  # fmt: skip
