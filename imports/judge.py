"""Whether a record is one that Jira could have written and the archive can keep; the same for every format.

The rules are a table: for each kind of record, what is checked and in which order. The archive's own sizes come from
its models. Jira's are those of its documentation:

- A project key begins with a letter and has only upper-case ASCII letters, digits and underscores
  (confluence.atlassian.com/adminjiraserver/changing-the-project-key-format); an issue key adds a dash and a number.
- A summary, a label and the name of a version or component have at most 255 characters. Only for summaries is there a
  greater limit, because other programs write CSV files in Jira's format, too.
"""

import re
from collections.abc import Callable
from operator import attrgetter, gt
from typing import Any

from django.conf import settings
from django.db import models

from archive.models import COUNTS, STORED_FIELDS, Account, ArchivedIssue, DetailColumn, IssueType, Project
from imports.records import ColumnRecord, IssueRecord, Person, ProjectRecord, Reference, TypeRecord

KEY = re.compile(r"[A-Z][A-Z0-9_]*-[0-9]+", re.ASCII)
FIRST_YEAR = 1900
LAST_YEAR = 2200
MAX_SUMMARY_LENGTH = 1_000
MAX_NAME_LENGTH = 255  # of a label, a version or a component

Record = IssueRecord | Reference | ColumnRecord
Rule = Callable[[Any], str]


def find_misfit(record: Record) -> str:
    """Why the archive can't keep the record, found before the database refuses the whole file; "" if it can."""
    for rule in _RULES[type(record)]:
        reason = rule(record)
        if reason:
            return reason
    return ""


def _check_stored_texts(model: type[models.Model]) -> Rule:
    """No text is longer than its column. Lengths are compared by `map`, because this runs for every record."""
    max_lengths: dict[str, int] = {}
    for column in model._meta.concrete_fields:
        if isinstance(column, models.CharField) and column.max_length:
            max_lengths[column.name] = column.max_length
    limits = tuple(max_lengths.values())
    # With the class as one more attribute, the getter returns a tuple for a single text, too.
    texts_of = attrgetter(*max_lengths, "__class__")

    def check(record: Record) -> str:
        *texts, _ = texts_of(record)
        if not any(map(gt, map(len, texts), limits)):
            return ""
        for name, max_length in max_lengths.items():
            length = len(getattr(record, name))
            if length > max_length:
                return f"{name} has {length:,} characters; at most {max_length:,} can be stored."
        return ""

    return check


def _check_numbers(issue: IssueRecord) -> str:
    for number, (name, limit) in zip(_NUMBERS_OF(issue), _NUMBER_LIMITS.items(), strict=True):
        if number is not None and not -limit <= number < limit:
            return f"{name} is {number}, which is too large to be stored."
    return ""


def _check_key(issue: IssueRecord) -> str:
    if KEY.fullmatch(issue.key):
        return ""
    return f"key is {issue.key!r}, which isn't an issue key of Jira's, such as AC-123."


def _check_dates(issue: IssueRecord) -> str:
    for name, value in zip(_DATES, _DATES_OF(issue), strict=True):
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            return f"{name} is in the year {value.year}. Fix the date: years go from {FIRST_YEAR} to {LAST_YEAR}."
    return ""


def _check_lists(issue: IssueRecord) -> str:
    for name in COUNTS:
        values: tuple[str, ...] = getattr(issue, name)
        if not values:
            continue
        setting = "IMPORT_MAX_LIST_VALUES"
        if name == "labels":
            setting = "IMPORT_MAX_LABELS"
        max_count = getattr(settings, setting)
        if len(values) > max_count:
            return f"{name} has {len(values):,} values; at most {max_count:,} are allowed ({setting})."
        longest = max(map(len, values))
        if longest > MAX_NAME_LENGTH:
            return f"{name} has a value of {longest:,} characters; Jira allows {MAX_NAME_LENGTH}."
    return ""


def _check_summaries(issue: IssueRecord) -> str:
    for name in ("summary", "parent_summary"):
        length = len(getattr(issue, name))
        if length > MAX_SUMMARY_LENGTH:
            return f"{name} has {length:,} characters; at most {MAX_SUMMARY_LENGTH:,} are allowed, and 255 in Jira."
    return ""


def _check_long_texts(*names: str) -> Rule:
    def check(record: Record) -> str:
        for name in names:
            length = len(getattr(record, name))
            max_length = settings.IMPORT_MAX_TEXT_CHARACTERS
            if length > max_length:
                sentence = f"{name} has {length:,} characters; at most {max_length:,} are allowed"
                return f"{sentence} (IMPORT_MAX_TEXT_CHARACTERS)."
        return ""

    return check


def _number_limits() -> dict[str, int]:
    """For each of an issue's numbers, the first one that is too large to be stored."""
    limits = {}
    for column in STORED_FIELDS:
        if isinstance(column, models.BigIntegerField):
            limits[column.name] = 2**63
        elif isinstance(column, models.IntegerField):
            limits[column.name] = 2**31
    return limits


_NUMBER_LIMITS = _number_limits()
_NUMBERS_OF = attrgetter(*_NUMBER_LIMITS)
_DATES = [field.name for field in STORED_FIELDS if isinstance(field, models.DateField)]
_DATES_OF = attrgetter(*_DATES)

_RULES: dict[type, tuple[Rule, ...]] = {
    IssueRecord: (
        _check_stored_texts(ArchivedIssue),
        _check_numbers,
        _check_key,
        _check_dates,
        _check_lists,
        _check_summaries,
        _check_long_texts("description", "environment"),
    ),
    Person: (_check_stored_texts(Account),),
    ProjectRecord: (_check_stored_texts(Project), _check_long_texts("description")),
    TypeRecord: (_check_stored_texts(IssueType),),
    ColumnRecord: (_check_stored_texts(DetailColumn),),
}
