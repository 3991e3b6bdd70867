"""A made-up archive, as varied and as awkward as real ones, for demos, tests and benchmarks.

Texts come from pools drawn once, so that a million issues take no longer than writing them. Which ID has
which key and project never varies: another seed or count changes issues, it never collides with earlier ones.
"""

import datetime
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from imports import seed_words as words
from imports.load import Archiving, Loader
from imports.records import IssueRecord, Person, ProjectRecord, TypeRecord, UnreadableRecord

# Above the IDs any Jira reaches, so that seeded issues never overwrite imported ones.
FIRST_ID = 900_000_001
MOST_SEEDED = 50_000_000
FIRST_ARCHIVED = datetime.datetime(2019, 3, 1, tzinfo=datetime.UTC).timestamp()
LAST_ARCHIVED = datetime.datetime(2025, 9, 1, tzinfo=datetime.UTC).timestamp()
CHUNK = 20_000
POOL = 4096
DAY = 86_400
PEOPLE = 2_000
ARCHIVERS = 12
UNUSUAL_PERSON = 7
NO_PARENT: dict[str, Any] = {}
PARENT_TYPES = frozenset({"Epic", "Story"})
SENTENCE_ENDS = (".", ".", ".", ".", "?", "!", ', "sic".', " …", ":")
# How many paragraphs a description has, and how often; none is a missing description.
PARAGRAPHS = ((0, 4), (1, 26), (2, 28), (3, 20), (4, 10), (6, 7), (10, 3), (25, 1))

T = TypeVar("T")


def seed(count: int, number: int) -> Iterator[int]:
    """Write `count` issues of seed `number`, a transaction every CHUNK; gives how many stand after each."""
    records = make_issues(count, number)
    first = datetime.datetime.fromtimestamp(FIRST_ARCHIVED, datetime.UTC)
    loader = Loader("seed", _refuse, archiving=Archiving(Person("seed"), first))
    for done in range(0, count, CHUNK):
        loader.load(islice(records, CHUNK))
        yield min(done + CHUNK, count)


def _refuse(rejected: UnreadableRecord) -> None:
    """Seeded issues fit the archive; one that does not has met a real project of the same key."""
    raise rejected


def make_issues(count: int, number: int) -> Iterator[IssueRecord]:
    """The issues in the order of ID and archived date, the same for the same count and number."""
    return map(_Maker(count, number).issue, range(count))


class _Dice:
    """Draws from pools. Weights are spent when a pool is filled, so a draw is one multiplication."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)  # noqa: S311 - made-up data, to be repeated
        self.roll = self._random.random

    def one(self, pool: Sequence[T]) -> T:
        return pool[int(self.roll() * len(pool))]

    def some(self, pool: Sequence[T], most: int) -> tuple[T, ...]:
        """Distinct values, 0 to `most`."""
        return tuple(dict.fromkeys(self.one(pool) for _ in range(int(self.roll() * (most + 1)))))

    def pool(self, weighted: Iterable[tuple[T, float]]) -> list[T]:
        values, weights = zip(*weighted, strict=True)
        return self._random.choices(values, weights, k=POOL)

    def skewed(self, values: Sequence[T]) -> list[T]:
        """A pool in which the n-th value is drawn 1/n as often as the first (Zipf)."""
        return self.pool((value, 1 / rank) for rank, value in enumerate(values, 1))

    def many(self, draw: Callable[[], T]) -> list[T]:
        return [draw() for _ in range(POOL)]

    def bits(self) -> int:
        return self._random.getrandbits(128)


class _World:
    """What is the same whatever the seed: people, projects, and which key each position has."""

    def __init__(self) -> None:
        self.dice = dice = _Dice(0)
        self.people = [self._person(index) for index in range(PEOPLE)]
        projects = [self._project(index, *names) for index, names in enumerate(words.PROJECTS)]
        self.turns = dice.skewed(projects)
        met = Counter[str]()
        self.ranks = [met.update((project.key,)) or met[project.key] for project in self.turns]
        self.totals = met

    def place(self, index: int) -> tuple[ProjectRecord, str]:
        """The project and the key of the issue at this position: projects take turns of POOL issues."""
        cycle, turn = divmod(index, POOL)
        project = self.turns[turn]
        return project, f"{project.key}-{cycle * self.totals[project.key] + self.ranks[turn]}"

    def _person(self, index: int) -> Person:
        dice = self.dice
        account_id = f"557058:{uuid.UUID(int=dice.bits(), version=4)}"
        name = f"{dice.one(words.FIRST_NAMES)} {dice.one(words.LAST_NAMES)}"
        if index % 50 == UNUSUAL_PERSON:
            name = words.UNUSUAL_NAMES[index // 50 % len(words.UNUSUAL_NAMES)]
        email = f"person.{index}@example.com" if dice.roll() < 0.7 else ""
        return Person(account_id, name if dice.roll() > 0.005 else "", email)

    def _project(self, index: int, key: str, name: str, kind: str) -> ProjectRecord:
        text = words.FORMULAS[index % len(words.FORMULAS)] if index % 4 == 3 else f"All about {name}.\r\nAsk first."
        is_told = index % 6 != 5
        lead = self.people[index * 3] if is_told else None
        return ProjectRecord(key, name, kind if is_told else "", text if is_told else "", lead)


class _Maker:
    """Makes the issues of one count and seed, in order."""

    def __init__(self, count: int, number: int) -> None:
        self.world = world = _World()
        self.dice = dice = _Dice(number)
        self.step = (LAST_ARCHIVED - FIRST_ARCHIVED) / count
        persons = dice.skewed(world.people)
        self.people = dice.many(lambda: self._draw_people(persons))
        self.archivers = dice.skewed(world.people[:ARCHIVERS])
        self.types = dice.pool((TypeRecord(type_id, name), weight) for type_id, name, weight in words.TYPES)
        self.statuses = dice.pool(((name, category), weight) for name, category, weight in words.STATUSES)
        self.priorities = dice.pool(words.PRIORITIES)
        self.resolutions = dice.pool(words.RESOLUTIONS)
        self.summaries = dice.many(self._draw_summary)
        self.paragraphs = dice.many(self._draw_paragraph)
        self.lengths = dice.pool(PARAGRAPHS)
        self.estimates = dice.many(self._draw_estimates)
        self.details = dice.many(self._draw_details)
        self.parents: dict[str, dict[str, Any]] = {}

    def issue(self, index: int) -> IssueRecord:
        dice, (project, key) = self.dice, self.world.place(index)
        issue_type, (status, category) = dice.one(self.types), dice.one(self.statuses)
        summary = dice.one(self.summaries)
        archived = FIRST_ARCHIVED + (index + dice.roll()) * self.step
        parent = self.parents.get(project.key, NO_PARENT) if dice.roll() < 0.3 else NO_PARENT
        if issue_type.name in PARENT_TYPES:
            self.parents[project.key] = {"parent_id": FIRST_ID + index, "parent_key": key, "parent_summary": summary}
        return IssueRecord(
            id=FIRST_ID + index,
            key=key,
            project=project,
            issue_type=issue_type,
            summary=summary,
            status=status,
            status_category=category,
            description=self._description(),
            archived_by=dice.one(self.archivers),
            **self._times(archived, category),
            **dice.one(self.people),
            **dice.one(self.estimates),
            **dice.one(self.details),
            **parent,
        )

    def _times(self, archived: float, category: str) -> dict[str, Any]:
        """Created, updated, resolved, archived: in this order, to the millisecond, as Jira keeps them."""
        roll, is_done = self.dice.roll, category == "Done"
        created = archived - (30 + 1500 * roll() ** 2) * DAY
        updated = archived - (archived - created) * roll() / 2
        resolved = created + (updated - created) * roll()
        return {
            "created": _instant(created) if roll() > 0.001 else None,
            "updated": _instant(updated) if roll() > 0.001 else None,
            "resolved": _instant(resolved) if is_done else None,
            "resolution": self.dice.one(self.resolutions) if is_done else "",
            "status_category_changed": _instant(resolved) if roll() > 0.2 else None,
            "due_date": _instant(updated + 20 * DAY).date() if roll() < 0.25 else None,
            "archived_date": _instant(archived),
        }

    def _description(self) -> str:
        dice = self.dice
        between = "\r\n\r\n" if dice.roll() < 0.6 else "\n\n"
        return between.join([dice.one(self.paragraphs) for _ in range(dice.one(self.lengths))])

    # -- Filling the pools ------------------------------------------------------------------------------
    def _draw_people(self, people: Sequence[Person]) -> dict[str, Any]:
        dice = self.dice
        reporter = dice.one(people)
        return {
            "assignee": dice.one(people) if dice.roll() > 0.12 else None,
            "reporter": reporter if dice.roll() > 0.005 else None,
            "creator": reporter if dice.roll() > 0.05 else dice.one((None, dice.one(people))),
        }

    def _draw_estimates(self) -> dict[str, Any]:
        """Whole quarters of an hour, in seconds; three of four issues have none."""
        roll = self.dice.roll
        if roll() > 0.25:
            return {"work_ratio": -1} if roll() > 0.1 else {}
        original, spent, of_subtasks = (900 * int(roll() * most) for most in (160, 200, 80))
        remaining = max(original - spent, 0)
        return {
            "original_estimate": original,
            "remaining_estimate": remaining,
            "time_spent": spent or None,
            "work_ratio": spent * 100 // original if original else -1,
            "total_original_estimate": original + of_subtasks,
            "total_remaining_estimate": remaining + of_subtasks,
            "total_time_spent": spent or None,
        }

    def _draw_details(self) -> dict[str, Any]:
        dice = self.dice
        return {
            "labels": dice.some(words.LABELS, 12 if dice.roll() < 0.02 else 4),
            "components": dice.some(words.COMPONENTS, 2),
            "fix_versions": dice.some(words.VERSIONS, 2),
            "affects_versions": dice.some(words.VERSIONS, 2) if dice.roll() < 0.3 else (),
            "votes": int(dice.roll() ** 8 * 60) if dice.roll() > 0.01 else None,
            "environment": dice.one(words.ENVIRONMENTS) if dice.roll() < 0.35 else "",
            "priority": dice.one(self.priorities) if dice.roll() > 0.02 else "",
            "security_level": dice.one(words.SECURITY_LEVELS) if dice.roll() < 0.04 else "",
        }

    def _draw_summary(self) -> str:
        dice, fate = self.dice, self.dice.roll()
        if fate < 0.012:
            return dice.one(words.FORMULAS)
        text = f"{dice.one(words.SUBJECTS)} {dice.one(words.TROUBLES)}"
        if fate < 0.05:
            return f"  {text} "
        return "" if fate > 0.999 else text

    def _draw_paragraph(self) -> str:
        dice, fate = self.dice, self.dice.roll()
        if fate < 0.02:
            return dice.one(words.FORMULAS)
        sentences = [self._sentence() for _ in range(2 + int(dice.roll() * 5))]
        return "\n".join((" ".join(sentences), dice.one(words.FRAGMENTS))) if fate > 0.9 else " ".join(sentences)

    def _sentence(self) -> str:
        dice = self.dice
        text = " ".join(dice.one(words.WORDS) for _ in range(6 + int(dice.roll() * 9)))
        return f"{text[0].upper()}{text[1:]}{dice.one(SENTENCE_ENDS)}"


def _instant(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(round(seconds, 3), datetime.UTC)
