"""Which static files of packages the portal serves."""

from django.contrib.staticfiles.apps import StaticFilesConfig as DjangosConfig


class StaticFilesConfig(DjangosConfig):
    """Leaves out files of packages that no page uses; collecting them takes as long as all others together."""

    ignore_patterns = [*DjangosConfig.ignore_patterns, "redoc*", "rest_framework"]
