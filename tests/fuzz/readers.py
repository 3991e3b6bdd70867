"""What reads bytes from outside: each reader takes any bytes, and raises only what a fuzzer should report.

`SEEDS` has sound inputs for each, from which others are made, and `WORDS` what they are made of.
"""

import io
import shutil
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from rest_framework.exceptions import APIException

from archive.errors import InvalidFilter
from archive.filters import IssueFilter
from core.json_parser import JsonParser
from exports.api.ranges import BOM, AfterBom, Slice, Unsatisfiable, requested_range
from imports import jira_csv, jira_json
from imports.judge import find_misfit
from imports.read_context import ReadContext
from imports.records import IssueRecord, UnreadableFile

Read = Callable[[bytes], None]

FILE = b"0123456789" * 10
ETAG = '"abc"'
MULTIPART = "multipart/form-data; boundary=x"


def read_filter(data: bytes) -> None:
    """A filter as a REST body and as the query of a page. What is read can be written, and is then read as the same."""
    try:
        issue_filter = IssueFilter.from_json(JsonParser().parse(io.BytesIO(data)))
    except (APIException, InvalidFilter):
        pass
    else:
        assert IssueFilter.from_json(issue_filter.to_json()) == issue_filter
        assert issue_filter.payload()
    try:
        query = QueryDict(data, encoding="utf-8")
    except (UnicodeDecodeError, TooManyFieldsSent):  # the web server gives text; too many fields are answered with 400
        return
    lenient = IssueFilter.lenient_from_query(query)
    assert IssueFilter.from_query(QueryDict(lenient.to_query())) == lenient
    try:
        strict = IssueFilter.from_query(query)
    except InvalidFilter:
        return
    assert strict == lenient


def read_csv(data: bytes) -> None:
    _read_issues(jira_csv.read_issues, data)


def read_json(data: bytes) -> None:
    _read_issues(jira_json.read_issues, data)


def read_range(data: bytes) -> None:
    """The headers Range and If-Range, separated by a line break. Exactly the bytes that are announced are sent."""
    header, separator, if_range = data.decode("latin-1").partition("\n")
    for content, file in ((FILE, io.BytesIO(FILE)), (BOM + FILE, AfterBom(io.BytesIO(FILE)))):
        try:
            part = requested_range(header, if_range if separator else None, etag=ETAG, length=len(content))
        except Unsatisfiable:
            continue
        if part is None:
            continue
        start, count = part
        assert 0 <= start < start + count <= len(content)
        sending = Slice(file, start, count)
        blocks = iter(lambda read=sending.read: read(7), b"")  # type: ignore[misc]
        assert b"".join(blocks) == content[start : start + count]


def multipart_reader(client: Client) -> Read:
    """A reader of uploads. `client` is signed in as someone who may import."""

    def read_multipart(data: bytes) -> None:
        with transaction.atomic():
            response = client.generic("POST", "/imports/", data, content_type=MULTIPART)
            transaction.set_rollback(True)
        shutil.rmtree(settings.DATA_DIR / "imports", ignore_errors=True)
        assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR

    return read_multipart


def _read_issues(read: Callable[[Any, str, ReadContext], Any], data: bytes) -> None:
    stream = io.BufferedReader(io.BytesIO(data))
    try:
        for item in read(stream, "file", ReadContext()):
            if isinstance(item, IssueRecord):
                find_misfit(item)
    except UnreadableFile:
        pass


READERS: Mapping[str, Read] = {"filter": read_filter, "csv": read_csv, "json": read_json, "range": read_range}
"""Those that need nothing but the bytes; `multipart_reader` makes another one."""

_ISSUE = (
    b'{"id": "1", "key": "AC-1", "fields": {"project": {"key": "AC", "lead": {"accountId": "ann"}}, "issuetype": '
    b'{"id": "1", "name": "Bug"}, "summary": "s", "created": "2023-07-16T15:04:05.000+0000", "duedate": "2023-07-16", '
    b'"labels": ["a"], "votes": {"votes": 3}, "reporter": {"accountId": "ann", "displayName": "Ann"}, "description": '
    b'{"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "t", '
    b'"marks": [{"type": "strong"}]}]}]}, "comment": {"total": 1, "comments": [{"author": {"accountId": "ann"}, "body":'
    b' "c", "created": "2023-07-16T15:04:05.000+0000"}]}, "issuelinks": [{"type": {"name": "Blocks", "outward": '
    b'"blocks"}, "outwardIssue": {"key": "AC-2"}}], "customfield_1": {"value": "x"}}, "changelog": {"histories": '
    b'[{"created": "2023-07-16T15:04:05.000+0000", "items": [{"field": "status", "toString": "Done"}]}]}}'
)
_ISSUE_IN_CSV = (
    b"Issue id,Issue key,Issue Type,Summary,Created,Due date,Labels,Labels,Votes,Comment,Log Work,"
    b"Custom field (A),Outward issue link (B),Attachment\n"
    b'1,AC-1,Bug,"\'=1",16/Jul/23 3:04 PM,2023-07-16,a,b,3,16/Jul/23 3:04 PM;ann;text,'
    b"16/Jul/23 3:04 PM;ann;60,x,AC-2,16/Jul/23 3:04 PM;ann;a.txt;https://x\n"
    b'2,AC-2,Bug,"a ""b""\nc",,,,,,,,,,\n'
)
_FILTER = (
    b'{"projects": ["FOO"], "archivedBy": ["ann"], "issueTypes": ["1"], "reporters": ["bob"], '
    b'"archivedDateRange": {"dateAfter": "2023-01-01", "dateBefore": "2023-01-12"}}'
)
_SEARCH = (
    b'{"startAt": 0, "total": 1, "names": {"customfield_1": "A"}, "schema": {"customfield_1": {"type": "option"}}, '
    b'"issues": [' + _ISSUE + b"]}"
)
_FORM = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    b'Issue id,Issue key\n1,AC-1\n\r\n--x\r\nContent-Disposition: form-data; name="on_conflict"\r\n\r\nupdate\r\n'
    b'--x\r\nContent-Disposition: form-data; name="date_format"\r\n\r\n%d.%m.%Y\r\n--x\r\nContent-Disposition: '
    b'form-data; name="archived_date"\r\n\r\n2024-01-01\r\n--x\r\nContent-Disposition: form-data; name="time_zone"'
    b"\r\n\r\nEurope/Berlin\r\n--x--\r\n"
)
_BASE64_FORM = (
    b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''%e2%82%ac.json\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\ne30=\r\n--x--\r\n"
)
SEEDS: Mapping[str, tuple[bytes, ...]] = {
    "filter": (_FILTER, b"projects=FOO&projects=BAR&reporters=a%20b&dateAfter=2023-01-01&dateBefore=2024-01-01&page=2"),
    "csv": (
        _ISSUE_IN_CSV,
        b"\xef\xbb\xbfIssue key;Issue id;Summary;Component/s1;Component/s2;Archived date\nAC-1;1;s;a;b;2023-01-02\n",
    ),
    "json": (_ISSUE, b"[" + _ISSUE + b", " + _ISSUE + b"]", _SEARCH, _ISSUE + b"\n" + _ISSUE + b"\n"),
    "range": (b"bytes=10-19", b"bytes=-5\n" + ETAG.encode(), b"bytes=95-"),
    "multipart": (_FORM, _BASE64_FORM),
}
WORDS: Mapping[str, tuple[bytes, ...]] = {
    "filter": (b'"projects"', b'"dateAfter"', b"null", b"[", b"]", b"{", b"}", b'"', b"\\ud800", b"%00", b"&"),
    "csv": (b'"', b",", b";", b"\n", b"\r\n", b"\0", b"'=", b"\xff", b"Comment", b"Sprint", b"Watchers", b"Sub-tasks"),
    "json": (
        b"null", b"[", b"]", b"{", b"}", b'"', b",", b":", b"\\ud800", b"\\u0000", b"\n", b"NaN", b"1e999", b"\xff",
        b'"content"', b'"issues"', b'"worklog"', b'"attachment"', b'"type": "table"',
    ),
    "range": (b"bytes=", b"-", b",", b"0", b"9" * 18, b" ", b"\n", b"W/", b'"'),
    "multipart": (
        b"\r\n", b"--x", b"--", b"Content-Disposition: form-data;", b'name="', b'filename="', b"filename*=", b"''",
        b"Content-Transfer-Encoding: base64", b"Content-Type: text/plain; charset=", b"../", b'"', b"%", b"\0", b"Z",
    ),
}  # fmt: skip
