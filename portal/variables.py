"""Declares every environment variable of the portal. docs/settings.md is generated from this file.

portal/settings.py and gunicorn.conf.py read the values. A variable that is declared here must be read there.
"""

import zoneinfo
from importlib.util import find_spec
from pathlib import Path

from portal.environment import Folder, Group, Number, NumberList, Switch, Text, TextList

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SITE_PLANS = ("free", "standard", "premium", "enterprise")


def _is_time_zone(name: str) -> bool:
    return name in zoneinfo.available_timezones()


def _is_provider(name: str) -> bool:
    if not name:
        return True
    return name.isidentifier() and find_spec(f"anymail.backends.{name}") is not None


def _is_audit_log(text: str) -> bool:
    path = Path(text)
    return text in {"off", "stdout"} or (path.is_absolute() and path.parent.is_dir())


GENERAL = Group(
    "General",
    "",
    [
        Text(
            name="PORTAL_URL",
            default="http://localhost:8000",
            form="the address users open, such as https://archive.example.com",
            help="All links in emails and responses start with it. It must use `https`, unless it is this machine.",
        ),
        TextList(
            name="ALLOWED_HOSTS",
            default_in_words="the host of `PORTAL_URL`",
            form="host names",
            help="The host names that the web server answers to. `*` is not allowed.",
        ),
        Folder(
            name="DATA_DIR",
            default_in_words="`var/` in the project folder",
            help="Holds the SQLite file, exported files, uploads, collected static files and the generated secret.",
        ),
        Text(
            name="DATABASE_URL",
            default_in_words="SQLite in `DATA_DIR`",
            form="postgresql://user:password@host/name or sqlite:////path/file",
            help="The database. Jobs and the queue share it with the archive.",
        ),
        Number(
            name="DATABASE_PATIENCE_SECONDS",
            default=10,
            form="a number of seconds",
            minimum=1,
            help="How long a web request waits for the database, a lock or a statement before it returns 503. The "
            "worker and commands wait as long as needed.",
        ),
        Text(
            name="SECRET_KEY",
            default_in_words="generated, stored in `DATA_DIR/secret_key`",
            form="at least 50 random characters",
            is_secret=True,
            help="Signs cookies, links and queue messages, and encrypts second factors. Required with PostgreSQL, with "
            "the same value on every host.",
        ),
        TextList(
            name="SECRET_KEY_FALLBACKS",
            default_in_words="none",
            form="earlier values of `SECRET_KEY`",
            is_secret=True,
            help="What earlier keys have signed and encrypted stays valid. See "
            "[Security policies](security-policies.md#keys-and-secrets).",
        ),
        Text(
            name="TIME_ZONE",
            default="UTC",
            form="a name such as Europe/Berlin",
            is_valid=_is_time_zone,
            help="The site's time zone. Days in date filters start at midnight in this zone. It is also used for users "
            "who have not chosen their own.",
        ),
        Switch(
            name="DEBUG",
            default=False,
            help="Enables Django's debug pages. Only allowed if `PORTAL_URL` is this machine.",
        ),
        Text(
            name="LOG_LEVEL",
            default="INFO",
            choices=LOG_LEVELS,
            help="How much is logged to standard error.",
        ),
    ],
)

SIGN_IN = Group(
    "Sign-in",
    "",
    [
        Switch(
            name="PASSWORD_SIGN_IN",
            default=True,
            help="If it is off, people sign in by single sign-on only: no passwords, and no passkeys alone.",
        ),
        TextList(
            name="OIDC_PROVIDERS",
            default_in_words="none",
            form="names of lower-case letters and digits, such as entra",
            help="The single sign-on providers (OpenID Connect). Each is described by the settings below, in whose "
            "names the provider's name in capitals stands for `…`.",
        ),
        Text(
            name="OIDC_…_ISSUER",
            default_in_words="must be set",
            form="the issuer's https address, exactly as the provider gives it",
            help="The provider. Its description is read from `/.well-known/openid-configuration` below that address. "
            "Register the portal there with the redirect URI `PORTAL_URL/sign-in/with/NAME/back`.",
        ),
        Text(
            name="OIDC_…_CLIENT_ID",
            default_in_words="must be set",
            form="what the provider gave",
            help="The portal's name at the provider.",
        ),
        Text(
            name="OIDC_…_CLIENT_SECRET",
            default_in_words="must be set",
            form="what the provider gave",
            is_secret=True,
            help="The portal's secret at the provider.",
        ),
        Text(
            name="OIDC_…_TITLE",
            default_in_words="the provider's name",
            form="a short name",
            help="What people read on the button of the sign-in page.",
        ),
        Text(
            name="OIDC_…_SCOPES",
            default="openid profile email",
            form="scopes, separated by spaces",
            help="What the portal asks the provider for. Some providers give groups only if they are asked for them.",
        ),
        Text(
            name="OIDC_…_GROUPS_CLAIM",
            default="groups",
            form="the name of a claim",
            help="Which claim lists the person's groups. `realm_access.roles` is a claim inside of another one.",
        ),
        Text(
            name="OIDC_…_ROLE_MAP",
            default_in_words="none",
            form="GROUP=ROLE; GROUP=ROLE",
            help="Which [role](roles.md) the members of a group have. It is read at each sign-in; whoever is in no "
            "such group does not get in. Without it, the provider only says who someone is, and roles are given here.",
        ),
        Switch(
            name="OIDC_CREATE_USERS",
            default=False,
            help="Whether whoever a provider lets in gets an account if they have none. Otherwise a site admin must "
            "have added them before.",
        ),
        Text(
            name="MFA_REQUIRED",
            default="off",
            choices=("off", "admins", "everyone"),
            help="Who must have a second factor: nobody, site admins and Jira admins, or everyone. Whoever has none is "
            "led to add one before anything else works in the browser. Second factors of people who come by single "
            "sign-on are left to the provider. Tokens are not affected.",
        ),
        Number(
            name="SESSION_IDLE_MINUTES",
            default=60,
            form="a number of minutes",
            minimum=5,
            help="A browser that was not used for this long must sign in again.",
        ),
        Number(
            name="SESSION_HOURS",
            default=24,
            form="a number of hours",
            minimum=1,
            maximum=24 * 90,
            help="A browser must sign in again this long after it signed in, however much it is used.",
        ),
    ],
)

EMAIL = Group(
    "Email",
    "",
    [
        Text(
            name="EMAIL_URL",
            default="console:",
            form="console:, file:FOLDER or smtp://HOST:PORT",
            help="Where emails go: to a mail server (`smtp://user:password@host:587?tls=true`), into a folder with one "
            "file per email, or to the terminal.",
        ),
        Text(
            name="EMAIL_PROVIDER",
            default_in_words="none",
            form="a provider that django-anymail supports, such as mailgun, postmark, sendgrid or amazon_ses",
            is_valid=_is_provider,
            help="The service that sends emails, instead of `EMAIL_URL`.",
        ),
        Text(
            name="ANYMAIL_…",
            default_in_words="none",
            form="what the provider's documentation says",
            is_secret=True,
            help="The provider's settings, such as `ANYMAIL_MAILGUN_API_KEY`. If the provider's webhook signing key "
            "(or `ANYMAIL_WEBHOOK_SECRET=user:password`) is set, delivery reports are accepted at "
            "`PORTAL_URL/mail/PROVIDER/tracking/`. Otherwise that address does not exist.",
        ),
        NumberList(
            name="EMAIL_RETRY_SECONDS",
            default=[60, 300, 900, 3600, 14400],
            form="numbers of seconds",
            minimum=1,
            help="Waiting times between attempts to send an email that was certainly not delivered. After the last "
            "attempt, sending has failed.",
        ),
        Number(
            name="EMAIL_SENDING_SECONDS",
            default=120,
            form="a number of seconds",
            minimum=2,
            help="How long a worker has to send an email. If it has not reported a result by then, the status is "
            "*Delivery unknown*. The mail server gets half of this time.",
        ),
        Text(
            name="EMAIL_FROM",
            default_in_words="`portal@` the host of `PORTAL_URL`",
            form="an email address, or a name and an email address in angle brackets",
            help="The sender's address.",
        ),
    ],
)

EXPORTS_AND_IMPORTS = Group(
    "Exports and imports",
    "",
    [
        Text(
            name="SITE_PLAN",
            default="premium",
            choices=SITE_PLANS,
            help="The site's plan in Jira. Only premium and enterprise allow exports.",
        ),
        Number(
            name="EXPORT_KEEP_DAYS",
            default=7,
            form="a number of days",
            minimum=1,
            help="How long a file can be downloaded. The export's history is kept.",
        ),
        Switch(
            name="EXPORT_FORMULA_GUARD",
            default=True,
            help="If it is off, cells are written without the [formula guard](csv.md#the-formula-guard). Turn it off "
            "only if the file is never opened in a spreadsheet.",
        ),
        Number(
            name="EXPORT_CONNECTIONS",
            default=2,
            form="a number of connections",
            minimum=1,
            help="How many database connections read an export in parallel. The file is the same for any number.",
        ),
        Number(
            name="EXPORT_LEASE_SECONDS",
            default=9,
            form="a number of seconds",
            minimum=3,
            maximum=300,
            help="How long a worker may miss its heartbeat. If it does not answer within three more seconds either, "
            "another worker gets its job.",
        ),
        Number(
            name="EXPORT_ATTEMPTS",
            default=3,
            form="a number of attempts",
            minimum=1,
            help="How many attempts may be lost (the worker stopped responding, the database failed) before the job's "
            "status is *Failed after retries*.",
        ),
        Number(
            name="EXPORT_ASK_SECONDS",
            default=30,
            form="a number of seconds",
            minimum=1,
            help="How long a job waits before the queue is notified again.",
        ),
        Number(
            name="EXPORT_WAIT_SECONDS",
            default=900,
            form="a number of seconds",
            minimum=1,
            help="How long a job waits for a worker before it fails and releases the slot.",
        ),
        Number(
            name="EXPORT_DEADLINE_SECONDS",
            default=3000,
            form="a number of seconds",
            minimum=4,
            maximum=3599,
            help="How long one build may take. It must be longer than `EXPORT_LEASE_SECONDS`.",
        ),
        Number(
            name="EXPORT_RESERVE_MB",
            default=100,
            form="a number of megabytes",
            minimum=0,
            help="Free space that exports leave on the disk of `DATA_DIR`.",
        ),
        Number(
            name="IMPORT_UPLOAD_MB",
            default=500,
            form="a number of megabytes",
            minimum=1,
            help="The largest file the Import page accepts.",
        ),
        Number(
            name="WORKER_ANSWER_SECONDS",
            default=90,
            form="a number of seconds",
            minimum=1,
            help="How long a test message may stay unanswered before a worker exits, to be restarted.",
        ),
        Number(
            name="WORKER_NICE",
            default=10,
            form="a niceness",
            minimum=0,
            maximum=19,
            help="The worker's niceness (`nice`). A higher value leaves more CPU time to other processes, so that "
            "pages stay fast during an export. Containers and systemd divide CPU time by their own weights instead.",
        ),
    ],
)

IMPORT_LIMITS = Group(
    "Limits of imports",
    "Files that Jira wrote stay far below these limits, which keep damaged and hostile files from filling memory and "
    "disk. An import that meets one stops and names the setting. Raising a limit raises the memory a worker needs.",
    [
        Number(
            name="IMPORT_MAX_HEADER_BYTES",
            default=1024 * 1024,
            form="a number of bytes",
            minimum=1000,
            maximum=64 * 1024 * 1024,
            help="The size of a CSV file's header.",
        ),
        Number(
            name="IMPORT_MAX_COLUMNS",
            default=20_000,
            form="a number of columns",
            minimum=10,
            help="The columns of a CSV file.",
        ),
        Number(
            name="IMPORT_MAX_ISSUE_BYTES",
            default=6 * 1024 * 1024,
            form="a number of bytes",
            minimum=1000,
            maximum=256 * 1024 * 1024,
            help="The size of one issue in a file: of its CSV record, or of its JSON.",
        ),
        Number(
            name="IMPORT_MAX_TEXT_CHARACTERS",
            default=2_000_000,
            form="a number of characters",
            minimum=1000,
            maximum=256 * 1024 * 1024,
            help="The length of a description, an environment, a comment or another text or cell.",
        ),
        Number(
            name="IMPORT_MAX_JSON_VALUES",
            default=100_000,
            form="a number of values",
            minimum=1000,
            help="How many values the JSON of one issue has. They are only counted if it is larger than 1 MiB.",
        ),
        Number(
            name="IMPORT_MAX_LABELS",
            default=1_000,
            form="a number of labels",
            minimum=1,
            maximum=1_000,
            help="The labels of one issue. An issue with more is rejected.",
        ),
        Number(
            name="IMPORT_MAX_LIST_VALUES",
            default=180,
            form="a number of values",
            minimum=1,
            maximum=180,
            help="The components, fix versions and affected versions of one issue, each. An issue with more is "
            "rejected. The maximum of both settings is what fits into the columns of one export.",
        ),
        Number(
            name="IMPORT_MAX_DETAIL_COLUMNS",
            default=20_000,
            form="a number of fields",
            minimum=1,
            help="How many custom fields and types of links the archive has. An issue with a further one is rejected.",
        ),
        Number(
            name="IMPORT_MAX_DETAIL_ITEMS",
            default=20_000,
            form="a number of items",
            minimum=1,
            help="The comments of one issue; and so its work logs, attachments, watchers, links of one type, subtasks, "
            "history entries and values of one field. An issue with more is rejected.",
        ),
        Number(
            name="IMPORT_MAX_REJECTS",
            default=100_000,
            form="a number of issues",
            minimum=1,
            help="How many issues of one file may be rejected before nothing of the file is imported.",
        ),
        Number(
            name="IMPORT_MAX_REJECT_BYTES",
            default=100 * 1024 * 1024,
            form="a number of bytes",
            minimum=1,
            help="How large the rejected issues of one file may be together.",
        ),
        Number(
            name="IMPORT_MAX_ZIP_MEMBERS",
            default=10_000,
            form="a number of files",
            minimum=1,
            help="The files in a zip archive. A folder may have any number of files.",
        ),
        Number(
            name="IMPORT_MAX_UNPACK_RATIO",
            default=200,
            form="a ratio",
            minimum=2,
            help="How many times its size a compressed file, or a zip archive as a whole, may unpack to. 64 MiB are "
            "always allowed.",
        ),
    ],
)

TOKENS = Group(
    "Tokens and OAuth2",
    "",
    [
        Number(
            name="API_TOKEN_MAX_DAYS",
            default=365,
            form="a number of days",
            minimum=1,
            maximum=3650,
            help="The longest that an API token works. Tokens that were created for longer end at this age too.",
        ),
        Number(
            name="OAUTH_CONSENT_DAYS",
            default=90,
            form="a number of days",
            minimum=1,
            maximum=3650,
            help="How long an OAuth2 application may act for a user who allowed it. Then it must ask again.",
        ),
    ],
)
AUDIT = Group(
    "Audit trail",
    "[Administration](administration.md#the-audit-trail) describes the audit trail.",
    [
        Text(
            name="AUDIT_LOG",
            default="off",
            form="off, stdout, or the absolute path of a file in a folder that exists",
            is_valid=_is_audit_log,
            help="Where each event of the audit trail is also written, as one line of JSON, for a log collector or a "
            "SIEM. A file may be moved away at any time: the next line starts a new one.",
        ),
        Number(
            name="AUDIT_KEEP_DAYS",
            default=730,
            form="a number of days, 0 or at least 30",
            minimum=0,
            help="How long events of the audit trail are kept. `0`: for ever.",
        ),
        Switch(
            name="AUDIT_ISSUE_VIEWS",
            default=False,
            help="Adds an event to the audit trail each time someone opens an issue.",
        ),
    ],
)

WEB_SERVER = Group(
    "Web server",
    "The portal's web server, gunicorn, uses these settings.",
    [
        Text(
            name="HOST",
            default="127.0.0.1",
            form="a host name or an IP address",
            help="The address to listen on.",
        ),
        Number(
            name="PORT",
            default=8000,
            form="a port number",
            minimum=1,
            maximum=65535,
            help="The port to listen on. `make demo` uses it too.",
        ),
        Number(
            name="WEB_CONCURRENCY",
            default=2,
            form="a number of processes",
            minimum=1,
            help="Number of web server processes.",
        ),
        Number(
            name="WEB_THREADS",
            default=16,
            form="a number of threads",
            minimum=2,
            help="Number of threads in each process. An upload, and a download as gzip or for Excel, holds one thread "
            "until the last byte. At most three quarters of the threads send such downloads.",
        ),
        Number(
            name="WEB_REQUEST_SECONDS",
            default=20,
            form="a number of seconds",
            minimum=1,
            help="How long a client may take to send a request; of an upload, its head. Then the connection is closed.",
        ),
        Number(
            name="WEB_STALL_SECONDS",
            default=30,
            form="a number of seconds",
            minimum=1,
            help="How long a client may take to receive 64 KiB of a response, or to send 64 KiB of an upload. Then the "
            "connection is closed.",
        ),
        Number(
            name="PROXIES",
            default_in_words="`1` if `PORTAL_URL` uses `https`, otherwise `0`",
            form="a number of proxies",
            minimum=0,
            help="Number of proxies in front of the portal that append to `X-Forwarded-For`. It determines which "
            "address in that header is the client's.",
        ),
    ],
)

GROUPS = (GENERAL, SIGN_IN, EMAIL, EXPORTS_AND_IMPORTS, IMPORT_LIMITS, TOKENS, AUDIT, WEB_SERVER)
