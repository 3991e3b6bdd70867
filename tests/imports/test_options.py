"""The import options mean the same on the command line, in the form and in an upload's row."""

import datetime
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.formula_guard import GuardRemoval
from imports.importer import Plan
from imports.load import OnConflict
from imports.options import COMMAND_HINTS, PAGE_HINTS, ImportOptions, InvalidOption

NOW = datetime.datetime(2024, 5, 6, 7, tzinfo=datetime.UTC)
ARGUMENTS: dict[str, Any] = {
    "archived_by": None,
    "archived_date": None,
    "time_zone": None,
    "date_format": "",
    "formula_guard": "auto",
    "on_conflict": "update",
    "strict": False,
    "dry_run": False,
}
FORM: dict[str, Any] = {
    "archived_by": "",
    "archived_date": None,
    "time_zone": "",
    "date_format": "",
    "on_conflict": "update",
    "is_strict": False,
    "is_dry_run": False,
}


def plan_of(options: ImportOptions) -> Plan:
    return options.make_plan(operator="olga", now=NOW, rejects=Path(), hints=PAGE_HINTS)


def test_it_works() -> None:
    options = ImportOptions(archived_by="5b-ann", archived_date="2024-02-03", time_zone="Asia/Tokyo", is_strict=True)
    plan = plan_of(options)
    assert (plan.archiving.by.account_id, plan.archiving.is_by_chosen) == ("5b-ann", True)
    assert plan.archiving.date == datetime.datetime(2024, 2, 2, 15, tzinfo=datetime.UTC)
    assert (plan.is_strict, plan.is_dry_run, plan.on_conflict) == (True, False, OnConflict.UPDATE)
    context = plan.new_context()
    assert (str(context.zone), context.guard_removal) == ("Asia/Tokyo", "auto")
    assert context.date_hint == "Set the date format in Import options."


def test_defaults_are_the_same_everywhere() -> None:
    assert ImportOptions.from_command(ARGUMENTS) == ImportOptions()
    assert ImportOptions.from_form(FORM) == ImportOptions()
    assert ImportOptions.from_json({}) == ImportOptions()
    archiving = plan_of(ImportOptions()).archiving
    assert (archiving.by.account_id, archiving.date) == ("olga", NOW)
    assert not archiving.is_by_chosen
    assert not archiving.is_date_chosen


def test_json_restores_the_options() -> None:
    options = ImportOptions(
        archived_by="5b-ann",
        archived_date="2024-02-03",
        time_zone="Asia/Tokyo",
        date_format="%d.%m.%Y",
        formula_guard=GuardRemoval.START,
        on_conflict=OnConflict.SKIP,
        is_strict=True,
        is_dry_run=True,
    )
    assert options.to_json().keys() == {field.name for field in fields(ImportOptions)}
    assert ImportOptions.from_json(options.to_json()) == options
    assert ImportOptions().to_json() == {"on_conflict": "update"}


@pytest.mark.parametrize("guard", list(GuardRemoval))
def test_json_keeps_whether_the_formula_guard_is_removed(guard: GuardRemoval) -> None:
    assert ImportOptions.from_json(ImportOptions(formula_guard=guard).to_json()).formula_guard is guard


def test_the_commands_date_is_in_the_sites_time_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    chosen = {"archived_date": "2024-02-03", "time_zone": "Asia/Tokyo"}
    archiving = plan_of(ImportOptions.from_command(ARGUMENTS | chosen)).archiving
    assert archiving.date == datetime.datetime(2024, 2, 2, 23, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("time_zone", "Mars", "'Mars' isn't a time zone. Use a name such as Europe/Berlin."),
        ("archived_date", "soon", "is 'soon', which isn't a date or date-time such as 2016-10-07T10:53:25.000+0000."),
    ],
)
def test_invalid_options_are_refused(tmp_path: Path, name: str, value: str, reason: str) -> None:
    with pytest.raises(InvalidOption) as refusal:
        ImportOptions.from_json({name: value})
    assert (refusal.value.name, refusal.value.reason) == (name, reason)
    with pytest.raises(CommandError) as stop:
        call_command("import_issues", tmp_path, rejects=tmp_path, **{name: value})
    assert str(stop.value) == f"--{name.replace('_', '-')} {reason}"


def test_the_folder_for_rejects_must_exist(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as stop:
        call_command("import_issues", tmp_path, rejects=tmp_path / "none")
    assert str(stop.value) == f"--rejects {tmp_path / 'none'} isn't a folder."


def test_hints_name_the_options_of_the_command_and_of_the_page() -> None:
    assert COMMAND_HINTS == ("Set the format with --date-format.", "Import with --on-conflict update or skip.")
    assert PAGE_HINTS == ("Set the date format in Import options.", "Choose Update or Skip in Import options.")
