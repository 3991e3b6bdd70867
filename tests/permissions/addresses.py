"""Every route of the URL configuration, with an address of an object that `world` creates."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.permissions.world import ID

SAMPLES = {"key": "FOO-1", "version": "3"}
EXAMPLES = {
    "/suggest/<slug:name>": "/suggest/projects",
    "/imports/<int:number>/overwritten.csv": f"/imports/{ID}/overwritten.csv",
    "/imports/<int:number>/rejects/<str:name>": f"/imports/{ID}/rejects/a.csv",
    "/^sign-in/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)$": "/sign-in/reset/1-old",
    "/admin/^(?P<app_label>…)/$": "/admin/exports/",
    "/admin/(?P<url>.*)$": "/admin/nothing/here/",
    "/^rest(/|$)": "/rest/nothing",
}


def routes(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/") -> Iterator[str]:
    """Every route. The app names that Django writes into one of Admin's are left out: they change with each app."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, route)
        else:
            yield re.sub(r"\(\?P<app_label>[\w|]+\)", "(?P<app_label>…)", route)


def example(route: str) -> str:
    if route in EXAMPLES:
        return EXAMPLES[route]
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: SAMPLES.get(match[1], str(ID)), route)
