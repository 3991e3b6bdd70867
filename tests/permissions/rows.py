"""Who gets which answer at which address. This table is written by hand; nothing in it follows from the code.

A row says what those with access get by method. What everybody else gets follows from the kind of the row.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tests.permissions.world import EVERYBODY

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PEOPLE = ("no role", "reviewer", "importer", "Jira admin", "site admin")
"""Whoever is signed in. To pages, tokens and suspended people are like anonymous ones."""
ARCHIVE = ("Jira admin", "site admin")
IMPORT = ("importer", "site admin")
ADMIN = ("reviewer", "site admin")
SITE_ADMIN = ("site admin",)
NOBODY = ()


@dataclass(frozen=True)
class Row:
    """`statuses` are what those with access get; HEAD is answered as GET, and a method that is not listed with 405."""

    access: Collection[str]
    statuses: Mapping[str, int]

    def status(self, method: str) -> int:
        if method == "OPTIONS":
            return self.statuses.get("OPTIONS", 200)
        if method == "HEAD":
            method = "GET"
        return self.statuses.get(method, 405)

    def expected(self, method: str, who: str) -> int:
        raise NotImplementedError


@dataclass(frozen=True)
class Public(Row):
    """Everybody gets the same."""

    access: Collection[str] = EVERYBODY
    statuses: Mapping[str, int] = field(default_factory=dict)

    def expected(self, method: str, who: str) -> int:
        return self.status(method)


@dataclass(frozen=True)
class Page(Row):
    """A page for browsers. Who is not signed in is sent to the sign-in page, whatever the method."""

    def expected(self, method: str, who: str) -> int:
        if who not in PEOPLE:
            return 302
        if who not in self.access:
            return 403
        return self.status(method)


@dataclass(frozen=True)
class SignIn(Row):
    """A page for those who are not signed in. All others get `refused`."""

    access: Collection[str] = tuple(who for who in EVERYBODY if who not in PEOPLE)
    statuses: Mapping[str, int] = field(default_factory=dict)
    refused: int = 302

    def expected(self, method: str, who: str) -> int:
        if who not in self.access:
            return self.refused
        return self.status(method)


@dataclass(frozen=True)
class Operation(Row):
    """An operation of the REST API, for sessions and tokens.

    People without access get `refused` for the methods that there are. If `for_every_method`, the role is checked
    before the method. OPTIONS is not allowed.
    """

    refused: int = 403
    for_every_method: bool = False

    def expected(self, method: str, who: str) -> int:
        if who in {"anonymous", "suspended"} or who.endswith("of a suspended person"):
            return 401
        if who.endswith("without scope"):
            return 403
        has_access = who in self.access or who in {"API token", "access token"}
        status = self.statuses.get({"HEAD": "GET"}.get(method, method), 405)
        if not has_access and (self.for_every_method or status != 405):
            return self.refused
        return status


@dataclass(frozen=True)
class AdminPage(Row):
    """A page of Django's Admin, which answers POST as GET if it has no form."""

    def expected(self, method: str, who: str) -> int:
        if method not in {"GET", "HEAD", "POST"}:
            return 405
        if who not in ADMIN:
            return 302
        if who not in self.access:
            return 403
        return self.statuses.get(method, self.statuses["GET"])


@dataclass(frozen=True)
class AdminView(AdminPage):
    """One of the few pages of Admin that answer POST with 405 if they have no form."""

    def expected(self, method: str, who: str) -> int:
        if method not in {"GET", "HEAD", "POST"}:
            return 405
        if who not in ADMIN:
            return 302
        return self.status(method)


def read_only(model: str, access: Collection[str]) -> dict[str, Row]:
    """The pages of a model whose objects Admin shows to some and lets nobody change."""
    base = f"/admin/{model}/"
    return {
        base: AdminPage(access, {"GET": 200}),
        f"{base}add/": AdminPage(NOBODY, {"GET": 200}),
        f"{base}<path:object_id>/history/": AdminPage(access, {"GET": 200}),
        f"{base}<path:object_id>/delete/": AdminPage(NOBODY, {"GET": 200}),
        f"{base}<path:object_id>/change/": AdminPage(access, {"GET": 200, "POST": 403}),
        f"{base}<path:object_id>/": AdminPage(ADMIN, {"GET": 302}),  # only redirects
    }


REST = "/rest/api/<jira_version:version>"
SHOWN = {"GET": 200}
CHANGED = {"POST": 302}
RUNNING = {"POST": 412}  # the export is waiting, and there can't be two
FORM = {"GET": 200, "POST": 200}  # the requests send no fields, so the form is shown again

ROWS: Mapping[str, Row] = {
    # Exports and the archive
    "/": Page(ARCHIVE, SHOWN),
    "/suggest/<slug:name>": Page(ARCHIVE, SHOWN),
    "/issues/<str:key>": Page(ARCHIVE, SHOWN),
    "/exports/": Page(ARCHIVE, SHOWN | RUNNING),
    "/exports/running": Page(ARCHIVE, SHOWN),
    "/exports/<int:job_id>": Page(ARCHIVE, SHOWN),
    "/exports/<int:job_id>/progress": Page(ARCHIVE, SHOWN),
    "/exports/<int:job_id>/cancel": Page(ARCHIVE, CHANGED),
    "/exports/<int:job_id>/rerun": Page(ARCHIVE, RUNNING),
    "/mails/<int:mail_id>/resend": Page(ARCHIVE, CHANGED),
    # REST: an export that belongs to somebody else does not exist for people without access
    f"{REST}/issue/unarchive": Operation(ARCHIVE, {"PUT": 400}, for_every_method=True),
    f"{REST}/issues/archive/export": Operation(ARCHIVE, {"PUT": 412}, for_every_method=True),
    f"{REST}/task/<str:task_id>": Operation(ARCHIVE, SHOWN),
    f"{REST}/task/<str:task_id>/cancel": Operation(ARCHIVE, {"POST": 202}),
    "/exports/<str:task_id>/file": Operation(ARCHIVE, {"GET": 409}, refused=404),
    "/exports/<str:task_id>/manifest.json": Operation(ARCHIVE, {"GET": 409}, refused=404),
    # Imports
    "/imports/": Page(IMPORT, {"GET": 200, "POST": 400}),
    "/imports/<int:number>": Page(IMPORT, SHOWN),
    "/imports/<int:number>/progress": Page(IMPORT, SHOWN),
    "/imports/<int:number>/overwritten.csv": Page(("reviewer", *IMPORT), {"GET": 404}),
    "/imports/<int:number>/rejects/<str:name>": Page(IMPORT, {"GET": 404}),
    # One's own account: the credentials belong to somebody else
    "/account": Page(PEOPLE, {"GET": 200, "POST": 302}),
    "/account/password": Page(PEOPLE, FORM),
    "/account/password/new": Page(PEOPLE, SHOWN),
    "/account/email": Page(PEOPLE, {"GET": 200, "POST": 302}),
    "/account/email/confirm": Public(statuses=dict.fromkeys(METHODS, 302)),  # no code was sent
    "/account/confirm": Page(PEOPLE, FORM),
    "/account/confirm/provider": Page(PEOPLE, SHOWN),
    "/account/confirm/code": Page(PEOPLE, dict.fromkeys(METHODS, 302)),  # they have no second factor
    "/account/confirm/passkey": Page(PEOPLE, dict.fromkeys(METHODS, 302)),
    "/account/second-factor": Page(PEOPLE, SHOWN),
    "/account/second-factor/app": Page(PEOPLE, FORM),
    "/account/second-factor/app/remove": Page(PEOPLE, dict.fromkeys(METHODS, 404)),
    "/account/second-factor/passkeys/new": Page(PEOPLE, FORM),
    "/account/second-factor/passkeys/<int:pk>/rename": Page(PEOPLE, {"GET": 404, "POST": 404}),
    "/account/second-factor/passkeys/<int:pk>/remove": Page(PEOPLE, {"GET": 404, "POST": 404}),
    "/account/second-factor/codes": Page(PEOPLE, {"GET": 404}),
    "/account/second-factor/codes/new": Page(PEOPLE, FORM),
    "/account/sessions": Page(PEOPLE, SHOWN),
    "/account/sessions/end-others": Page(PEOPLE, CHANGED),
    "/account/sessions/<str:session_id>/end": Page(PEOPLE, {"POST": 404}),
    "/account/tokens": Page(PEOPLE, FORM),
    "/account/tokens/<str:token_id>/revoke": Page(PEOPLE, {"POST": 404}),
    "/account/consents": Page(PEOPLE, SHOWN),
    "/account/consents/<int:consent_id>/end": Page(PEOPLE, {"POST": 404}),
    "/account/consents/<int:consent_id>/narrow": Page(PEOPLE, {"POST": 404}),
    "/account/applications": Page(PEOPLE, FORM),
    "/account/applications/<int:application_id>/remove": Page(PEOPLE, {"POST": 404}),
    # Signing in
    "/sign-in": SignIn(statuses=FORM | {"PUT": 200}),
    "/sign-in/second-factor": Public(statuses=dict.fromkeys(METHODS, 302)),  # nobody is in the middle of signing in
    "/sign-in/passkey": SignIn(statuses={"GET": 200, "POST": 302, "PUT": 302}),
    "/sign-in/with/<slug:provider_id>": Public(statuses={"POST": 404}),  # there is no such provider
    "/sign-in/with/<slug:provider_id>/back": Public(statuses={"GET": 404}),
    "/sign-in/reset": Public(statuses=FORM | {"PUT": 200}),
    "/sign-in/reset/sent": Public(statuses=SHOWN),
    "/^sign-in/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)$": Public(statuses=dict.fromkeys(METHODS, 400)),
    "/sign-out": Public(statuses=CHANGED),
    # OAuth2: clients sign in with their own secret
    "/oauth/authorize": Page(ARCHIVE, {"GET": 400, "POST": 400}),
    "/oauth/token": Public(statuses={"POST": 400}),
    "/oauth/revoke": Public(statuses={"POST": 400}),
    "/.well-known/oauth-authorization-server": Public(statuses=SHOWN),
    "/.well-known/oauth-authorization-server/<path:issuer_path>": Public(statuses=SHOWN),
    "/.well-known/oauth-protected-resource": Public(statuses=SHOWN),
    "/.well-known/oauth-protected-resource/<path:resource_path>": Public(statuses=SHOWN),
    # Public
    "/health": Public(statuses={"GET": 503}),  # no worker is running
    "/health/ready": Public(statuses=SHOWN),
    "/rest/api/3/openapi.json": Public(statuses=SHOWN | {"OPTIONS": 405}),
    "/rest/api/3/docs": Public(statuses=SHOWN | {"OPTIONS": 405}),
    "/^rest(/|$)": Public(statuses=dict.fromkeys(METHODS, 404)),
    # Admin
    "/admin/": AdminPage(ADMIN, SHOWN),
    "/admin/^(?P<app_label>…)/$": AdminPage(ADMIN, SHOWN),
    "/admin/(?P<url>.*)$": AdminPage(ADMIN, {"GET": 404}),
    "/admin/login/": SignIn(statuses=dict.fromkeys(METHODS, 302), refused=403),
    "/admin/logout/": AdminView(ADMIN, CHANGED),
    "/admin/password_change/": Page(PEOPLE, dict.fromkeys(METHODS, 302)),  # leads to one's own account
    "/admin/password_change/done/": AdminView(ADMIN, SHOWN),
    "/admin/autocomplete/": AdminView(NOBODY, {"GET": 403}),
    "/admin/jsi18n/": AdminView(ADMIN, SHOWN),
    "/admin/r/<path:content_type_id>/<path:object_id>/": AdminPage(ADMIN, {"GET": 404}),
    **read_only("exports/exportjob", ADMIN),
    **read_only("exports/download", ADMIN),
    **read_only("exports/mail", ADMIN),
    **read_only("imports/importjob", ADMIN),
    **read_only("archive/removal", ADMIN),
    **read_only("archive/archivedissue", SITE_ADMIN),
    **read_only("archive/project", SITE_ADMIN),
    **read_only("archive/issuetype", SITE_ADMIN),
    **read_only("archive/account", SITE_ADMIN),
    **read_only("accounts/apitoken", SITE_ADMIN),
    **read_only("accounts/consent", SITE_ADMIN),
    **read_only("accounts/session", SITE_ADMIN),
    **read_only("accounts/auditevent", ADMIN),
    "/admin/accounts/auditevent/csv/": AdminPage(ADMIN, SHOWN),
    **read_only("accounts/user", SITE_ADMIN),
    "/admin/accounts/user/add/": AdminPage(SITE_ADMIN, FORM),
    "/admin/accounts/user/<path:object_id>/change/": AdminPage(SITE_ADMIN, FORM),
    "/admin/accounts/user/<id>/password/": AdminPage(SITE_ADMIN, FORM),
}

ACTIONS: Mapping[str, Mapping[str, Collection[str]]] = {
    "accounts.consent": {"end": SITE_ADMIN},
    "accounts.user": {"suspend": SITE_ADMIN, "restore": SITE_ADMIN, "remove_second_factors": SITE_ADMIN},
    "accounts.apitoken": {"revoke": SITE_ADMIN},
    "accounts.session": {"end": SITE_ADMIN},
}
"""Actions on the lists of Admin, by model and name. Lists that are not here have none."""
