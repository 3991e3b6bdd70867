"""What `/health` says of exports."""

from health_check.exceptions import ServiceUnavailable

from exports import storage
from exports.models import ExportJob
from jobs.health import PortalCheck


class Storage(PortalCheck):
    def look(self) -> None:
        try:
            free = storage.free_bytes()
        except OSError as error:
            raise ServiceUnavailable("the folder of exported files cannot be read") from error
        if free <= 0:
            raise ServiceUnavailable("no room is left for exported files")


class Slot(PortalCheck):
    def look(self) -> None:
        if ExportJob.objects.neglected().exists():
            raise ServiceUnavailable("an export waits for a worker that does not come")
