"""Admin pages for users and API tokens."""

from typing import TYPE_CHECKING, Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401 - registers its models, so that they can be unregistered here
import oauth2_provider.admin  # noqa: F401 - registers its models, so that they can be unregistered here
import rest_framework_api_key.admin  # noqa: F401 - registers APIKey, so that it can be unregistered here
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from oauth2_provider.models import AccessToken, Application, DeviceGrant, Grant, IDToken, RefreshToken
from rest_framework_api_key.models import APIKey

from accounts import (
    audit_admin,  # noqa: F401 - Django looks for pages only in this module
    consents,
    passwords,
    people,
    roles,
    second_factors,
    sessions,
)
from accounts.errors import ChangeRefused, MayNotChangePeople
from accounts.models import ApiToken, Consent, Session, User
from accounts.permissions import CHANGE_PEOPLE, END_CREDENTIALS, END_SESSIONS, Role
from accounts.reauthentication import is_recent, redirect_to_confirm
from accounts.tokens import revoke_tokens
from core.admin import ReadOnly

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[Any]
    StockUserAdmin = DjangoUserAdmin[User]
    StockNewUserForm = AdminUserCreationForm[User]
    StockUserForm = UserChangeForm[User]
    StockPasswordForm = AdminPasswordChangeForm[User]
else:
    ModelAdmin = admin.ModelAdmin
    StockUserAdmin = DjangoUserAdmin
    StockNewUserForm = AdminUserCreationForm
    StockUserForm = UserChangeForm
    StockPasswordForm = AdminPasswordChangeForm

# Not shown in Admin: what would be a way around roles, since an application acts as the user that it names; the
# library's own API keys, which the portal does not accept; OAuth2's grants and tokens and allauth's email addresses,
# second factors and single sign-on, which nobody should edit.
for model in (
    APIKey,
    AccessToken,
    Application,
    Authenticator,
    DeviceGrant,
    EmailAddress,
    Grant,
    Group,
    IDToken,
    RefreshToken,
    SocialAccount,
    SocialApp,
    SocialToken,
):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class RolesField(forms.MultipleChoiceField):
    """Which roles a person has from site admins. What each may do is in the documentation."""

    def __init__(self) -> None:
        super().__init__(
            choices=Role.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text="Roles that single sign-on gives are not changed here.",
        )


class NewUserForm(StockNewUserForm):
    """A new user, who must change the password that the site admin chose."""

    given_roles = RolesField()

    class Meta:
        model = User
        fields = ("email",)

    def save(self, commit: bool = True) -> User:
        self.instance.must_change_password = True
        return super().save(commit)


class NewPasswordForm(StockPasswordForm):
    """A password that a site admin chooses for a user, who must change it."""

    def save(self, commit: bool = True) -> User:
        self.user.must_change_password = True
        user = super().save(commit)
        passwords.after_change(user)
        return user


class UserForm(StockUserForm):
    given_roles = RolesField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["given_roles"] = roles.roles_given_here(self.instance)


@admin.register(User)
class UserAdmin(StockUserAdmin):
    """Only site admins can change users: anyone who can set passwords and roles can gain all of them.

    Users are suspended instead of deleted, so that the history can still name them.
    """

    form = UserForm
    add_form = NewUserForm
    change_password_form = NewPasswordForm
    ordering = ("email",)
    list_display = ("email", "name", "role_titles", "is_active", "last_login")
    list_filter = ("role_grants__role", "is_active")
    filter_horizontal = ()
    search_fields = ("email", "name")
    readonly_fields = ("is_active", "role_titles", "last_login", "date_joined")
    actions = ("suspend", "restore", "remove_second_factors")
    fieldsets = (
        (None, {"fields": ("email", "name", "time_zone", "password")}),
        ("Roles", {"fields": ("is_active", "role_titles", "given_roles")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "name", "given_roles", "usable_password", "password1", "password2"),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("role_grants")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @admin.display(description="roles that count")
    def role_titles(self, user: User) -> str:
        return user.role_titles()

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if not is_recent(request):
            return redirect_to_confirm(request)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ChangeRefused as error:
            messages.error(request, str(error))
            return redirect(request.path)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "given_roles" in form.changed_data:
            roles.set_roles(form.instance, form.cleaned_data["given_roles"], by=_site_admin(request))

    @admin.action(description="Suspend selected users: sign-in and tokens stop working at once", permissions=["change"])
    def suspend(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            try:
                is_changed = people.suspend(user, by=_site_admin(request))
            except ChangeRefused as error:
                messages.error(request, f"Not suspended: {user.email}. {error}")
                continue
            self._report(request, user, "Suspended", is_changed=is_changed)

    @admin.action(description="Restore selected users", permissions=["change"])
    def restore(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users.exclude(pk=request.user.pk or 0):
            is_changed = people.restore(user, by=_site_admin(request))
            self._report(request, user, "Restored", is_changed=is_changed)

    @admin.action(
        description="Remove second factors of selected users, who have lost them: make sure that it is they who ask",
        permissions=["change"],
    )
    def remove_second_factors(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            is_changed = second_factors.remove_all(user, by=_site_admin(request))
            self._report(request, user, "Second factors removed", is_changed=is_changed)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if request.method == "POST" and not is_recent(request):
            return redirect_to_confirm(request)
        return super().changelist_view(request, extra_context)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002 - Django's
        if not is_recent(request):
            return redirect_to_confirm(request)
        return super().user_change_password(request, id, form_url)

    def _report(self, request: HttpRequest, user: User, action: str, *, is_changed: bool) -> None:
        if is_changed:
            self.log_change(request, user, f"{action}.")
        messages.success(request, f"{action}: {user.email}")


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """A list in which tokens can be revoked. Users create their tokens themselves."""

    list_display = ("prefix", "name", "user", "created", "last_used_at", "last_used_address", "expires_at", "revoked")
    list_display_links = None
    empty_value_display = "Never"
    list_filter = ("revoked", "created")
    list_select_related = ("user",)
    search_fields = ("prefix", "name", "user__email", "user__name")
    fields = (*list_display, "scope")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(END_CREDENTIALS)

    @admin.action(description="Revoke selected tokens: this cannot be undone", permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens.filter(revoked=False):
            revoke_tokens(ApiToken.objects.filter(pk=token.pk))
            self.log_change(request, token, "Revoked.")
            messages.success(request, f"Revoked: {token.prefix} of {token.user}")


@admin.register(Session)
class SessionAdmin(ModelAdmin):
    """A list of everybody's sessions, in which they can be ended."""

    list_display = ("user", "browser_name", "address", "signed_in_at", "last_seen_at")
    list_display_links = None
    list_select_related = ("user",)
    ordering = ("-last_seen_at",)
    search_fields = ("user__email", "user__name", "address")
    fields = ("user", "browser_name", "address", "signed_in_at", "last_seen_at")
    actions = ("end",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return Session.objects.alive().filter(user__isnull=False)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(END_SESSIONS)

    @admin.action(description="End selected sessions: these browsers are signed out at once", permissions=["end"])
    def end(self, request: HttpRequest, chosen: QuerySet[Session]) -> None:
        for session in chosen:
            owner = session.user
            if owner is None:  # get_queryset leaves these out
                continue
            sessions.end(owner, session.pk, "ended by a site admin")
            self.log_change(request, owner, f"Ended a session on {session.browser_name}.")
            messages.success(request, f"Ended: {owner.email} on {session.browser_name}")


@admin.register(Consent)
class ConsentAdmin(ReadOnly, ModelAdmin):
    """A list in which everybody's consents can be ended. Users give them themselves."""

    list_display = ("application", "user", "scope", "redirect_host", "given_at", "expires_at", "ended_at")
    list_display_links = None
    list_filter = ("given_at", "ended_at")
    list_select_related = ("application", "user")
    search_fields = ("application__name", "application__client_id", "user__email")
    fields = ("application", "user", "scope", "redirect_uri", "given_at", "redeemed_at", "expires_at", "ended_at")
    actions = ("end",)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(END_CREDENTIALS)

    @admin.action(description="End selected consents: the applications lose access at once", permissions=["end"])
    def end(self, request: HttpRequest, chosen: QuerySet[Consent]) -> None:
        for consent in chosen.filter(ended_at=None):
            consents.end(consent, "ended by a site admin")
            self.log_change(request, consent, "Ended.")
            messages.success(request, f"Ended: {consent}")


def _site_admin(request: HttpRequest) -> User:
    """The user who sends the request. Admin's own checks refuse everyone else before."""
    if not request.user.is_authenticated or not request.user.has_perm(CHANGE_PEOPLE):
        raise MayNotChangePeople
    return request.user
