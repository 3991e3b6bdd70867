"""The scopes that each OAuth2 application may ask for: those with which its owner registered it."""

from typing import Any

from oauth2_provider.scopes import SettingsScopes

from accounts.models import ApplicationScopes
from accounts.scopes import included_scopes


class ScopesOfApplication(SettingsScopes):
    """Used by OAuth toolkit. Without an application, the answer is about the whole portal."""

    def get_available_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        if application is None:
            scopes: list[str] = super().get_available_scopes(*args, **kwargs)
            return scopes
        return included_scopes(_registered(application))

    def get_default_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        if application is None:
            scopes: list[str] = super().get_default_scopes(*args, **kwargs)
            return scopes
        return _registered(application)


def _registered(application: Any) -> list[str]:
    row = ApplicationScopes.objects.filter(application=application).first()
    if row is None:
        return []
    return row.scope.split()
