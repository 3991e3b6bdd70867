"""Admin pages for users and API tokens."""

from typing import TYPE_CHECKING, Any

import oauth2_provider.admin  # noqa: F401 - registers its models, so that they can be unregistered here
import rest_framework_api_key.admin  # noqa: F401 - registers APIKey, so that it can be unregistered here
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest
from oauth2_provider.models import AccessToken, DeviceGrant, Grant, IDToken, RefreshToken
from rest_framework_api_key.models import APIKey

from accounts.models import ApiToken, User

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[Any]
    StockUserAdmin = DjangoUserAdmin[User]
    StockNewUserForm = AdminUserCreationForm[User]
else:
    ModelAdmin = admin.ModelAdmin
    StockUserAdmin = DjangoUserAdmin
    StockNewUserForm = AdminUserCreationForm

# Not shown in Admin: the library's own API keys, which the portal does not accept, and OAuth2's grants and tokens,
# which nobody should edit.
for model in (APIKey, AccessToken, DeviceGrant, Grant, IDToken, RefreshToken):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class NewUserForm(StockNewUserForm):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserAdmin(StockUserAdmin):
    """Only superusers can change users: anyone who can set passwords and permissions can gain all of them.

    Users are suspended instead of deleted, so that the history can still name them.
    """

    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "name", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff", "groups")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined")
    actions = ("suspend", "restore")
    fieldsets = (
        (None, {"fields": ("email", "name", "time_zone", "password")}),
        ("Permissions", {"fields": ("is_active", "role", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("email", "name", "role", "usable_password", "password1", "password2")},
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @admin.action(description="Suspend selected users: sign-in and tokens stop working at once", permissions=["change"])
    def suspend(self, request: HttpRequest, users: QuerySet[User]) -> None:
        others = users.exclude(pk=request.user.pk or 0)
        if others.count() < users.count():
            messages.warning(request, "You cannot suspend yourself.")
        self._set_active(request, others, is_active=False)

    @admin.action(description="Restore selected users", permissions=["change"])
    def restore(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._set_active(request, users, is_active=True)

    def _set_active(self, request: HttpRequest, users: QuerySet[User], *, is_active: bool) -> None:
        action = "Restored" if is_active else "Suspended"
        for user in users:
            user.is_active = is_active
            user.save(update_fields=["is_active"])
            self.log_change(request, user, f"{action}.")
            messages.success(request, f"{action}: {user.email}")


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """A list in which tokens can be revoked. Users create their tokens themselves."""

    list_display = ("prefix", "name", "user", "created", "last_used_at", "expiry_date", "revoked")
    list_display_links = None
    empty_value_display = "Never"
    list_filter = ("revoked", "created")
    list_select_related = ("user",)
    search_fields = ("prefix", "name", "user__email", "user__name")
    fields = ("prefix", "name", "user", "created", "last_used_at", "expiry_date", "revoked")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apitoken")

    @admin.action(description="Revoke selected tokens: this cannot be undone", permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens.filter(revoked=False):
            token.revoked = True
            token.save(update_fields=["revoked"])
            self.log_change(request, token, "Revoked.")
            messages.success(request, f"Revoked: {token.prefix} of {token.user}")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)
