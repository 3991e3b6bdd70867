"""The base of all errors that users see: a status, a title and a sentence."""

import errno
from collections.abc import Mapping
from typing import ClassVar

from django.db import DatabaseError
from django.http import UnreadablePostError


class PortalError(Exception):
    """An error the user can act on. `str(error)` is the sentence that the REST API returns.

    `fields` says for each wrong field what is wrong with it. `headers` are added to the response. `retry_after` is the
    number of seconds after which the request may succeed, if that is known.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Something went wrong"
    page_template: ClassVar[str] = "core/error.html"
    headers: ClassVar[Mapping[str, str]] = {}
    fields: Mapping[str, str] = {}
    retry_after: int | None = None

    @property
    def page_sentence(self) -> str:
        """The sentence shown on pages. Override it if the REST API's published wording would not help there."""
        return str(self)

    @property
    def response_headers(self) -> dict[str, str]:
        """The headers of the response, Retry-After included."""
        found = dict(self.headers)
        if self.retry_after is not None:
            found["Retry-After"] = str(self.retry_after)
        return found


class InvalidBody(PortalError):
    """A request body with wrong fields (contract: 400). `fields` says what is wrong with each."""

    title = "Invalid request"
    opening = "The request body contains invalid values."

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        complaints = [f"{name}: {sentence}" for name, sentence in self.fields.items()]
        super().__init__(" ".join([self.opening, *complaints]))


class DiskFull(PortalError):
    """The disk of the portal's files or of its database has no space left."""

    status = 507
    title = "The disk is full"

    def __init__(self) -> None:
        super().__init__(
            "The portal's disk is full, so nothing was saved. Free space on it, or ask your portal administrator to, "
            "then try again."
        )


class RequestCutOff(PortalError):
    """The client stopped sending the body, or sent it too slowly."""

    title = "The request is incomplete"
    headers = {"Connection": "close"}

    def __init__(self) -> None:
        super().__init__("The request ended before its last byte arrived, or arrived too slowly. Try again.")


class FilesNotWritable(PortalError):
    """The folder of the portal's files is read-only, belongs to someone else, or is on a disk that fails."""

    status = 503
    title = "The portal can't save files"

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"The portal can't write to the folder of its files ({error.strerror}), so nothing was saved. Ask your "
            "portal administrator to run `manage.py doctor`, then try again."
        )


class ReadOnlyNow(PortalError):
    """SQLite only: another process writes for long, such as an import, and nobody else can save anything."""

    status = 503
    title = "The archive is being updated"
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(
            "An import or a removal is writing to the archive. Until it is done, usually within a minute, nothing else "
            "can be saved. Nothing was changed. Try again in a few seconds."
        )


# What the system says about folders and disks that can't be written to, if it isn't that they are full.
NOT_WRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE}


def explain(error: BaseException | None) -> PortalError | None:
    """The error as one that users can act on; None if it isn't one."""
    if isinstance(error, PortalError):
        return error
    if isinstance(error, UnreadablePostError):
        return RequestCutOff()
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull()
    if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
        return FilesNotWritable(error)
    # SQLite: "database or disk is full". PostgreSQL: "could not extend file …: No space left on device".
    words = str(error)
    if isinstance(error, DatabaseError) and ("disk is full" in words or "No space left on device" in words):
        return DiskFull()
    return None
