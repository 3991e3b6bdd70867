"""The page of one issue shows everything that is kept of it, whatever the files had."""

import html
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from archive.models import ArchivedIssue, DetailKind
from tests.factories import make_account, make_detail, make_issue

AT = "2022-05-01T08:30:00.000+00:00"
ROB = {"accountId": "rob", "displayName": "Rob Ray"}


@pytest.fixture
def page(client: Client, alice: User) -> Any:
    client.force_login(alice)

    def get(path: str = "/issues/FOO-1") -> str:
        response = client.get(path)
        assert response.status_code == 200
        return " ".join(html.unescape(response.content.decode()).split())

    return get


@pytest.fixture
def issue(alice: User) -> ArchivedIssue:
    return make_issue(1, description="Text")


def test_it_works(page: Any, issue: ArchivedIssue) -> None:
    make_account("5b-eve", "Eve")
    make_issue(2, key="FOO-2")
    comments: list[Any] = [
        {"author": {"accountId": "5b-eve"}, "created": "2022-05-02T08:30:00.000+00:00", "body": "Second"},
        {"author": ROB, "created": AT, "body": "First, see https://example.com", "visibility": {"value": "Admins"}},
    ]
    make_detail(issue, DetailKind.COMMENT, comments)
    make_detail(issue, DetailKind.WORKLOG, [{"author": ROB, "started": AT, "timeSpentSeconds": 5400, "comment": "x"}])
    attachment = {"author": ROB, "created": AT, "filename": "a.png", "size": 1234, "content": "https://jira/a.png"}
    make_detail(issue, DetailKind.ATTACHMENT, [attachment])
    blocks = {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
    other = {"key": "FOO-2", "fields": {"summary": "The other", "status": {"name": "Done"}}}
    link = {"type": blocks, "outwardIssue": other}
    make_detail(issue, DetailKind.LINK, [link], name="Blocks", direction="outward")
    make_detail(issue, DetailKind.SUBTASK, [{"key": "FOO-3", "fields": {"summary": "A part"}}])
    make_detail(issue, DetailKind.WATCHER, [{"accountId": "5b-eve"}])
    change = {"field": "status", "fromString": "Open", "toString": "Done"}
    make_detail(issue, DetailKind.HISTORY, [{"author": ROB, "created": AT, "items": [change, {"field": "flag"}]}])
    make_detail(issue, DetailKind.CUSTOM, ["Red", "Blue"], name="Colors")
    make_detail(issue, DetailKind.FIELD, ["x" * 300], name="Notes")
    text = page()
    for words in (
        'Comments <span class="entry-count">2</span>',
        '<span class="entry-author">Rob Ray</span> <time datetime="2022-05-01T08:30:00+00:00">1 May 2022, 08:30</time>',
        '<span>Only Admins</span> </p> <div class="prose" dir="auto">First, see <a href="https://example.com"',
        '<span class="entry-author">Eve</span>',
        "<span>1 h 30 min</span>",
        '<a href="https://jira/a.png" rel="noreferrer">a.png</a>',
        "<span>1,234 bytes</span>",
        '<span class="hint">blocks</span> <a href="/issues/FOO-2" rel="noreferrer">FOO-2</a> The other',
        'The other <span class="tag">Done</span>',
        '<span class="issue-key">FOO-3</span> A part',
        '<dt>status</dt> <dd><span class="before">Open</span>',
        "changed to </span> Done",
        "<dt>Colors</dt>",
        '<span class="tag">Blue</span>',
        f'<h2>Notes</h2> <div class="prose" dir="auto">{"x" * 300}</div>',
        '<h2>Watchers</h2> <p> <span class="tag">Eve</span>',
    ):
        assert words in text, words
    assert text.index("First, see") < text.index("Second")


def test_an_issue_without_details_has_no_lists(page: Any, issue: ArchivedIssue) -> None:
    text = page()
    assert "Comments" not in text
    assert "Other fields" not in text


def test_lists_are_paged_without_scripts(page: Any, issue: ArchivedIssue) -> None:
    comments = [{"created": AT, "body": f"Comment {number}."} for number in range(1, 61)]
    make_detail(issue, DetailKind.COMMENT, comments)
    make_detail(issue, DetailKind.HISTORY, [{"created": AT, "items": [{"field": str(n)}]} for n in range(26)])
    text = page()
    assert ("Comment 25." in text, "Comment 26." in text) == (True, False)
    assert '<a class="button" href="?comments=2#comments">Next</a>' in text
    text = page("/issues/FOO-1?comments=2&history=2")
    assert ("Comment 25." in text, "Comment 26." in text, "Comment 51." in text) == (False, True, False)
    assert '<a class="button" href="?comments=1&history=2#comments">Previous</a>' in text
    assert '<a class="button" href="?comments=3&history=2#comments">Next</a>' in text
    text = page("/issues/FOO-1?comments=99")
    assert "Comment 60." in text
    assert ">Next</a> </nav> </section> <section" not in text.partition('id="history"')[0]


def test_a_page_number_that_is_none_is_refused(client: Client, alice: User, issue: ArchivedIssue) -> None:
    make_detail(issue, DetailKind.COMMENT, [{"body": "x"}])
    client.force_login(alice)
    assert client.get("/issues/FOO-1?comments=x").status_code == 400


def test_a_long_comment_is_cut_until_the_user_asks_for_all_of_it(page: Any, issue: ArchivedIssue) -> None:
    make_detail(issue, DetailKind.COMMENT, [{"body": "x" * 30_000 + "!"}])
    text = page()
    assert "Showing the first 20,000 of 30,001 characters" in text
    assert "x!" not in text
    assert "x!" in page("/issues/FOO-1?texts=whole")


BAD = "<script>alert(1)</script>"


def test_nothing_in_a_text_can_run(client: Client, alice: User, issue: ArchivedIssue) -> None:
    person = {"accountId": BAD, "displayName": BAD}
    item = {"author": person, "created": BAD, "body": BAD, "filename": BAD, "content": "javascript:alert(1)"}
    make_detail(issue, DetailKind.COMMENT, [item | {"visibility": {"value": BAD}}])
    make_detail(issue, DetailKind.ATTACHMENT, [item, item | {"content": "http://[x"}])
    make_detail(issue, DetailKind.WATCHER, [person])
    make_detail(issue, DetailKind.SUBTASK, [{"key": BAD, "fields": {"summary": BAD}}])
    make_detail(issue, DetailKind.LINK, [{"outwardIssue": {"key": BAD}}], name=BAD, direction="outward")
    make_detail(issue, DetailKind.HISTORY, [{"items": [{"field": BAD, "fromString": BAD, "to": BAD}]}])
    make_detail(issue, DetailKind.CUSTOM, [BAD], name=BAD)
    client.force_login(alice)
    text = client.get("/issues/FOO-1").content.decode()
    assert text.count("&lt;script&gt;") > 10
    assert "<script>alert" not in text
    assert "javascript:" not in text


ODD: list[Any] = [
    None, 1, "text", [], [1], {}, {"author": 3, "created": 4, "started": [], "body": {"a": 1}, "items": "x"},
    {"author": {"displayName": ["x"]}, "created": "0001-01-01T00:00:00+14:00", "items": [None, {"field": {}}]},
    {"created": "2022-05-01", "fields": [], "outwardIssue": 7, "type": "x", "size": "y", "timeSpentSeconds": "z"},
    {"key": 5, "fields": {"summary": {}, "status": "Done"}, "visibility": "all", "filename": {"x": 1}},
]  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in DetailKind if kind not in {DetailKind.CUSTOM, DetailKind.FIELD}])
def test_items_of_any_shape_are_shown(page: Any, issue: ArchivedIssue, kind: DetailKind) -> None:
    make_detail(issue, kind, ODD, direction="outward")
    page()


def test_the_number_of_queries_does_not_grow_with_the_details(
    client: Client, alice: User, issue: ArchivedIssue
) -> None:
    client.force_login(alice)
    with CaptureQueriesContext(connection) as without_details:
        client.get("/issues/FOO-1")
    for number in range(2, 30):
        make_issue(number)
        make_account(f"5b-{number}", f"Person {number}")
        make_detail(issue, DetailKind.CUSTOM, ["x"], name=f"Field {number}")
    comments = [{"author": {"accountId": f"5b-{number}"}, "body": "x"} for number in range(2, 30)]
    make_detail(issue, DetailKind.COMMENT, comments)
    make_detail(issue, DetailKind.SUBTASK, [{"key": f"FOO-{number}"} for number in range(2, 30)])
    with CaptureQueriesContext(connection) as with_details:
        client.get("/issues/FOO-1")
    assert len(with_details) <= len(without_details) + 2  # people and issues
