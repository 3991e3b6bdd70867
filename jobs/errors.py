"""Why an attempt at a job ends before its work is done."""

from core.errors import PortalError


class JobFailed(PortalError):
    """The work cannot be done; the sentence becomes the job's message."""

    status = 500
    title = "The job failed"


class LostJob(Exception):
    """Another worker has the job, or it has ended: stop, and change nothing that belongs to it."""


class CancelRequested(Exception):
    """Somebody asked to cancel: stop, and settle the job as CANCELLED."""


class WorkerStops(Exception):
    """This worker was asked to stop: requeue the job for another one."""


class LongWriteRunning(PortalError):
    """SQLite only: another process writes for long, such as an import, and nobody else can save anything."""

    status = 503
    title = "The archive is being updated"
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(
            "An import or a removal is writing to the archive. Until it is done, usually within a minute, nothing else "
            "can be saved. Nothing was changed. Try again in a few seconds."
        )
