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
