"""The web server's entry: `gunicorn portal.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - settings can be read from here on
from django.db import connections  # noqa: E402

# A web request that cannot get at the database answers 503 soon; worker and commands may wait.
connections.settings["default"]["OPTIONS"].update(settings.DATABASE_WEB_OPTIONS)
