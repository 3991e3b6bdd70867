"""Entry point of the web server: `gunicorn portal.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - needs the settings to be ready
from django.db import connection, connections  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from core.silent_database import limit_silence  # noqa: E402
from core.statement_deadline import limit_statements  # noqa: E402

# If the database does not respond, web requests return 503 soon. The worker and commands wait longer.
connections.settings["default"]["OPTIONS"].update(settings.DATABASE_WEB_OPTIONS)
if connection.vendor == "sqlite":
    limit_statements(settings.DATABASE_PATIENCE_SECONDS)
else:
    limit_silence(settings.DATABASE_PATIENCE_SECONDS)

# Otherwise each process would import all views at its first request. Several processes share what is imported here.
get_resolver().url_patterns  # noqa: B018 - a property that imports
