"""Jira's `ArchivedIssuesFilterRequest`: the body that says which archived issues are meant.

The names, meanings and limits are those of Jira's `exportArchivedIssues`. IssueFilter is read from here.
"""

import datetime
import re
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

from archive.errors import InvalidFilter
from archive.search_text import LONGEST_TEXT, clean_text
from core.serializers import RequestBody, TextsField
from core.texts import UNUSABLE, shown

MOST_VALUES = 1_000
DATE_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
EXAMPLE_RANGE = {"dateAfter": "2023-01-01", "dateBefore": "2023-01-12"}


class ValuesField(TextsField):
    """A list of values. Absent, null and empty do not filter."""

    def __init__(self, description: str, *, example: list[str], **options: Any) -> None:
        super().__init__(
            most=MOST_VALUES,
            required=False,
            allow_null=True,
            help_text=f"{description} An empty list does not filter.",
            style={"examples": [example]},
            **options,
        )


class DayField(serializers.DateField):
    """A date as YYYY-MM-DD. ISO 8601's other forms are refused."""

    def to_internal_value(self, value: Any) -> datetime.date:
        if isinstance(value, str) and DATE_FORM.fullmatch(value):
            try:
                return datetime.date.fromisoformat(value)
            except ValueError:  # such as 2023-02-30
                pass
        raise ValidationError(f"{shown(value)} isn't a date in the form YYYY-MM-DD.")


def _day(source: str) -> DayField:
    missing = "is missing; dateAfter and dateBefore go together."
    return DayField(source=source, error_messages={"required": missing, "null": missing})


class DateRange(RequestBody):
    """A half-open range of dates: dateAfter 00:00 to just before dateBefore 00:00. Both are required."""

    default_error_messages = {"invalid": "must be an object with dateAfter and dateBefore."}
    unknown_name = 'Unknown date "{name}". Use dateAfter and dateBefore.'
    is_inline = True

    dateAfter = _day("archived_after")
    dateBefore = _day("archived_before")

    def __init__(self, description: str = "", **options: Any) -> None:
        super().__init__(
            required=False, allow_null=True, help_text=description, style={"examples": [EXAMPLE_RANGE]}, **options
        )

    def validate(self, attrs: dict[str, datetime.date]) -> dict[str, datetime.date]:
        after = attrs["archived_after"]
        before = attrs["archived_before"]
        if after >= before:
            raise ValidationError(f"dateAfter {after} is not earlier than dateBefore {before}.")
        return attrs


class SearchTextField(serializers.CharField):
    """What the issues' texts must have. Absent, null and empty do not filter."""

    default_error_messages = {
        "invalid": "must be a string.",
        "too_long": "has {count:,} characters; at most {most:,} are allowed.",
        "unusable": "has a character that no text can have: {value}.",
    }

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True, allow_blank=True, trim_whitespace=False)

    def run_validation(self, data: Any = empty) -> Any:
        if data is None or data is empty:
            return super().run_validation(data)
        if not isinstance(data, str):
            self.fail("invalid")
        if UNUSABLE.search(data):
            self.fail("unusable", value=shown(data))
        text = clean_text(data)
        if len(text) > LONGEST_TEXT:
            self.fail("too_long", count=len(text), most=LONGEST_TEXT)
        return text


class ArchivedIssuesFilterRequest(RequestBody):
    """Jira's body as the arguments of an IssueFilter."""

    schema_description = (
        "An issue must match every field, and any one of the values in a list. A value that does not exist in the "
        "archive is an error."
    )
    error_class = InvalidFilter
    unknown_name = 'Unknown filter "{name}". Use {known}.'

    projects = ValuesField("In a project with one of these keys, in upper or lower case.", example=["FOO", "BAR"])
    archivedBy = ValuesField("Archived by one of these account IDs.", source="archived_by", example=["uuid-rep-001"])
    archivedDateRange = DateRange(
        "Archived from dateAfter 00:00 to just before dateBefore 00:00, in the site's time zone; "
        "dateAfter is the earlier one."
    )
    archivedDate = DateRange("An alias of archivedDateRange. If both are given, they must be equal.")
    issueTypes = ValuesField("Of one of these issue type IDs.", source="issue_types", example=["10001", "10002"])
    reporters = ValuesField("Reported by one of these account IDs.", example=["uuid-rep-001", "uuid-rep-002"])

    def validate_projects(self, keys: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Project keys match in any case: they are stored in upper case."""
        if keys is None:
            return None
        return tuple(dict.fromkeys(key.upper() for key in keys))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Put the dates of the range, under whichever of its two names, beside the lists."""
        date_range = attrs.pop("archivedDateRange", None)
        same_range = attrs.pop("archivedDate", None)
        if date_range and same_range and date_range != same_range:
            raise ValidationError({"archivedDate": "differs from archivedDateRange; give one of them."})
        return attrs | (date_range or same_range or {})


class WholeFilter(ArchivedIssuesFilterRequest):
    """A filter as the portal stores it: Jira's body and the search text, which is not in Jira's body."""

    text = SearchTextField()
