"""All settings of the portal. portal/variables.py declares the environment variables from which they are read."""

import os
import secrets
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from accounts.audit_triggers import MINIMUM_KEEP_DAYS
from accounts.hashers import ClientSecretHasher
from accounts.scopes import READ, SCOPES, WRITE
from core.arriving_request import MOST_BODY_BYTES
from core.loopback import is_loopback
from portal import databases, single_sign_on
from portal.environment import Environment
from portal.variables import GROUPS

# Every process of the portal reads this file first. What it creates, only its own user can read.
os.umask(0o077)

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
env = Environment(GROUPS)


def _stored_secret(path: Path) -> str:
    """Return the stored secret, or generate and store one. O_EXCL lets only one of several processes create it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    secret = secrets.token_urlsafe(64)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
    return secret


def _email_settings(url: str) -> dict[str, Any]:
    """Django's email settings from a URL. Raises ValueError if it names no backend."""
    found: dict[str, Any] = dj_email_url.parse(url)  # type: ignore[no-untyped-call]
    if "EMAIL_BACKEND" not in found:
        raise ValueError(url)
    return found


# -- General -------------------------------------------------------------------------------------
DEBUG = env.switch("DEBUG")
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var").resolve()
PORTAL_URL = env.text("PORTAL_URL").rstrip("/")
_url = urlsplit(PORTAL_URL)
if _url.scheme not in {"http", "https"} or not _url.hostname:
    raise ImproperlyConfigured(
        f"PORTAL_URL is {PORTAL_URL!r}. Set it to the address users open, such as https://archive.example.com"
    )
_is_local = is_loopback(_url.hostname)
if _url.scheme == "http" and not _is_local:
    raise ImproperlyConfigured(
        f"PORTAL_URL is {PORTAL_URL!r}: passwords and tokens would be sent unencrypted. Use https."
    )
if DEBUG and not _is_local:
    raise ImproperlyConfigured("DEBUG is on, but PORTAL_URL is not this machine: turn DEBUG off.")

_hosts = {_url.hostname}
if _is_local:
    _hosts |= {"localhost", "127.0.0.1", "[::1]"}
ALLOWED_HOSTS = env.text_list("ALLOWED_HOSTS", sorted(_hosts))
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS contains '*'. List the host names of the portal instead.")

# -- Data ----------------------------------------------------------------------------------------
_sqlite_url = f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"
_database = env.parsed("DATABASE_URL", _sqlite_url, dj_database_url.parse)
DATABASE_PATIENCE_SECONDS = env.number("DATABASE_PATIENCE_SECONDS")
DATABASE_WEB_OPTIONS = databases.complete(_database, DATA_DIR, DATABASE_PATIENCE_SECONDS)
DATABASES = {"default": _database}
_is_sqlite = _database["ENGINE"].endswith("sqlite3")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY and not _is_sqlite and not DEBUG:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set the same long random value on every host that uses the database."
    )
SECRET_KEY = SECRET_KEY or _stored_secret(DATA_DIR / "secret_key")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(f"SECRET_KEY has {len(SECRET_KEY)} characters. Use at least 50 random ones.")
SECRET_KEY_FALLBACKS = env.text_list("SECRET_KEY_FALLBACKS", [])

# -- The application -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "exports",
    "imports",
    "archive",
    "jobs",
    "accounts",
    "core",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "core.static_files.StaticFilesConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "anymail",
    "csp",
    "django_htmx",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "rest_framework",
    "rest_framework_api_key",
]
MIDDLEWARE = [
    "core.security_headers.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.json_errors.JsonErrorsMiddleware",
    "core.https_only.HttpsOnlyMiddleware",
    "core.request_limits.RequestLimitsMiddleware",
    "accounts.middleware.ClientAddressMiddleware",
    "accounts.audit_context.AuditContextMiddleware",
    "jobs.middleware.LongWriteMiddleware",
    "accounts.refusals.RefusalsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionUseMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.UserTimeZoneMiddleware",
    "accounts.required_steps.RequiredStepsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.error_pages.RefusedMethodMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")  # only debuggers load source maps
LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE")

# -- Sign-in and security --------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "archive"
LOGOUT_REDIRECT_URL = "account_login"
AUTHENTICATION_BACKENDS = ["accounts.auth_backend.PasswordBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # of passwords set in 0.2.0 or before, until the next sign-in
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.password_validation.GuessablePasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
# docs/decisions/0006 says why django-allauth, and why its own rate limits are off.
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
PASSWORD_SIGN_IN = env.switch("PASSWORD_SIGN_IN")
OIDC_CREATE_USERS = env.switch("OIDC_CREATE_USERS")
_providers = single_sign_on.read_providers(env.text_list("OIDC_PROVIDERS", []), os.environ)
if not PASSWORD_SIGN_IN and not _providers:
    raise ImproperlyConfigured("PASSWORD_SIGN_IN is off, and OIDC_PROVIDERS names no provider: nobody could sign in.")
SOCIALACCOUNT_ADAPTER = "accounts.sso_adapter.SsoAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "accounts.oidc.PortalOidcProvider",
        "APPS": [provider.as_app() for provider in _providers],
    }
}
MFA_ADAPTER = "accounts.mfa_adapter.MfaAdapter"
MFA_REQUIRED = env.text("MFA_REQUIRED")
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_PERIOD = 30
MFA_RATE_LIMITS = False
_is_https = _url.scheme == "https"
# Browsers send a cookie named __Host-… to this host only, and let no other host of the domain set it.
_cookie_prefix = "__Host-" if _is_https else ""
SESSION_ENGINE = "accounts.session_store"
SESSION_IDLE_MINUTES = env.number("SESSION_IDLE_MINUTES")
SESSION_HOURS = env.number("SESSION_HOURS")
SESSION_COOKIE_NAME = f"{_cookie_prefix}sessionid"
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_COOKIE_SECURE = _is_https
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrftoken"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_SECURE = _is_https
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
PROXIES = env.number("PROXIES", int(_is_https))
if _is_https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SECURE_REDIRECT_EXEMPT = [r"^health(/ready)?$"]  # monitors ask each host directly, without the TLS proxy
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = MOST_BODY_BYTES

# -- REST ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiTokenAuthentication",
        "accounts.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api_permissions.IsAdmin"],
    "DEFAULT_PARSER_CLASSES": ["core.json_parser.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.negotiation.AlwaysJson",
    "DEFAULT_SCHEMA_CLASS": "core.openapi.ExactSchema",
    "EXCEPTION_HANDLER": "core.json_errors.error_response",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Archive Export Portal",
    "DESCRIPTION": "Exports of archived issues, compatible with Jira Cloud's REST API v3. "
    "Version 2 has the same operations under /rest/api/2.",
    "VERSION": "3",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "DISABLE_ERRORS_AND_WARNINGS": False,
    "CAMELIZE_NAMES": True,  # {task_id} in a route is {taskId} in the description
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "AUTHENTICATION_WHITELIST": [
        "accounts.authentication.ApiTokenAuthentication",
        "accounts.authentication.BearerAuthentication",
    ],
    "POSTPROCESSING_HOOKS": ["exports.api.schema.add_links"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "defaultModelsExpandDepth": 0},
}
API_TOKEN_MAX_DAYS = env.number("API_TOKEN_MAX_DAYS")
OAUTH_CONSENT_DAYS = env.number("OAUTH_CONSENT_DAYS")
_redirect_schemes = ["https"]
if not _is_https:
    _redirect_schemes.append("http")
# As RFC 9700 advises: secrets and tokens are stored as hashes, refresh tokens work once, and every client uses PKCE.
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "accounts.oauth_validator.PortalValidator",
    "SCOPES_BACKEND_CLASS": "accounts.oauth_scopes.ScopesOfApplication",
    "CLIENT_SECRET_HASHER": ClientSecretHasher(),
    "SCOPES": SCOPES,
    "DEFAULT_SCOPES": [READ, WRITE],
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 90 * 24 * 3600,  # unused for so long; a consent ends them in any case
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ROTATE_REFRESH_TOKEN": True,
    "PKCE_REQUIRED": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": _redirect_schemes,
    "ALLOW_LOCALHOST_LOOPBACK": True,
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "client_credentials", "refresh_token"],
    "OIDC_ISS_ENDPOINT": PORTAL_URL,
    **{
        f"COMPLIANT_BCP_RFC9700_{name}": True
        for name in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "PKCE_REQUIRED",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REFRESH_TOKEN",
            "REDIRECT_URI_SCHEME",
            "REDIRECT_URI_MATCHING",
        )
    },
}
SITE_PLAN = env.text("SITE_PLAN")
WEB_THREADS = env.number("WEB_THREADS")
WEB_REQUEST_SECONDS = env.number("WEB_REQUEST_SECONDS")
WEB_STALL_SECONDS = env.number("WEB_STALL_SECONDS")

# -- Exports -------------------------------------------------------------------------------------
EXPORT_KEEP_DAYS = env.number("EXPORT_KEEP_DAYS")
EXPORT_FORMULA_GUARD = env.switch("EXPORT_FORMULA_GUARD")
EXPORT_CONNECTIONS = env.number("EXPORT_CONNECTIONS")
EXPORT_LEASE_SECONDS = env.number("EXPORT_LEASE_SECONDS")
EXPORT_ATTEMPTS = env.number("EXPORT_ATTEMPTS")
EXPORT_DEADLINE_SECONDS = env.number("EXPORT_DEADLINE_SECONDS")
EXPORT_ASK_SECONDS = env.number("EXPORT_ASK_SECONDS")
EXPORT_WAIT_SECONDS = env.number("EXPORT_WAIT_SECONDS")
IMPORT_UPLOAD_MB = env.number("IMPORT_UPLOAD_MB")
IMPORT_MAX_HEADER_BYTES = env.number("IMPORT_MAX_HEADER_BYTES")
IMPORT_MAX_COLUMNS = env.number("IMPORT_MAX_COLUMNS")
IMPORT_MAX_ISSUE_BYTES = env.number("IMPORT_MAX_ISSUE_BYTES")
IMPORT_MAX_TEXT_CHARACTERS = env.number("IMPORT_MAX_TEXT_CHARACTERS")
IMPORT_MAX_JSON_VALUES = env.number("IMPORT_MAX_JSON_VALUES")
IMPORT_MAX_LABELS = env.number("IMPORT_MAX_LABELS")
IMPORT_MAX_LIST_VALUES = env.number("IMPORT_MAX_LIST_VALUES")
IMPORT_MAX_DETAIL_COLUMNS = env.number("IMPORT_MAX_DETAIL_COLUMNS")
IMPORT_MAX_DETAIL_ITEMS = env.number("IMPORT_MAX_DETAIL_ITEMS")
IMPORT_MAX_REJECTS = env.number("IMPORT_MAX_REJECTS")
IMPORT_MAX_REJECT_BYTES = env.number("IMPORT_MAX_REJECT_BYTES")
IMPORT_MAX_ZIP_MEMBERS = env.number("IMPORT_MAX_ZIP_MEMBERS")
IMPORT_MAX_UNPACK_RATIO = env.number("IMPORT_MAX_UNPACK_RATIO")
EXPORT_RESERVE_MB = env.number("EXPORT_RESERVE_MB")
WORKER_ANSWER_SECONDS = env.number("WORKER_ANSWER_SECONDS")
WORKER_NICE = env.number("WORKER_NICE")

# -- Queue: docs/decisions/0002 gives the reason for each value ----------------------------------
Q_CLUSTER = {
    "name": "exports",
    "orm": "default",
    "broker_class": "jobs.broker.DatabaseClockBroker",
    "workers": 3,
    "timeout": 3600,
    "retry": 3900,
    "max_attempts": 1,
    "ack_failures": True,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.5,
    "guard_cycle": 0.5,
    "recycle": 50,
    "max_rss": 300_000,
    "catch_up": False,
    "save_limit": 100,
    "compress": False,
}

# -- Email ---------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"Archive Export Portal <portal@{_url.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
_provider = env.text("EMAIL_PROVIDER")
# The setting with which a provider signs its delivery reports. Others need a secret in the webhook's URL.
_SIGNATURES = {
    "mailersend": "MAILERSEND_SIGNING_SECRET",
    "mailgun": "MAILGUN_WEBHOOK_SIGNING_KEY",
    "mandrill": "MANDRILL_WEBHOOK_KEY",
    "postal": "POSTAL_WEBHOOK_KEY",
    "resend": "RESEND_SIGNING_SECRET",
    "sendgrid": "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
    "unisender_go": "UNISENDER_GO_API_KEY",
}
EMAIL_WEBHOOK = ""
if _provider:
    EMAIL_BACKEND = f"anymail.backends.{_provider}.EmailBackend"
    ANYMAIL = {
        name.removeprefix("ANYMAIL_"): value for name, value in os.environ.items() if name.startswith("ANYMAIL_")
    }
    if ANYMAIL.get("WEBHOOK_SECRET") or ANYMAIL.get(_SIGNATURES.get(_provider, "")):
        EMAIL_WEBHOOK = f"{_provider}_tracking_webhook"
else:
    EMAIL_URL = env.text("EMAIL_URL")
    _mail = env.parsed("EMAIL_URL", EMAIL_URL, _email_settings)
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_FILE_PATH = urlsplit(EMAIL_URL).path or None  # dj-email-url drops the path's first character
    EMAIL_HOST = _mail["EMAIL_HOST"] or "localhost"
    EMAIL_PORT = _mail["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = _mail["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20
EMAIL_SENDING_SECONDS = env.number("EMAIL_SENDING_SECONDS")
EMAIL_RETRY_SECONDS = env.number_list("EMAIL_RETRY_SECONDS")

# -- Audit trail and logs ------------------------------------------------------------------------
AUDIT_KEEP_DAYS = env.number("AUDIT_KEEP_DAYS")
if 0 < AUDIT_KEEP_DAYS < MINIMUM_KEEP_DAYS:
    raise ImproperlyConfigured(
        f"AUDIT_KEEP_DAYS is {AUDIT_KEEP_DAYS}. Use at least {MINIMUM_KEEP_DAYS}, or 0 to keep events for ever."
    )
SHOWN_SETTINGS = env.shown()
AUDIT_ISSUE_VIEWS = env.switch("AUDIT_ISSUE_VIEWS")
AUDIT_LOG = env.text("AUDIT_LOG")
_audit_handler = {"class": "logging.handlers.WatchedFileHandler", "filename": AUDIT_LOG, "delay": True}
if AUDIT_LOG == "stdout":
    _audit_handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
elif AUDIT_LOG == "off":
    _audit_handler = {"class": "logging.NullHandler"}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "core.log_format.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}, "audit": _audit_handler},
    "loggers": {
        "audit": {"handlers": ["audit"], "level": "INFO", "propagate": False},
        "oauth2_provider.models": {"level": "WARNING"},  # the sweep would fill the log with what it did not delete
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL")},
}
