"""What can be wrong with an export: each error has a status, a title and a sentence."""

from collections.abc import Iterable

from core.errors import PortalError
from jobs.errors import JobFailed


class ExportError(PortalError):
    """An error that may name an export; its page then links to it."""

    page_template = "exports/error.html"
    job_id: int | None = None


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


class AlreadyRunning(ExportError):
    """Another export is active (contract: 412)."""

    status = 412
    title = "Another export is running"

    def __init__(self, job_id: int, retry_after: int) -> None:
        self.job_id = job_id
        self.retry_after = retry_after
        super().__init__(
            f"An issue archival task is already running with ID {job_id}. "
            "To start a new one, cancel the task or wait for it to finish."
        )

    @property
    def page_sentence(self) -> str:
        return "The site runs one export at a time. Wait until it has finished, or open it and cancel it."


class JobNotFound(ExportError):
    """No such export, or none this person may see (contract: 404)."""

    status = 404
    title = "Not found"

    def __init__(self, job_id: object) -> None:
        super().__init__(f"There is no task with ID {job_id}.")

    @property
    def page_sentence(self) -> str:
        return "There is no export with this number."


class JobEnded(ExportError):
    """The export has ended, so it cannot be cancelled (contract: 400)."""

    title = "The export has ended"

    def __init__(self, job_id: int, status: str) -> None:
        super().__init__(f"Task {job_id} has ended with status {status}: it cannot be cancelled.")

    @property
    def page_sentence(self) -> str:
        return "The export has already ended, so there is nothing to cancel."


class FileNotReady(ExportError):
    """The export has no file yet, or never will (contract: 409)."""

    status = 409
    title = "File not ready"

    def __init__(self, job_id: int, status: str) -> None:
        self.job_id = job_id
        super().__init__(f"Export {job_id} has no file: its status is {status}.")


class FileExpired(ExportError):
    """The file was kept as long as promised and has been deleted (contract: 410)."""

    status = 410
    title = "The file has expired"

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(f"The file of export {job_id} has expired. Run the export again to get a new one.")


class FileLost(ExportError):
    """The export is complete, but its file is missing from the storage."""

    status = 410
    title = "The file is missing"

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(f"The file of export {job_id} is missing from the portal's storage. Run the export again.")


class MailNotFound(ExportError):
    """There is no such mail."""

    status = 404
    title = "Not found"

    def __init__(self, mail_id: object) -> None:
        super().__init__(f"There is no mail with ID {mail_id}.")


class MailNotResendable(ExportError):
    """A mail that was sent, or is being sent, is not sent again."""

    status = 409
    title = "This mail can't be sent again"

    def __init__(self, recipient: str, status: str) -> None:
        super().__init__(
            f"The mail to {recipient} can't be sent again: its state is {status}. "
            "Only mails that failed, are waiting or may not have arrived can be."
        )


class UnknownDownloadFormat(ExportError):
    """The file is not offered in this format."""

    title = "Unknown format"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"The file is not offered in the form '{name[:80]}': use {' or '.join(known)}, or none.")


class TooManyDownloads(ExportError):
    """So many files are being sent that one more would leave no thread for anything else."""

    status = 503
    title = "Too many downloads at once"
    retry_after = 10

    def __init__(self) -> None:
        super().__init__("Too many files are being downloaded right now. Try again in a few seconds.")


class BuildFailed(JobFailed):
    """The build cannot produce a complete file; the sentence becomes the job's message."""

    title = "The export failed"


class DiskTooSmall(BuildFailed):
    """The file does not fit on the disk; both numbers in bytes."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(
            f"The disk for exported files is full: the file needs about {needed / 1e6:,.1f} MB more and "
            f"{free / 1e6:,.1f} MB may be used. Free space or narrow the filter, then run the export again."
        )
