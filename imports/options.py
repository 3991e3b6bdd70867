"""The import options: chosen on the command line or in the Import page's form, and kept as JSON with an upload."""

import datetime
import zoneinfo
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from django.utils import timezone

from core.errors import PortalError
from core.formula_guard import GuardRemoval
from imports.bulk_write import Wait, wait_alone
from imports.dates import check_format, read_instant
from imports.importer import Plan, WriteAlone
from imports.judge import FIRST_YEAR, LAST_YEAR
from imports.load import Archiving, OnConflict
from imports.read_context import ReadContext
from imports.records import Person
from imports.unpacking import Look, keep_reading
from jobs import long_write


class Hints(NamedTuple):
    """How to choose other options, for error messages."""

    date_format: str
    on_conflict: str


COMMAND_HINTS = Hints("Set the format with --date-format.", "Import with --on-conflict update or skip.")
PAGE_HINTS = Hints("Set the date format in Import options.", "Choose Update or Skip in Import options.")


class InvalidOption(PortalError):
    """An option with a value that can't be used. The reason continues the option's name."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name} {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the operator chose. An empty value means the default.

    - `archived_by`, `archived_date`: used if the data doesn't say who archived an issue, or when: an account ID, and
      an ISO 8601 date or date-time, which is in `time_zone` if it has no offset.
    - `time_zone`: the zone of CSV dates without an offset. Default: the site's.
    - `date_format`: the format of CSV dates, in `strptime`'s syntax.
    - `formula_guard`: what is removed of the formula guard.

    Raises:
        InvalidOption: there is no such time zone or date, or the date format can't be used.
    """

    archived_by: str = ""
    archived_date: str = ""
    time_zone: str = ""
    date_format: str = ""
    formula_guard: GuardRemoval = GuardRemoval.AUTO
    on_conflict: OnConflict = OnConflict.UPDATE
    is_strict: bool = False
    is_dry_run: bool = False

    def __post_init__(self) -> None:
        self._find_zone()
        self._find_archived_date()
        self._check_date_format()

    @classmethod
    def from_command(cls, arguments: Mapping[str, Any]) -> Self:
        """The options of the command line. Its --archived-date is in the site's time zone, whatever --time-zone is."""
        archived_date = ""
        if arguments["archived_date"]:
            archived_date = _read_date_option(arguments["archived_date"]).isoformat()
        return cls(
            archived_by=arguments["archived_by"] or "",
            archived_date=archived_date,
            time_zone=arguments["time_zone"] or "",
            date_format=arguments["date_format"],
            formula_guard=GuardRemoval(arguments["formula_guard"]),
            on_conflict=OnConflict(arguments["on_conflict"]),
            is_strict=arguments["strict"],
            is_dry_run=arguments["dry_run"],
        )

    @classmethod
    def from_form(cls, cleaned: Mapping[str, Any]) -> Self:
        """The options of the page's form, whose fields have the same names."""
        archived_date = ""
        if cleaned["archived_date"]:
            archived_date = cleaned["archived_date"].isoformat()
        return cls(
            archived_by=cleaned["archived_by"],
            archived_date=archived_date,
            time_zone=cleaned["time_zone"],
            date_format=cleaned["date_format"],
            on_conflict=OnConflict(cleaned["on_conflict"]),
            is_strict=cleaned["is_strict"],
            is_dry_run=cleaned["is_dry_run"],
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The options that `to_json` returned."""
        values = dict(stored)
        values["on_conflict"] = OnConflict(values.get("on_conflict", "update"))
        values["formula_guard"] = GuardRemoval(values.get("formula_guard", "auto"))
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """The options as JSON can store them, without the defaults."""
        defaults = asdict(ImportOptions())
        chosen = {name: value for name, value in asdict(self).items() if value != defaults[name]}
        return chosen | {"on_conflict": self.on_conflict.value}

    def make_plan(
        self,
        *,
        operator: str,
        now: datetime.datetime,
        rejects: Path,
        hints: Hints,
        wait: Wait = wait_alone,
        look: Look = keep_reading,
        write_alone: WriteAlone = long_write.hold,
    ) -> Plan:
        """The plan for these options. `operator`, an account ID, and `now` are used if nobody chose who and when."""
        zone = self._find_zone()
        archived_date = self._find_archived_date()

        def new_context() -> ReadContext:
            return ReadContext(
                zone=zone,
                date_format=self.date_format,
                date_hint=hints.date_format,
                guard_removal=self.formula_guard,
                look=look,
            )

        return Plan(
            archiving=Archiving(
                by=Person(self.archived_by or operator),
                date=archived_date or now,
                is_by_chosen=bool(self.archived_by),
                is_date_chosen=archived_date is not None,
            ),
            rejects=rejects,
            new_context=new_context,
            on_conflict=self.on_conflict,
            conflict_hint=hints.on_conflict,
            is_strict=self.is_strict,
            is_dry_run=self.is_dry_run,
            wait=wait,
            write_alone=write_alone,
        )

    def _check_date_format(self) -> None:
        if not self.date_format:
            return
        try:
            check_format(self.date_format)
        except ValueError as error:
            raise InvalidOption("date_format", str(error)) from None

    def _find_zone(self) -> datetime.tzinfo:
        if not self.time_zone:
            return timezone.get_default_timezone()
        try:
            return zoneinfo.ZoneInfo(self.time_zone)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            reason = f"{self.time_zone!r} isn't a time zone. Use a name such as Europe/Berlin."
            raise InvalidOption("time_zone", reason) from None

    def _find_archived_date(self) -> datetime.datetime | None:
        if not self.archived_date:
            return None
        return _read_date_option(self.archived_date, self._find_zone())


def _read_date_option(text: str, zone: datetime.tzinfo | None = None) -> datetime.datetime:
    try:
        date = read_instant(text, zone)
    except ValueError as error:
        raise InvalidOption("archived_date", str(error)) from None
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise InvalidOption("archived_date", f"is {text[:80]!r}, but years go from {FIRST_YEAR} to {LAST_YEAR}.")
    return date
