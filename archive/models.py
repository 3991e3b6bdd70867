"""The archive: issues as Jira had them when they were archived, and what they refer to.

A missing text is an empty string; a missing time, number or person is NULL. No text contains a NUL character:
PostgreSQL cannot store it and SQLite's printf() would stop at it, so imports remove it.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.sql.compiler import SQLCompiler
from django.urls import reverse
from django.utils import timezone

from archive.detail_values import CompactEncoder
from archive.formula_guard import FormulaFree, InnerFormulaFree

# A key of Jira's. Only such a key can be part of an address.
USUAL_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[0-9]+", re.ASCII)


# Account IDs of Jira Cloud have at least so many characters. Data Center's may be words that mean something else, too.
CLOUD_ID_LENGTH = 20


class Length(models.Func):
    """The number of elements in a JSON array."""

    arity = 1
    function = "json_array_length"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(compiler, connection, function="jsonb_array_length")


def _formula_free(*texts: str) -> models.GeneratedField:
    """Whether none of the row's texts needs the formula guard at its start. The database computes and stores it."""
    return models.GeneratedField(
        expression=FormulaFree(*texts), output_field=models.BooleanField(), db_persist=True, null=True
    )


def _inner_formula_free(*texts: str, lists: Sequence[str] = ()) -> models.GeneratedField:
    """Whether none of them needs the guard after a separator either, and no value of the lists. It is never NULL."""
    condition = InnerFormulaFree(*texts, *lists, list_count=len(lists))
    return models.GeneratedField(expression=condition, output_field=models.BooleanField(), db_persist=True)


TEXTS = (
    "key",
    "summary",
    "status",
    "status_category",
    "priority",
    "resolution",
    "description",
    "environment",
    "security_level",
    "parent_key",
    "parent_summary",
)

# Each list and the field that stores its length.
COUNTS = {
    "affects_versions": "affects_version_count",
    "fix_versions": "fix_version_count",
    "components": "component_count",
    "labels": "label_count",
}


class Account(models.Model):
    """A person in Jira, not a portal user. The account ID is Atlassian's or, for Data Center, the user key."""

    account_id = models.CharField("account ID", max_length=128, unique=True)
    name = models.CharField("display name", max_length=255, blank=True)
    email = models.CharField("email", max_length=254, blank=True)
    is_formula_free = _formula_free("account_id", "name")
    is_inner_formula_free = _inner_formula_free("account_id", "name")

    class Meta:
        indexes = [models.Index(fields=["name", "id"], name="account_by_name")]

    def __str__(self) -> str:
        return self.name or self.account_id


class Project(models.Model):
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255, blank=True)
    type = models.CharField(max_length=64, blank=True)
    description = models.TextField(blank=True)
    lead = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_formula_free = _formula_free("key", "name", "type", "description")
    is_inner_formula_free = _inner_formula_free("key", "name", "type", "description")

    def __str__(self) -> str:
        return f"{self.name} ({self.key})" if self.name else self.key


class IssueType(models.Model):
    type_id = models.CharField("type ID", max_length=64, unique=True)
    name = models.CharField(max_length=255, blank=True)
    is_formula_free = _formula_free("name")
    is_inner_formula_free = _inner_formula_free("name")

    def __str__(self) -> str:
        return self.name or self.type_id


def _count(source: str) -> models.GeneratedField:
    """The length of a list. The database computes and stores it, so that an index can contain it."""
    return models.GeneratedField(
        expression=Length(source), output_field=models.SmallIntegerField(), db_persist=True, null=True
    )


def _index(name: str, *fields: str) -> models.Index:
    """An index for one filter. It ends in the export's ordering and contains what an export counts before it starts."""
    return models.Index(fields=[*fields, "archived_date", "id", *COUNTS.values()], name=name)


def _person() -> "models.ForeignKey[Account | None, Account | None]":
    return models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)


class ArchivedIssue(models.Model):
    """One archived issue. `id` is Jira's issue ID, which stays the same when an issue moves and its key changes.

    labels, components, fix_versions and affects_versions are JSON arrays of texts in Jira's order. Estimates and
    times spent are whole seconds. work_ratio is a percentage, or -1 if there is no estimate.
    Each index except the last serves one filter, ends in the export's ordering and contains the lists' lengths, so
    that counting the rows and columns of an export reads no issue (docs/decisions/0001).
    """

    id = models.BigIntegerField("issue ID", primary_key=True)
    key = models.CharField(max_length=96, unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="issues", db_index=False)
    issue_type = models.ForeignKey(IssueType, on_delete=models.PROTECT, related_name="issues", db_index=False)
    summary = models.TextField(blank=True)
    status = models.CharField(max_length=255, blank=True)
    status_category = models.CharField(max_length=255, blank=True)
    status_category_changed = models.DateTimeField(null=True, blank=True)
    priority = models.CharField(max_length=255, blank=True)
    resolution = models.CharField(max_length=255, blank=True)
    assignee = _person()
    reporter = _person()
    creator = _person()
    created = models.DateTimeField(null=True, blank=True)
    updated = models.DateTimeField(null=True, blank=True)
    resolved = models.DateTimeField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    affects_versions = models.JSONField(default=list, blank=True)
    fix_versions = models.JSONField(default=list, blank=True)
    components = models.JSONField(default=list, blank=True)
    labels = models.JSONField(default=list, blank=True)
    affects_version_count = _count("affects_versions")
    fix_version_count = _count("fix_versions")
    component_count = _count("components")
    label_count = _count("labels")
    is_formula_free = _formula_free(*TEXTS)
    is_inner_formula_free = _inner_formula_free(*TEXTS, lists=tuple(COUNTS))
    votes = models.IntegerField(null=True, blank=True)
    description = models.TextField(blank=True)
    environment = models.TextField(blank=True)
    original_estimate = models.BigIntegerField(null=True, blank=True)
    remaining_estimate = models.BigIntegerField(null=True, blank=True)
    time_spent = models.BigIntegerField(null=True, blank=True)
    work_ratio = models.BigIntegerField(null=True, blank=True)
    total_original_estimate = models.BigIntegerField("Σ original estimate", null=True, blank=True)
    total_remaining_estimate = models.BigIntegerField("Σ remaining estimate", null=True, blank=True)
    total_time_spent = models.BigIntegerField("Σ time spent", null=True, blank=True)
    security_level = models.CharField(max_length=255, blank=True)
    parent_id = models.BigIntegerField("parent's issue ID", null=True, blank=True)
    parent_key = models.CharField(max_length=96, blank=True)
    parent_summary = models.TextField(blank=True)
    archived_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    archived_date = models.DateTimeField()

    class Meta:
        indexes = [
            _index("issue_by_archived_date"),
            _index("issue_by_project", "project"),
            _index("issue_by_type", "issue_type"),
            _index("issue_by_reporter", "reporter"),
            _index("issue_by_archived_by", "archived_by"),
            # Counts the issues that several fields select together, without reading an issue.
            models.Index(
                fields=["project", "issue_type", "archived_by", "reporter", "archived_date", "id"],
                name="issue_by_all_fields",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return issue_address(self.key, self.pk)


def issue_address(key: str, issue_id: int | None) -> str:
    """The address of an issue's page, with its ID if it has no usual key; "" if it has neither."""
    if USUAL_KEY.fullmatch(key):
        return reverse("issue", args=[key])
    if issue_id is None:
        return ""
    return reverse("issue", args=[issue_id])


STORED_FIELDS = tuple(field for field in ArchivedIssue._meta.concrete_fields if not field.generated)
"""The fields that an import writes. The database computes the others."""


class DetailKind(models.TextChoices):
    """What the archive keeps of an issue beside the columns of the ordinary export."""

    COMMENT = "comment", "Comments"
    WORKLOG = "worklog", "Work logs"
    ATTACHMENT = "attachment", "Attachments"
    WATCHER = "watcher", "Watchers"
    LINK = "link", "Issue links"
    SUBTASK = "subtask", "Subtasks"
    HISTORY = "history", "Change history"
    CUSTOM = "custom", "Custom fields"
    FIELD = "field", "Other fields"


class DetailColumn(models.Model):
    """One kind of thing that is kept, as it would be a column of Jira's "all fields" CSV.

    - `name`: a field's name, or a link type's; empty if a JSON file gave only the field's ID.
    - `direction`: of a link: outward or inward.
    - `field_id`: Jira's ID of a field, such as customfield_10010; empty if a CSV file gave only its name.
    - `type`: of a field's values, such as number, "array of option" or sprint; empty if unknown.
    """

    kind = models.CharField(max_length=20, choices=DetailKind)
    name = models.CharField(max_length=255, blank=True)
    direction = models.CharField(max_length=10, blank=True)
    field_id = models.CharField("field ID", max_length=255, blank=True)
    type = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "field_id"], condition=~Q(field_id=""), name="detail_column_has_one_field_id"
            ),
            models.UniqueConstraint(
                fields=["kind", "name", "direction"], condition=Q(field_id=""), name="detail_column_has_one_name"
            ),
            models.CheckConstraint(condition=Q(kind__in=DetailKind.values), name="detail_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.heading

    @property
    def heading(self) -> str:
        """The column's heading in Jira Cloud's CSV."""
        return detail_heading(self.kind, self.name or self.field_id, self.direction, self.type)


SPRINT = "sprint"  # the type of the custom field that Jira's CSV calls Sprint
_HEADINGS = {
    DetailKind.COMMENT: "Comment",
    DetailKind.WORKLOG: "Log Work",
    DetailKind.ATTACHMENT: "Attachment",
    DetailKind.WATCHER: "Watchers",
    DetailKind.SUBTASK: "Sub-tasks",
    DetailKind.HISTORY: "Change history",
}


def detail_heading(kind: str, name: str, direction: str = "", field_type: str = "") -> str:
    """The heading in Jira Cloud's CSV. Its files have no column for the change history."""
    if kind == DetailKind.LINK:
        return f"{direction.capitalize()} issue link ({name})".lstrip()
    if kind == DetailKind.CUSTOM and field_type != SPRINT:
        return f"Custom field ({name})"
    return _HEADINGS.get(DetailKind(kind), name)


class IssueDetail(models.Model):
    """What one issue has of one kind. The ordinary export never reads these rows.

    - `items`: a JSON array. Comments, work logs, attachments, watchers, links, subtasks and history entries are objects
      in the shape of Jira's REST API v2, reduced to what is kept; values of fields are texts.
    - `value`: a field's value as Jira's JSON has it, if the texts in `items` don't say everything; otherwise NULL.

    The index answers how many columns an export needs without reading a row.
    """

    pk = models.CompositePrimaryKey("issue_id", "column_id")
    issue = models.ForeignKey(ArchivedIssue, on_delete=models.CASCADE, related_name="details", db_index=False)
    column = models.ForeignKey(DetailColumn, on_delete=models.CASCADE, related_name="details", db_index=False)
    item_count = models.GeneratedField(
        expression=Length("items"), output_field=models.IntegerField(), db_persist=True, null=True
    )
    items = models.JSONField(default=list, encoder=CompactEncoder)
    value = models.JSONField(null=True, blank=True, encoder=CompactEncoder)

    class Meta:
        indexes = [models.Index(fields=["column", "issue", "item_count"], name="issue_detail_by_column")]

    def __str__(self) -> str:
        return f"{self.column_id} of {self.issue_id}"


class DetailPerson(models.Model):
    """A person whom the details of an issue name, so that anonymising finds the issues."""

    pk = models.CompositePrimaryKey("account_id", "issue_id")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    issue = models.ForeignKey(ArchivedIssue, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.account_id} in {self.issue_id}"


class WordsField(models.TextField):  # type: ignore[type-arg] # generic for the type checker only
    """Words that PostgreSQL keeps outside of their row, so that rows are small: a search reads the rows of all matches.

    PostgreSQL does this with rows of more than 2,032 bytes only. Blanks, which it compresses, make them as long.
    """

    PADDED_LENGTH = 2_100

    @classmethod
    def stored(cls, words: str, vendor: str) -> str:
        """The words as they are stored in the database."""
        if vendor == "postgresql":
            return words.ljust(cls.PADDED_LENGTH)
        return words

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        return self.stored(super().get_db_prep_value(value, connection, prepared), connection.vendor)

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if value is None:
            return None
        return value.rstrip(" ")


class IssueWords(models.Model):
    """The words by which an issue is found (archive.search_index). The ordinary export never reads these rows.

    On SQLite this is a table of FTS5, whose key is called rowid.
    """

    issue = models.OneToOneField(
        ArchivedIssue,
        primary_key=True,
        db_column="rowid",
        db_constraint=False,
        on_delete=models.DO_NOTHING,  # a trigger removes the row (archive.search_triggers)
        related_name="+",
    )
    words = WordsField()

    class Meta:
        verbose_name_plural = "issue words"

    def __str__(self) -> str:
        return f"Words of {self.issue_id}"


class MonthSummary(models.Model):
    """The cached monthly counts of the whole archive, as a list of [first day of the month (ISO date), issues].

    Months start at midnight in `time_zone`. Every transaction that writes issues also deletes this row; without it,
    the months are counted again.
    """

    time_zone = models.CharField(max_length=64, primary_key=True)
    months = models.JSONField()

    class Meta:
        verbose_name_plural = "month summaries"

    def __str__(self) -> str:
        return self.time_zone


class RemovalKind(models.TextChoices):
    DELETED = "deleted", "Issues deleted"
    UNARCHIVED = "unarchived", "Issues unarchived"
    ANONYMISED = "anonymised", "Account anonymised"


class Removal(models.Model):
    """A record that issues were removed or an account anonymised, and by whom. It contains none of the content."""

    kind = models.CharField(max_length=20, choices=RemovalKind)
    at = models.DateTimeField(default=timezone.now)
    operator = models.CharField(max_length=254)
    filter = models.JSONField(default=dict, blank=True, help_text="The filter and keys that were given.")
    issue_count = models.PositiveIntegerField(help_text="The number of issues removed or changed.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["deleted", "unarchived", "anonymised"]), name="removal_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.issue_count:,}"
