"""Users of the portal, their roles and their API tokens.

A user of the portal is not a Jira account: the people named in archived issues are `archive.models.Account`.
"""

import datetime
import zoneinfo
from collections.abc import Iterable, Set
from datetime import timedelta
from importlib import import_module
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework_api_key.models import AbstractAPIKey

from accounts.audit_actions import CredentialKind, Outcome
from accounts.browsers import browser_name
from accounts.permissions import OPEN_ADMIN, USE_ARCHIVE, Role, is_app_permitted, is_permitted, role_titles


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless the IANA time zone database has the name."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"'{name}' isn't a time zone. Use a name such as Europe/Berlin.")


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, *, roles: Iterable[str] = (), **fields: Any
    ) -> "User":
        """Create a user who signs in with `email`. Without a password the user can only use API tokens."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            for role in roles:
                user.role_grants.create(role=Role(role))
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a site admin. Django's `createsuperuser` calls this."""
        return self.create_user(email, password, roles=[Role.SITE_ADMIN], **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """What a user may do follows from their roles alone (see `permissions`). A suspended user may do nothing."""

    email = models.EmailField(
        max_length=254, unique=True, error_messages={"unique": "A user with this email already exists."}
    )
    name = models.CharField(max_length=150, blank=True)
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[validate_time_zone], help_text="Defaults to the site's time zone."
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Suspended users can't sign in, and none of their tokens works."
    )
    must_change_password = models.BooleanField(
        default=False,
        editable=False,
        help_text="Someone else chose the password: it must be changed at the next sign-in.",
    )
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = self.email.lower()

    @property
    def roles(self) -> Set[str]:
        """The roles that count now: none while the user is suspended. Read from the database once."""
        if not self.is_active:
            return frozenset()
        return self._granted_roles

    @cached_property
    def _granted_roles(self) -> frozenset[str]:
        if self._state.adding:
            return frozenset()
        return frozenset(grant.role for grant in self.role_grants.all())

    def forget_roles(self) -> None:
        """Read the roles again when they are needed next."""
        self.__dict__.pop("_granted_roles", None)

    def role_titles(self) -> str:
        """The names of the user's roles, separated by commas; `No role` if there are none."""
        return role_titles(self.roles)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether one of the user's roles includes this permission. Django's Admin and templates call this too."""
        return is_permitted(self.roles, perm)

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return is_app_permitted(self.roles, app_label)

    @property
    def is_staff(self) -> bool:
        """Whether this user can open Admin. Django's Admin asks for it by this name."""
        return self.has_perm(OPEN_ADMIN)

    @property
    def is_superuser(self) -> bool:
        """Whether this user is a site admin. Libraries ask for it by this name."""
        return Role.SITE_ADMIN in self.roles

    @property
    def is_admin(self) -> bool:
        """Whether this user can use the archive and its exports: a Jira admin or a site admin."""
        return self.has_perm(USE_ARCHIVE)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone in which this user sees times."""
        return zoneinfo.ZoneInfo(self.time_zone or settings.TIME_ZONE)


class RoleGrant(models.Model):
    """A role of a user, and who gave it: a site admin or an operator, or a single sign-on provider.

    The same role from two sources is two rows, so that a provider takes away only what it gave.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role)
    source = models.CharField(
        max_length=200, blank=True, default="", help_text="The provider's ID. Empty: a site admin or an operator."
    )
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "source"], name="role_granted_once_by_source"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.user}"


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self) -> "SessionQuerySet":
        """Sessions that are not over."""
        return self.exclude(self._is_over())

    def over(self) -> "SessionQuerySet":
        """Sessions that can be deleted."""
        return self.filter(self._is_over())

    @staticmethod
    def _is_over() -> models.Q:
        """By the database's clock: a web host whose clock is wrong ends nobody's session."""
        is_idle = models.Q(last_seen_at__lte=Now() - timedelta(minutes=settings.SESSION_IDLE_MINUTES))
        # Before the sign-in there is no moment, and a comparison with NULL is neither true nor false.
        is_old = models.Q(signed_in_at__isnull=False, signed_in_at__lte=Now() - timedelta(hours=settings.SESSION_HOURS))
        return models.Q(expire_date__lte=Now()) | is_idle | is_old


class Session(AbstractBaseSession):
    """A browser in which someone is signed in, or is about to. `session_store` keeps it under a hash of its key."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    signed_in_at = models.DateTimeField("signed in", null=True)
    last_seen_at = models.DateTimeField("last seen", default=timezone.now, db_index=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=300, blank=True, help_text="The User-Agent header.")

    objects: ClassVar[SessionQuerySet] = SessionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore

    def save(self, *, force_update: bool = False, **options: Any) -> None:
        """Django's store overwrites a session with what it knows of it; what it does not know stays."""
        if force_update:
            options["update_fields"] = ["session_data", "expire_date", "user", "signed_in_at"]
        super().save(force_update=force_update, **options)

    @property
    def browser_name(self) -> str:
        return browser_name(self.browser)


class ApiToken(AbstractAPIKey):
    """A secret that a user's REST clients send instead of a password. Only its hash is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    last_used_address = models.GenericIPAddressField("last used from", null=True, blank=True, editable=False)
    scope = models.CharField(max_length=255, editable=False, help_text="Separated by spaces.")

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API token"
        verbose_name_plural = "API tokens"

    @property
    def expires_at(self) -> datetime.datetime:
        """When the token stops working: at the end of API_TOKEN_MAX_DAYS at the latest, also if that was lowered."""
        latest = self.created + datetime.timedelta(days=settings.API_TOKEN_MAX_DAYS)
        if self.expiry_date is None:
            return latest
        expiry_date: datetime.datetime = self.expiry_date
        return min(expiry_date, latest)

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def allow_scopes(self, scopes: Iterable[str]) -> bool:
        """Whether the token has all of these scopes. OAuth2 access tokens have a method of the same name."""
        return set(scopes) <= set(self.scope.split())


class KnownNetwork(models.Model):
    """A network from which a credential was used: an API token, or an OAuth2 application with its access tokens."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, null=True, related_name="+")
    application = models.ForeignKey(
        "oauth2_provider.Application", on_delete=models.CASCADE, null=True, related_name="+"
    )
    network = models.CharField(max_length=45, help_text="An IPv4 address, or the /64 of an IPv6 address.")
    first_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "network"], name="network_of_token_is_known_once"),
            models.UniqueConstraint(fields=["application", "network"], name="network_of_application_is_known_once"),
            models.CheckConstraint(
                condition=models.Q(token=None) ^ models.Q(application=None), name="network_is_of_one_credential"
            ),
        ]

    def __str__(self) -> str:
        return self.network


class ApplicationScopes(models.Model):
    """The scopes that an OAuth2 application may ask for. One without a row may ask for none."""

    application = models.OneToOneField(
        "oauth2_provider.Application", on_delete=models.CASCADE, primary_key=True, related_name="allowed_scopes"
    )
    scope = models.CharField(max_length=255, help_text="Separated by spaces.")

    def __str__(self) -> str:
        return self.scope


class Consent(models.Model):
    """A user's permission for an OAuth2 application to act for them, from "Allow" until it ends.

    It is found by the code that the application exchanges for its first tokens, then by the family that all later
    refresh tokens belong to. None of its tokens outlives it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    application = models.ForeignKey("oauth2_provider.Application", on_delete=models.CASCADE, related_name="consents")
    scope = models.CharField(max_length=255, help_text="Separated by spaces.")
    redirect_uri = models.TextField(blank=True)
    code_checksum = models.CharField(max_length=64, null=True, unique=True, editable=False)
    token_family = models.UUIDField(null=True, unique=True, editable=False)
    given_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True, help_text="When the code was exchanged for tokens.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code_checksum__isnull=False) | models.Q(token_family__isnull=False),
                name="consent_can_be_found",
            ),
            models.CheckConstraint(
                condition=models.Q(token_family=None) | models.Q(redeemed_at__isnull=False),
                name="consent_with_tokens_is_redeemed",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("given_at")), name="consent_expires_after_it_is_given"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} for {self.user}"

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()

    @property
    def redirect_host(self) -> str:
        """Where the application is: host, and port if it is not the usual one."""
        return urlsplit(self.redirect_uri).netloc


class FailedAttempts(models.Model):
    """Counts failed sign-ins for one account or from one address within a time window."""

    key = models.CharField(max_length=64, primary_key=True, help_text="Credential, kind and number.")
    started_at = models.DateTimeField(db_index=True, help_text="When the window started.")
    failure_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.failure_count} since {self.started_at}"


class AuditEvent(models.Model):
    """Something that happened, for the audit trail. Triggers refuse every change, and deletion before its time.

    `actor` is the user's email at that time, or the operating system's account that ran a command. There is no foreign
    key constraint: events outlive what they name.
    """

    at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=40)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OK)
    user = models.ForeignKey(
        User, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    actor = models.CharField(max_length=254, blank=True)
    address = models.GenericIPAddressField(null=True)
    credential = models.CharField(max_length=8, choices=CredentialKind, default=CredentialKind.NONE)
    credential_id = models.CharField(max_length=100, blank=True)
    credential_name = models.CharField(max_length=255, blank=True)
    object_kind = models.CharField(max_length=20, blank=True)
    object_id = models.CharField(max_length=150, blank=True)
    object_label = models.CharField(max_length=255, blank=True)
    details = models.JSONField(default=dict)
    recorded_once = models.UUIDField(
        null=True, editable=False, help_text="The same for two attempts to record one event."
    )

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="audit_outcome_is_known"),
            models.CheckConstraint(
                condition=models.Q(credential__in=CredentialKind.values), name="audit_credential_is_known"
            ),
            models.UniqueConstraint(
                fields=["recorded_once"],
                condition=models.Q(recorded_once__isnull=False),
                name="audit_event_recorded_once",
            ),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
            models.Index(fields=["action", "-at", "-id"], name="audit_by_action"),
            models.Index(fields=["action", "outcome", "-at", "-id"], name="audit_by_action_outcome"),
            models.Index(fields=["user", "-at", "-id"], name="audit_by_user"),
            models.Index(fields=["actor", "-at", "-id"], name="audit_by_actor"),
            models.Index(fields=["address", "-at", "-id"], name="audit_by_address"),
            models.Index(fields=["object_id", "-at", "-id"], name="audit_by_object"),
            models.Index(fields=["credential_id", "-at", "-id"], name="audit_by_credential"),
            models.Index(fields=["outcome", "-at", "-id"], name="audit_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"Event {self.pk}: {self.action}"


class AuditRetention(models.Model):
    """One row: events older than `kept_since` may be deleted. A trigger keeps that moment at least 30 days ago."""

    kept_since = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="audit_retention_has_one_row")]

    def __str__(self) -> str:
        return f"Kept since {self.kept_since}"
