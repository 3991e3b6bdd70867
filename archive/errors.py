"""What can be wrong with a question to the archive."""

from collections.abc import Mapping

from core.errors import PortalError


class InvalidFilter(PortalError):
    """A filter that cannot be used (contract: 400); `fields` tells for each field what is wrong."""

    title = "This filter cannot be used"

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        details = " ".join(f"{name}: {sentence}" for name, sentence in self.fields.items())
        super().__init__(f"Your filter contains invalid values. {details}")


class IssueNotFound(PortalError):
    """The archive has no issue with this key."""

    status = 404
    title = "Not found"

    def __init__(self, key: str) -> None:
        super().__init__(f"The archive has no issue with the key {key}.")
