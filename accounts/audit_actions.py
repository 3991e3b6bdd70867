"""What the audit trail can record: one row for each action. The documentation's table is generated from it.

An action's `details` are the only names that an event's details may have. None of them may ever hold a password, a
token, a client secret, a code or a session key, nor the ID of a Jira account, which must stay possible to anonymise:
events never change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import models


class Outcome(models.TextChoices):
    OK = "ok", "OK"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"


class CredentialKind(models.TextChoices):
    """With what the client or process proved who it is."""

    SESSION = "session", "Session"
    TOKEN = "token", "API token"
    OAUTH2 = "oauth2", "OAuth2 application"
    COMMAND = "command", "Command"
    WORKER = "worker", "Worker"
    NONE = "none", "None"


@dataclass(frozen=True)
class Action:
    """`title` is shown to people. `details` are the names of what is recorded beside who, when, where and on what."""

    title: str
    details: Sequence[str] = ()


ACTIONS: Mapping[str, Action] = {
    # Sign-in
    "session.started": Action("Signed in, or tried to", ["method", "reason"]),
    "session.ended": Action("Signed out", ["reason", "count"]),
    "session.confirmed": Action("Proved their identity again", ["method"]),
    "session.throttled": Action("Sign-in refused after too many failures", ["wait_seconds"]),
    "password.changed": Action("Password changed"),
    "second_factor.added": Action("Second factor or recovery codes added", ["kind"]),
    "second_factor.removed": Action("Second factor or recovery codes removed", ["kind"]),
    "credential.refused": Action("API token or access token refused", ["scheme"]),
    "credential.throttled": Action("Tokens refused after too many wrong ones", ["scheme", "wait_seconds"]),
    "credential.new_address": Action("API token or application used from an address for the first time", ["network"]),
    "access.refused": Action("Request refused, because roles or scopes don't allow it", ["method", "route"]),
    # Tokens and applications
    "token.created": Action("API token created", ["scopes", "expires_at", "replaced_count"]),
    "token.revoked": Action("API token revoked"),
    "application.created": Action("OAuth2 application registered", ["kind", "redirect_uris", "scopes"]),
    "application.removed": Action("OAuth2 application and its tokens removed"),
    "grant.given": Action("OAuth2 application authorized, or authorization denied", ["scopes"]),
    "grant.narrowed": Action("Scope of an OAuth2 application's authorization removed", ["scopes"]),
    "grant.ended": Action("OAuth2 application's authorization ended", ["scopes", "reason", "given_by"]),
    "access_token.issued": Action("Access token issued, or refused", ["grant_type", "scopes", "reason"]),
    "access_token.revoked": Action("Access token or refresh token revoked"),
    # People
    "person.created": Action("Person added"),
    "person.email_changed": Action("Person's own change of their email", ["before", "after"]),
    "person.changed": Action("Person's own change of their profile", ["fields"]),
    "person.roles_changed": Action("Roles changed", ["before", "after", "source"]),
    "person.suspended": Action("Person suspended"),
    "person.restored": Action("Person restored"),
    # Exports
    "export.requested": Action("Export requested", ["filter", "include", "format", "rerun_of"]),
    "export.cancelled": Action("Export cancelled"),
    "export.settled": Action("Export ended", ["status", "issue_count", "bytes", "sha256"]),
    "export.downloaded": Action(
        "Export downloaded, whole or in part", ["format", "first_byte", "byte_count", "is_whole"]
    ),
    "email.settled": Action("Email about an export sent, not sent, or delivery unknown", ["kind", "status", "export"]),
    "email.resent": Action("Email queued again by a person", ["kind", "export"]),
    # Imports
    "import.requested": Action("Import requested", ["bytes", "on_conflict", "is_dry_run"]),
    "import.settled": Action(
        "Import ended",
        ["status", "is_dry_run", "created", "updated", "unchanged", "skipped", "rejected", "overwritten_sha256"],
    ),
    "import.rejects_downloaded": Action("Rejected issues downloaded", ["file"]),
    "import.overwritten_downloaded": Action("List of overwritten issues downloaded"),
    # The archive
    "issue.viewed": Action("Issue opened (only if `AUDIT_ISSUE_VIEWS` is on)"),
    "issues.removed": Action("Issues deleted from the archive, or taken out of it", ["kind", "issue_count"]),
    "account.anonymised": Action("Person in archived issues anonymised", ["issue_count"]),
    # The portal itself
    "settings.changed": Action("Started with other settings than before", ["version", "changed", "values"]),
    "admin.changed": Action("Something changed in Admin", ["change"]),
    "audit.exported": Action("Audit trail downloaded", ["filter"]),
    "audit.expired": Action("Old events deleted", ["count", "before"]),
}
"""By name. A name is a noun and what happened to it, and never changes: the log's readers rely on it."""
