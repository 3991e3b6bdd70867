"""How an export writes its issues: the format of the file, and which details it includes beside Jira's own columns."""

from dataclasses import dataclass
from typing import Any, Self

from django.db.models import TextChoices
from django.http import QueryDict

from archive.errors import InvalidFilter
from archive.includes import PARAMETER, Include, Includes, read_includes, write_includes
from core.texts import printable

FORMAT_PARAMETER = "format"


class FileFormat(TextChoices):
    """The format of an export's file. Values are those of REST requests and the suffixes of file names."""

    CSV = "csv", "CSV"
    NDJSON = "ndjson", "NDJSON"


COMPLETE_FORMATS = (FileFormat.NDJSON,)
"""Formats that have everything that the archive keeps; nothing can be included besides."""


@dataclass(frozen=True)
class ExportOptions:
    """What a request says about the file. Without it, the file is as Jira's own."""

    includes: Includes = ()
    file_format: FileFormat = FileFormat.CSV

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Read the query of a REST request or a page's form.

        Raises:
            InvalidFilter: a value is unknown. It names the value and those that exist.
        """
        includes = read_includes(query.getlist(PARAMETER))
        file_format = _read_format(query.get(FORMAT_PARAMETER, ""))
        if file_format in COMPLETE_FORMATS:
            includes = ()
        return cls(includes, file_format)

    @classmethod
    def from_columns(cls, include: str, file_format: str) -> Self:
        """Read what `as_columns` gave."""
        return cls(read_includes([include]), FileFormat(file_format))

    def as_columns(self) -> dict[str, Any]:
        """The values of ExportJob's fields."""
        return {"include": write_includes(self.includes), "file_format": self.file_format}

    def describe(self) -> str:
        """What differs from the ordinary file, in words, such as "with comments and watchers"; "" if nothing does."""
        if self.file_format is not FileFormat.CSV:
            return f"as {self.file_format.label}"
        names = [Include(include).label.lower() for include in self.includes]
        if not names:
            return ""
        if len(names) == 1:
            return f"with {names[0]}"
        return f"with {', '.join(names[:-1])} and {names[-1]}"


ORDINARY = ExportOptions()


def _read_format(text: str) -> FileFormat:
    name = text or FileFormat.CSV
    if name not in FileFormat.values:
        known = " or ".join(FileFormat.values)
        raise InvalidFilter({FORMAT_PARAMETER: f'has an unknown value "{printable(text)}". Use {known}.'})
    return FileFormat(name)
