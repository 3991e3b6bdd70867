"""What can go wrong, as nouns: each has an HTTP status and a sentence; each face maps them once."""

from collections.abc import Iterable, Mapping
from typing import ClassVar


class ExportError(Exception):
    """A refusal the user can act on; `str()` of it is the sentence to show."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "That did not work"


class InvalidFilter(ExportError):
    """A filter that cannot be used (contract: 400); `fields` tells for each field what is wrong."""

    title = "This filter cannot be used"

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        details = " ".join(f"{name}: {sentence}" for name, sentence in self.fields.items())
        super().__init__(f"Your filter contains invalid values. {details}")


class TooManyIssues(ExportError):
    """More issues than one export may hold (contract: 400)."""

    title = "Too many issues"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"Your filter contains invalid values: it matches more than {limit:,} issues, "
            "the most one export can hold. Narrow the filter, for example by archived date."
        )


class PlanTooSmall(ExportError):
    """The site's plan does not include exports (contract: 403)."""

    status = 403
    title = "Not in this plan"

    def __init__(self, plan: str) -> None:
        super().__init__(f"The site's plan is {plan}: exporting archived issues needs Premium or Enterprise.")


class NotAnAdmin(ExportError):
    """The person is neither Jira admin nor site admin (contract: 403)."""

    status = 403
    title = "Not for this account"

    def __init__(self) -> None:
        super().__init__("User is not an admin.")


class AlreadyRunning(ExportError):
    """Another export is active (contract: 412)."""

    status = 412
    title = "Another export is running"

    def __init__(self, job_id: int, retry_after: int) -> None:
        self.job_id, self.retry_after = job_id, retry_after
        super().__init__(
            f"An issue archival task is already running with ID {job_id}. "
            "To start a new one, cancel the task or wait for it to finish."
        )


class JobNotFound(ExportError):
    """No such export, or none this person may see (contract: 404)."""

    status = 404
    title = "Not found"

    def __init__(self, job_id: object) -> None:
        super().__init__(f"There is no task with ID {job_id}.")


class IssueNotFound(ExportError):
    """The archive has no issue with this key."""

    status = 404
    title = "Not found"

    def __init__(self, key: str) -> None:
        super().__init__(f"The archive has no issue with the key {key}.")


class JobEnded(ExportError):
    """The job has ended, so it cannot be cancelled (contract: 400)."""

    title = "It has ended already"

    def __init__(self, job_id: int, status: str) -> None:
        super().__init__(f"Task {job_id} has ended with status {status}: it cannot be cancelled.")


class FileNotReady(ExportError):
    """The job has no file yet, or never will (contract: 409)."""

    status = 409
    title = "There is no file yet"

    def __init__(self, job_id: int, status: str) -> None:
        self.job_id = job_id
        super().__init__(f"Export {job_id} has no file: its status is {status}.")


class FileExpired(ExportError):
    """The file was kept as long as promised and is gone (contract: 410)."""

    status = 410
    title = "The file has expired"

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(f"The file of export {job_id} has expired. Run the export again to get a new one.")


class MailNotFound(ExportError):
    """There is no such mail."""

    status = 404
    title = "Not found"

    def __init__(self, mail_id: object) -> None:
        super().__init__(f"There is no mail with ID {mail_id}.")


class MailNotResendable(ExportError):
    """A mail that was sent, or is being sent, is not sent again."""

    status = 409
    title = "This mail is not sent again"

    def __init__(self, recipient: str, status: str) -> None:
        super().__init__(
            f"The mail to {recipient} is not sent again: its state is {status}. "
            "Only mails that failed, wait or may not have arrived can be."
        )


class FileLost(ExportError):
    """The job is complete, but its file is not where it was put."""

    status = 410
    title = "The file is gone"

    def __init__(self, job_id: int) -> None:
        super().__init__(f"The file of export {job_id} is missing from the portal's storage. Run the export again.")


class UnknownForm(ExportError):
    """The file is not offered in this form."""

    title = "No such form"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"The file is not offered in the form '{name[:80]}': use {' or '.join(known)}, or none.")


class TooManyDownloads(ExportError):
    """So many files are being sent that one more would leave no thread for anything else."""

    status = 503
    title = "Too many downloads at once"
    retry_after = 10

    def __init__(self) -> None:
        super().__init__("Too many files are being downloaded just now. Try again in a few seconds.")


class BuildFailed(ExportError):
    """The build cannot give a whole file; the sentence becomes the job's message."""

    status = 500
    title = "The export failed"


class DiskTooSmall(BuildFailed):
    """The file does not fit on the disk; both numbers in bytes."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(
            f"The disk for exported files is full: the file needs about {needed / 1e6:,.1f} MB more and "
            f"{free / 1e6:,.1f} MB may be used. Free space or narrow the filter, then run the export again."
        )


class LostJob(Exception):
    """This worker is no longer the job's worker: stop, delete the part file, say nothing."""


class CancelRequested(Exception):
    """The admin asked to cancel: stop and settle the job as CANCELLED."""


class WorkerStops(Exception):
    """This worker was told to stop: put the job back for another one."""
