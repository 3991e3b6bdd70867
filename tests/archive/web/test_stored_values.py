"""No value in the archive breaks a page, however odd. Imports refuse such values, but older rows may have them."""

import datetime
import html
import re
import tracemalloc
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from archive.models import ArchivedIssue
from tests.factories import make_issue

FIRST = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
LAST = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)


@pytest.fixture
def admin(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def links(page: str) -> list[str]:
    return re.findall(r'class="key"><a href="([^"]+)"', page)


@pytest.mark.parametrize("key", ["A/B-1", "../x", "A?B#C-1", "Ä-1", "A B-1", "line\nbreak", "%2F-1", "foo-1", "1", ""])
def test_it_works_with_any_key(admin: Client, key: str) -> None:
    make_issue(7, key=key)
    response = admin.get("/")
    assert response.status_code == 200
    (link,) = links(response.content.decode())
    issue_page = admin.get(html.unescape(link))
    assert issue_page.status_code == 200
    assert ">FOO" not in link
    assert html.escape(key) in issue_page.content.decode()


def test_an_issue_with_a_usual_key_is_addressed_by_it_and_found_by_its_id_too(admin: Client) -> None:
    make_issue(7, key="FOO_2-1")
    assert links(admin.get("/").content.decode()) == ["/issues/FOO_2-1"]
    for address in ("/issues/FOO_2-1", "/issues/foo_2-1", "/issues/7"):
        assert "FOO_2-1" in admin.get(address).content.decode()
    assert admin.get("/issues/8").status_code == 404


@pytest.mark.parametrize(
    ("parent_id", "parent_key", "link"),
    [(3, "FOO-3", "/issues/FOO-3"), (3, "A/B-3", "/issues/3"), (None, "A/B-3", ""), (None, "FOO-3", "/issues/FOO-3")],
)
def test_the_link_to_a_parent_never_breaks_the_page(
    admin: Client, parent_id: int | None, parent_key: str, link: str
) -> None:
    make_issue(7, parent_id=parent_id, parent_key=parent_key)
    page = " ".join(admin.get("/issues/FOO-7").content.decode().split())
    assert parent_key in page
    assert (f'<a href="{link}">{parent_key}</a>' in page) == bool(link)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "UTC"])
@pytest.mark.parametrize("moment", [FIRST, LAST])
@pytest.mark.parametrize(
    "address",
    ["/", "/issues/FOO-7", "/admin/archive/archivedissue/", "/admin/archive/archivedissue/7/change/"],
)
def test_dates_at_the_ends_of_time_are_shown(
    admin: Client, alice: User, zone: str, moment: datetime.datetime, address: str
) -> None:
    User.objects.update(time_zone=zone)
    make_issue(7, archived_date=moment, created=moment, updated=moment, resolved=moment, due_date=moment.date())
    response = admin.get(address)
    assert response.status_code == 200
    assert f"{moment.year:04}" in response.content.decode()


def test_a_date_without_a_local_time_is_shown_in_utc(admin: Client) -> None:
    User.objects.update(time_zone="Asia/Tokyo")
    make_issue(7, archived_date=LAST)
    assert ">31 Dec 9999, 23:59 UTC</time>" in admin.get("/issues/FOO-7").content.decode()


LONG = "word " * 400_000


@pytest.mark.parametrize("address", ["/", "/admin/archive/archivedissue/"])
def test_long_summaries_are_cut_on_lists_and_never_read_whole(admin: Client, address: str) -> None:
    admin.get(address)
    for number in range(5):
        make_issue(number, summary=LONG, description=LONG)
    tracemalloc.start()
    page = admin.get(address).content.decode()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert page.count("word word") >= 5
    assert len(page) < 100_000
    assert peak < len(LONG)


def test_the_page_of_an_issue_shows_the_beginning_of_everything_long(admin: Client) -> None:
    labels = [f"label-{number}" for number in range(20_000)]
    make_issue(7, summary=LONG, description=LONG, parent_key="FOO-1", parent_summary=LONG, labels=labels)
    page = " ".join(admin.get("/issues/FOO-7").content.decode().split())
    assert len(page) < 200_000
    assert "and 19,800 more" in page
    assert "Showing the first 20,000 of 2,000,000 characters." in page
    whole: Any = admin.get("/issues/FOO-7?texts=whole").content.decode()
    assert whole.count(LONG.strip()) == 2  # summary and description
    assert ArchivedIssue.objects.get().parent_summary == LONG
