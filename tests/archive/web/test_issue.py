"""The page of one issue shows every column of the export."""

import datetime
import html
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from archive.columns import COLUMNS
from archive.web import issue as detail
from tests.factories import make_account, make_issue, make_project


@pytest.fixture
def page(client: Client, alice: User) -> Any:
    client.force_login(alice)

    def get(path: str) -> tuple[int, str]:
        response = client.get(path)
        return response.status_code, " ".join(html.unescape(response.content.decode()).split())

    return get


def test_it_works(page: Any) -> None:
    make_project("FOO", name="Footwear", lead=make_account("lea", "Lea Lead"))
    make_issue(
        7,
        summary="Zip broken",
        description="It <b>tears</b>.\n\nSee https://example.com/zip",
        reporter="rita",
        labels=["red", "winter"],
        time_spent=5400,
        work_ratio=75,
        created=datetime.datetime(2022, 5, 1, 8, 30, tzinfo=datetime.UTC),
        due_date=datetime.date(2022, 6, 1),
        parent_id=3,
        parent_key="FOO-3",
    )
    status, text = page("/issues/foo-7")
    assert status == 200
    for words in (
        "FOO-7</span> Zip broken",
        "Footwear",
        "Lea Lead",
        "It <b>tears</b>.",
        'href="https://example.com/zip" rel="nofollow"',
        "Rita",
        '<span class="tag">winter</span>',
        "1 h 30 min",
        "75 %",
        "1 May 2022, 08:30",
        "1 Jun 2022",
        'href="/issues/FOO-3"',
        "Archived by Ann on",
        "UTC",
    ):
        assert words in text, words
    assert "Priority" not in text


def test_text_from_jira_is_escaped(client: Client, alice: User) -> None:
    make_issue(1, summary="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    client.force_login(alice)
    text = client.get("/issues/FOO-1").content.decode()
    assert "<script>alert" not in text
    assert "<img" not in text


def test_every_column_of_the_export_is_shown() -> None:
    shown = [*detail.HEAD, *detail.SHOWN_AS_IDS, *detail.TEXTS]
    for headings in detail.SECTIONS.values():
        shown.extend(headings)
    assert sorted(shown) == sorted(column.heading for column in COLUMNS)


def test_a_parent_without_a_key_is_shown_without_a_link(page: Any) -> None:
    make_issue(1, parent_id=3)
    _, text = page("/issues/FOO-1")
    assert re.search(r"<dt>Parent key</dt> <dd> 3 </dd>", text)


def test_a_long_description_is_cut_until_the_user_asks_for_all_of_it(page: Any) -> None:
    make_issue(1, description="x" * 49_999 + "!")
    _, text = page("/issues/FOO-1")
    assert "Showing the first 20,000 of 50,000 characters" in text
    assert "x!" not in text
    assert "x!" in page("/issues/FOO-1?texts=whole")[1]


@pytest.mark.parametrize("key", ["FOO-2", "nothing", "%00"])
def test_an_unknown_key_is_not_found(page: Any, key: str) -> None:
    status, text = page(f"/issues/{key}")
    assert status == 404
    assert "The archive has no issue with the key" in text
