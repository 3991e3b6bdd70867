"""Users of the portal, their roles and their API tokens.

A user of the portal is not a Jira account: the people named in archived issues are `archive.models.Account`.
"""

import zoneinfo
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from rest_framework_api_key.models import AbstractAPIKey


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless the IANA time zone database has the name."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"'{name}' isn't a time zone. Use a name such as Europe/Berlin.")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user who signs in with `email`. Without a password the user can only use API tokens."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=User.Role.SITE_ADMIN, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    class Role(models.TextChoices):
        NONE = "", "No export access"
        JIRA_ADMIN = "jira-admin", "Jira admin"
        SITE_ADMIN = "site-admin", "Site admin"

    email = models.EmailField(
        max_length=254, unique=True, error_messages={"unique": "A user with this email already exists."}
    )
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(
        max_length=20,
        choices=Role,
        blank=True,
        default=Role.NONE,
        help_text="Jira admins and site admins can use the archive and its exports.",
    )
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[validate_time_zone], help_text="Defaults to the site's time zone."
    )
    is_staff = models.BooleanField("staff", default=False, help_text="Can open Admin.")
    is_active = models.BooleanField(
        "active", default=True, help_text="Clear to suspend the user: sign-in and all tokens stop working at once."
    )
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(role__in=["", "jira-admin", "site-admin"]), name="user_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = self.email.lower()

    @property
    def is_admin(self) -> bool:
        """Whether this user can use the archive: a Jira admin or site admin who is not suspended."""
        return self.is_active and self.role in {self.Role.JIRA_ADMIN, self.Role.SITE_ADMIN}

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone in which this user sees times."""
        return zoneinfo.ZoneInfo(self.time_zone or settings.TIME_ZONE)


class ApiToken(AbstractAPIKey):
    """A secret that a user's REST clients send instead of a password. Only its hash is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    scope = models.CharField(
        max_length=255, blank=True, editable=False, help_text="Separated by spaces. Empty means all scopes."
    )

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API token"
        verbose_name_plural = "API tokens"

    def allow_scopes(self, scopes: Iterable[str]) -> bool:
        """Whether the token has all of these scopes. OAuth2 access tokens have a method of the same name."""
        return not self.scope or set(scopes) <= set(self.scope.split())


class FailedAttempts(models.Model):
    """Counts failed sign-ins for one account or from one address within a time window."""

    key = models.CharField(max_length=64, primary_key=True, help_text="Credential, kind and number.")
    started_at = models.DateTimeField(db_index=True, help_text="When the window started.")
    failure_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.failure_count} since {self.started_at}"
