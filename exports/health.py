"""What `/health` checks about exports. The class names appear in the response."""

from health_check.exceptions import ServiceUnavailable

from exports import storage
from jobs.health import PortalCheck


class Storage(PortalCheck):
    """There is disk space for exported files."""

    def look(self) -> None:
        try:
            free = storage.free_bytes()
        except OSError as error:
            raise ServiceUnavailable("the folder for exported files can't be read") from error
        if free <= 0:
            raise ServiceUnavailable("no disk space is left for exported files")
