"""Comments, links, history and other details of some sample issues."""

import datetime
from collections.abc import Sequence
from typing import Any

from archive.detail_values import Json, to_json
from archive.models import SPRINT, DetailKind
from imports import seed_words as words
from imports.records import ColumnRecord, Detail, IssueRecord, Person
from imports.seed_dice import Dice

SHARE = 0.05  # of the issues that have details
MOST_COMMENTS = 9
QUARTER_HOUR = 900  # seconds
COMMENTS = ColumnRecord(DetailKind.COMMENT)
WORKLOGS = ColumnRecord(DetailKind.WORKLOG)
ATTACHMENTS = ColumnRecord(DetailKind.ATTACHMENT)
WATCHERS = ColumnRecord(DetailKind.WATCHER)
HISTORY = ColumnRecord(DetailKind.HISTORY)
BLOCKS = ColumnRecord(DetailKind.LINK, "Blocks", "outward")
POINTS = ColumnRecord(DetailKind.CUSTOM, "Story Points", field_id="customfield_10016", type="number")
SPRINTS = ColumnRecord(DetailKind.CUSTOM, "Sprint", field_id="customfield_10020", type=SPRINT)
CUSTOMERS = ColumnRecord(DetailKind.CUSTOM, "Customers", field_id="customfield_10042", type="array of option")
COLUMNS = (COMMENTS, WORKLOGS, ATTACHMENTS, WATCHERS, HISTORY, BLOCKS, POINTS, SPRINTS, CUSTOMERS)
MENTIONS = frozenset(column.heading for column in COLUMNS)
BLOCKS_TYPE = {"id": "10000", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"}


class DetailMaker:
    """Gives details to some issues. `people` is a pool of those who may have written them."""

    def __init__(self, dice: Dice, people: Sequence[Person]) -> None:
        self._dice = dice
        self._pool = people
        self._people: dict[Person, None] = {}
        self._from = datetime.datetime.min.replace(tzinfo=datetime.UTC)
        self._seconds = 0.0

    def add_details(self, issue: IssueRecord, other_key: str) -> None:
        """Most issues get none. `other_key` is the key of an issue that this one may block."""
        if self._dice.roll() > SHARE or issue.created is None or issue.updated is None:
            return
        self._people = {}
        self._from = issue.created
        self._seconds = (issue.updated - issue.created).total_seconds()
        details = [
            self._list(COMMENTS, self._comment, MOST_COMMENTS),
            self._list(WORKLOGS, self._worklog, 2),
            self._list(ATTACHMENTS, self._attachment, 3),
            self._list(WATCHERS, self._person, 4),
            self._list(HISTORY, self._change, 5),
            *self._fields(),
        ]
        if other_key != issue.key:
            other = {"key": other_key, "fields": {"summary": self._sentence(), "status": {"name": issue.status}}}
            details.append(_detail(BLOCKS, [{"id": str(issue.id), "type": BLOCKS_TYPE, "outwardIssue": other}]))
        issue.details = tuple([detail for detail in details if detail.item_count])
        issue.people = tuple(self._people)

    def _list(self, column: ColumnRecord, make: Any, most: int) -> Detail:
        count = int(self._dice.roll() * (most + 1))
        items = [make(number) for number in range(count)]
        return _detail(column, items)

    def _fields(self) -> list[Detail]:
        dice = self._dice
        points = 1 + int(dice.roll() * 8)
        sprint = 1 + int(dice.roll() * 40)
        customers = dice.some(words.SUBJECTS, 2)
        return [
            Detail(POINTS, 1, to_json([f"{points}.0"]), to_json(float(points))),
            Detail(SPRINTS, 1, to_json([f"Sprint {sprint}"]), to_json([{"id": sprint, "name": f"Sprint {sprint}"}])),
            Detail(CUSTOMERS, len(customers), to_json(customers), to_json([{"value": name} for name in customers])),
        ]

    def _comment(self, number: int) -> Json:
        at = self._at(number / MOST_COMMENTS)
        person = self._person()
        body = " ".join([self._sentence() for _ in range(1 + int(self._dice.roll() * 4))])
        if self._dice.roll() < 0.1:
            body = f"{body}\n\n{self._dice.one(words.FRAGMENTS)}"
        return {"id": str(number), "author": person, "body": body, "created": at, "updated": at}

    def _worklog(self, number: int) -> Json:
        seconds = QUARTER_HOUR * (1 + int(self._dice.roll() * 20))
        at = self._at(self._dice.roll())
        author = self._person()
        return {"id": str(number), "author": author, "comment": "", "started": at, "timeSpentSeconds": seconds}

    def _attachment(self, number: int) -> Json:
        return {
            "id": str(number),
            "filename": f"screenshot {number + 1}.png",
            "author": self._person(),
            "created": self._at(self._dice.roll()),
            "size": 20_000 + int(self._dice.roll() * 800_000),
            "mimeType": "image/png",
        }

    def _change(self, number: int) -> Json:
        before, _category, _weight = _status(self._dice)
        after, _category, _weight = _status(self._dice)
        change = {"field": "status", "fieldtype": "jira", "fromString": before, "toString": after}
        author = self._person()
        return {"id": str(number), "author": author, "created": self._at(number / 5), "items": [change]}

    def _person(self, _number: int = 0) -> Json:
        person = self._dice.one(self._pool)
        self._people[person] = None
        return {"accountId": person.account_id, "displayName": person.name}

    def _at(self, share: float) -> str:
        """A time between the issue's creation and its last update."""
        at = self._from + datetime.timedelta(seconds=round(self._seconds * share, 3))
        return at.isoformat(timespec="milliseconds")

    def _sentence(self) -> str:
        text = " ".join(self._dice.draws(words.WORDS, 8))
        return f"{text[0].upper()}{text[1:]}."


def _detail(column: ColumnRecord, items: list[Json]) -> Detail:
    return Detail(column, len(items), to_json(items))


def _status(dice: Dice) -> Any:
    return dice.one(words.STATUSES)
