"""The versions of Jira's REST API that the portal answers: 3 and 2, with the same operations and bodies."""

from django.urls import register_converter
from django.urls.converters import StringConverter
from rest_framework.versioning import URLPathVersioning


class JiraVersionConverter(StringConverter):
    """`<jira_version:version>` in a route under /rest/api/."""

    regex = "[23]"


class JiraVersioning(URLPathVersioning):
    """Reads the version from the path. The OpenAPI description shows the default version."""

    allowed_versions = ("2", "3")
    default_version = "3"


register_converter(JiraVersionConverter, "jira_version")

JIRA_API = "rest/api/<jira_version:version>"
"""What the routes of Jira's operations begin with."""
