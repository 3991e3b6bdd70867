"""Sample issues, as varied and as awkward as real ones, for demos, tests and benchmarks.

Texts come from pools that are filled once, so that a million issues take no longer than writing them. An ID always has
the same key and project: another seed or count changes an issue's other fields, and never collides with earlier issues.
"""

import datetime
import uuid
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from archive.maintenance import refresh_after_commit
from imports import seed_words as words
from imports.load import Archiving, Loader
from imports.records import IssueRecord, Person, ProjectRecord, TypeRecord, UnreadableRecord
from imports.seed_details import MENTIONS, DetailMaker
from imports.seed_dice import POOL, Dice
from jobs import long_write

# Higher than the IDs of any Jira, so that sample issues never overwrite imported ones.
FIRST_ID = 900_000_001
MAX_COUNT = 50_000_000
FIRST_ARCHIVED = datetime.datetime(2019, 3, 1, tzinfo=datetime.UTC).timestamp()
LAST_ARCHIVED = datetime.datetime(2025, 9, 1, tzinfo=datetime.UTC).timestamp()
CHUNK = 20_000  # issues in one transaction
DAY = 86_400  # seconds
QUARTER_HOUR = 900  # seconds
PEOPLE = 2_000
ARCHIVERS = 12
PARENT_TYPES = frozenset({"Epic", "Story"})
SENTENCE_ENDS = (".", ".", ".", ".", "?", "!", ', "sic".', " …", ":")
# How many paragraphs a description has, and how often; 0 is a missing description.
PARAGRAPHS = ((0, 4), (1, 26), (2, 28), (3, 20), (4, 10), (6, 7), (10, 3), (25, 1))

Fields = dict[str, Any]

NO_FIELDS: Fields = {}


def seed(count: int, number: int) -> Iterator[int]:
    """Write `count` issues of the seed `number`, CHUNK issues per transaction; yields the number written so far."""
    records = make_issues(count, number)
    first_archived = datetime.datetime.fromtimestamp(FIRST_ARCHIVED, datetime.UTC)
    loader = Loader("seed", _refuse, archiving=Archiving(Person("seed"), first_archived))
    for start in range(0, count, CHUNK):
        with long_write.hold():
            loader.load(islice(records, CHUNK))
            refresh_after_commit(min(CHUNK, count - start))
        yield min(start + CHUNK, count)


def _refuse(rejected: UnreadableRecord) -> None:
    """Sample issues fit into the archive, unless it has a real project with one of their keys."""
    raise rejected


def make_issues(count: int, number: int) -> Iterator[IssueRecord]:
    """The issues, sorted by ID and by archived date; the same count and seed number always give the same issues."""
    return map(_IssueMaker(count, number).issue, range(count))


class _World:
    """What is the same for every seed: people, projects, and the key at each position."""

    def __init__(self) -> None:
        self.dice = Dice(0)
        self.people = [self._person(index) for index in range(PEOPLE)]
        projects = [self._project(index, *names) for index, names in enumerate(words.PROJECTS)]
        self.turns = self.dice.skewed(projects)
        self.totals = Counter[str]()
        self.ranks: list[int] = []
        for project in self.turns:
            self.totals[project.key] += 1
            self.ranks.append(self.totals[project.key])

    def place(self, index: int) -> tuple[ProjectRecord, str]:
        """The project and the key of the issue at this position. The order of projects repeats after POOL issues."""
        cycle, turn = divmod(index, POOL)
        project = self.turns[turn]
        number = cycle * self.totals[project.key] + self.ranks[turn]
        return project, f"{project.key}-{number}"

    def _person(self, index: int) -> Person:
        dice = self.dice
        account_id = f"557058:{uuid.UUID(int=dice.bits(), version=4)}"
        name = f"{dice.one(words.FIRST_NAMES)} {dice.one(words.LAST_NAMES)}"
        if index % 50 == 7:
            name = words.UNUSUAL_NAMES[index // 50 % len(words.UNUSUAL_NAMES)]
        email = ""
        if dice.roll() < 0.7:
            email = f"person.{index}@example.com"
        return Person(account_id, dice.above(0.005, name, ""), email)

    def _project(self, index: int, key: str, name: str, kind: str) -> ProjectRecord:
        if index % 6 == 5:
            return ProjectRecord(key, name)
        description = f"All about {name}.\r\nAsk first."
        if index % 4 == 3:
            description = words.FORMULAS[index % len(words.FORMULAS)]
        return ProjectRecord(key, name, kind, description, self.people[index * 3])


class _IssueMaker:
    """Makes the issues of one count and seed, in order."""

    def __init__(self, count: int, number: int) -> None:
        self.world = _World()
        self.dice = Dice(number)
        self.step = (LAST_ARCHIVED - FIRST_ARCHIVED) / count
        self.parents: dict[str, Fields] = {}
        self._fill_pools()

    def _fill_pools(self) -> None:
        """The order matters: every pool takes the next rolls of the same dice."""
        dice = self.dice
        self.persons = dice.skewed(self.world.people)
        self.people = dice.many(self._draw_people)
        self.archivers = dice.skewed(self.world.people[:ARCHIVERS])
        self.types = dice.pool((TypeRecord(type_id, name), weight) for type_id, name, weight in words.TYPES)
        self.statuses = dice.pool(((name, category), weight) for name, category, weight in words.STATUSES)
        self.priorities = dice.pool(words.PRIORITIES)
        self.resolutions = dice.pool(words.RESOLUTIONS)
        self.summaries = dice.many(self._draw_summary)
        self.paragraphs = dice.many(self._draw_paragraph)
        self.lengths = dice.pool(PARAGRAPHS)
        self.estimates = dice.many(self._draw_estimates)
        self.details = dice.many(self._draw_details)
        # With dice of its own, so that the other fields are the same as without details.
        self.detail_maker = DetailMaker(Dice(0), self.persons)

    # -- An issue --------------------------------------------------------------------------------------

    def issue(self, index: int) -> IssueRecord:
        dice = self.dice
        project, key = self.world.place(index)
        issue_type = dice.one(self.types)
        status, category = dice.one(self.statuses)
        summary = dice.one(self.summaries)
        archived = FIRST_ARCHIVED + (index + dice.roll()) * self.step
        parent = self._draw_parent(project)
        if issue_type.name in PARENT_TYPES:
            self.parents[project.key] = {"parent_id": FIRST_ID + index, "parent_key": key, "parent_summary": summary}
        issue = IssueRecord(
            id=FIRST_ID + index,
            key=key,
            project=project,
            issue_type=issue_type,
            summary=summary,
            status=status,
            status_category=category,
            description=self._draw_description(),
            archived_by=dice.one(self.archivers),
            **self._draw_times(archived, is_done=category == "Done"),
            **dice.one(self.people),
            **dice.one(self.estimates),
            **dice.one(self.details),
            **parent,
            mentions=MENTIONS,
        )
        _, other_key = self.world.place(max(index - 1, 0))
        self.detail_maker.add_details(issue, other_key)
        return issue

    def _draw_parent(self, project: ProjectRecord) -> Fields:
        if self.dice.roll() < 0.3:
            return self.parents.get(project.key, NO_FIELDS)
        return NO_FIELDS

    def _draw_description(self) -> str:
        dice = self.dice
        separator = "\n\n"
        if dice.roll() < 0.6:
            separator = "\r\n\r\n"
        count = dice.one(self.lengths)
        return separator.join(dice.draws(self.paragraphs, count))

    def _draw_times(self, archived: float, *, is_done: bool) -> Fields:
        """Created, updated, resolved, archived: in this order, to the millisecond, as in Jira."""
        dice = self.dice
        created = archived - (30 + 1500 * dice.roll() ** 2) * DAY
        updated = archived - (archived - created) * dice.roll() / 2
        resolved = created + (updated - created) * dice.roll()
        times: Fields = {
            "created": dice.above(0.001, _instant(created), None),
            "updated": dice.above(0.001, _instant(updated), None),
            "archived_date": _instant(archived),
        }
        if is_done:
            times["resolved"] = _instant(resolved)
            times["resolution"] = dice.one(self.resolutions)
        times["status_category_changed"] = dice.above(0.2, _instant(resolved), None)
        if dice.roll() < 0.25:
            times["due_date"] = _instant(updated + 20 * DAY).date()
        return times

    # -- Filling the pools -----------------------------------------------------------------------------

    def _draw_people(self) -> Fields:
        dice = self.dice
        reporter = dice.one(self.persons)
        people: Fields = {
            "assignee": dice.one_above(0.12, self.persons, None),
            "reporter": dice.above(0.005, reporter, None),
            "creator": reporter,
        }
        if dice.roll() <= 0.05:
            people["creator"] = dice.one((None, dice.one(self.persons)))
        return people

    def _draw_estimates(self) -> Fields:
        """Whole quarters of an hour, in seconds; three of four issues have none."""
        roll = self.dice.roll
        if roll() > 0.25:
            return self.dice.above(0.1, {"work_ratio": -1}, NO_FIELDS)
        original = QUARTER_HOUR * int(roll() * 160)
        spent = QUARTER_HOUR * int(roll() * 200)
        of_subtasks = QUARTER_HOUR * int(roll() * 80)
        remaining = max(original - spent, 0)
        work_ratio = -1
        if original:
            work_ratio = spent * 100 // original
        return {
            "original_estimate": original,
            "remaining_estimate": remaining,
            "time_spent": spent or None,
            "work_ratio": work_ratio,
            "total_original_estimate": original + of_subtasks,
            "total_remaining_estimate": remaining + of_subtasks,
            "total_time_spent": spent or None,
        }

    def _draw_details(self) -> Fields:
        dice = self.dice
        most_labels = 4
        if dice.roll() < 0.02:
            most_labels = 12
        details: Fields = {
            "labels": dice.some(words.LABELS, most_labels),
            "components": dice.some(words.COMPONENTS, 2),
            "fix_versions": dice.some(words.VERSIONS, 2),
        }
        if dice.roll() < 0.3:
            details["affects_versions"] = dice.some(words.VERSIONS, 2)
        if dice.roll() > 0.01:
            details["votes"] = int(dice.roll() ** 8 * 60)
        details["environment"] = dice.one_below(0.35, words.ENVIRONMENTS, "")
        details["priority"] = dice.one_above(0.02, self.priorities, "")
        details["security_level"] = dice.one_below(0.04, words.SECURITY_LEVELS, "")
        return details

    def _draw_summary(self) -> str:
        dice = self.dice
        kind = dice.roll()
        if kind < 0.012:
            return dice.one(words.FORMULAS)
        text = f"{dice.one(words.SUBJECTS)} {dice.one(words.TROUBLES)}"
        if kind < 0.05:
            return f"  {text} "
        if kind > 0.999:
            return ""
        return text

    def _draw_paragraph(self) -> str:
        dice = self.dice
        kind = dice.roll()
        if kind < 0.02:
            return dice.one(words.FORMULAS)
        count = 2 + int(dice.roll() * 5)
        text = " ".join(dice.many(self._draw_sentence, count))
        if kind > 0.9:
            return f"{text}\n{dice.one(words.FRAGMENTS)}"
        return text

    def _draw_sentence(self) -> str:
        dice = self.dice
        count = 6 + int(dice.roll() * 9)
        text = " ".join(dice.draws(words.WORDS, count))
        return f"{text[0].upper()}{text[1:]}{dice.one(SENTENCE_ENDS)}"


def _instant(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(round(seconds, 3), datetime.UTC)
