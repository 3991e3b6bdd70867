"""The errors of exports. Each one has a status, a title and a message."""

from collections.abc import Iterable

from core.errors import PortalError
from jobs.errors import JobFailed


class ExportError(PortalError):
    """An error with, if `job_id` is set, a link to that export on its page."""

    page_template = "exports/error.html"
    job_id: int | None = None


class TooManyIssues(ExportError):
    """More issues match than one export can hold (contract: 400)."""

    title = "Too many issues"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"Your filter contains invalid values: it matches more than {limit:,} issues, "
            "the most one export can hold. Narrow the filter, for example by archived date."
        )


class PlanTooSmall(ExportError):
    """The site's plan does not include exports (contract: 403)."""

    status = 403
    title = "Not included in this plan"

    def __init__(self, plan: str) -> None:
        super().__init__(f"The site's plan is {plan}. Exporting archived issues requires Premium or Enterprise.")


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
        return "Only one export can run at a time. Wait until it finishes, or open it and cancel it."


class JobNotFound(ExportError):
    """The export does not exist, or this user can't see it (contract: 404)."""

    status = 404
    title = "Not found"

    def __init__(self, job_id: object) -> None:
        super().__init__(f"There is no task with ID {job_id}.")

    @property
    def page_sentence(self) -> str:
        return "There is no export with this number."


class JobEnded(ExportError):
    """The export has ended, so it can't be cancelled (contract: 400)."""

    title = "The export has ended"

    def __init__(self, job_id: int, status: str) -> None:
        super().__init__(f"Task {job_id} has ended with status {status}, so it can't be cancelled.")

    @property
    def page_sentence(self) -> str:
        return "The export has already ended, so there is nothing to cancel."


class FileNotReady(ExportError):
    """The export has no file yet, or ended without one (contract: 409)."""

    status = 409
    title = "File not ready"

    def __init__(self, job_id: int, status: str) -> None:
        self.job_id = job_id
        super().__init__(f"Export {job_id} has no file because its status is {status}.")


class FileExpired(ExportError):
    """The file has expired (contract: 410)."""

    status = 410
    title = "The file has expired"

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(f"The file of export {job_id} has expired. Run the export again to get a new one.")


class FileLost(ExportError):
    """The export is complete, but its file is missing from storage (410)."""

    status = 410
    title = "The file is missing"

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(f"The file of export {job_id} is missing from the portal's storage. Run the export again.")


class MailNotFound(ExportError):
    """The email does not exist."""

    status = 404
    title = "Not found"

    def __init__(self, mail_id: object) -> None:
        super().__init__(f"There is no email with ID {mail_id}.")


class MailNotResendable(ExportError):
    """The email was sent or is being sent."""

    status = 409
    title = "This email can't be sent again"

    def __init__(self, recipient: str, status: str) -> None:
        super().__init__(
            f"The email to {recipient} can't be sent again because its status is {status}. "
            "You can only send an email again if it is queued, was not sent, or its delivery is unknown."
        )


class UnknownDownloadFormat(ExportError):
    """There is no download format of this name."""

    title = "Unknown format"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"Unknown download format '{name[:80]}'. Use {' or '.join(known)}, or leave it out.")


class TooManyDownloads(ExportError):
    """One more download would leave no threads for other requests."""

    status = 503
    title = "Too many downloads"
    retry_after = 10

    def __init__(self) -> None:
        super().__init__("Too many files are being downloaded right now. Try again in a few seconds.")


class BuildFailed(JobFailed):
    """The build can't create a complete file. The text becomes the job's message."""

    title = "The export failed"


class DiskTooSmall(BuildFailed):
    """The file does not fit on the disk. Both numbers are bytes."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(
            f"The disk for exported files is full. The file needs about {needed / 1e6:,.1f} MB more, but only "
            f"{free / 1e6:,.1f} MB is available. Free some space or narrow the filter, then run the export again."
        )
