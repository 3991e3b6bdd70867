"""Which bytes are sent, according to RFC 9110, section 14."""

import io

import pytest

from exports.api.ranges import BOM, AfterBom, Slice, Unsatisfiable, requested_range

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-99", (0, 100)),
        ("bytes=10-19", (10, 10)),
        ("bytes=10-", (10, 90)),
        ("bytes=99-", (99, 1)),
        ("bytes=10-1000000", (10, 90)),
        ("bytes=-1", (99, 1)),
        ("bytes=-100", (0, 100)),
        ("bytes=-1000", (0, 100)),  # the file is shorter than the suffix, so it is sent whole
        ("Bytes = 10-19", (10, 10)),
        # The header may be ignored, so the file is sent whole.
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=19-10", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("bytes=1", None),
        ("bytes=٣-٤", None),
        (f"bytes={'9' * 30}-", None),
    ],
)
def test_it_works(header: str | None, part: tuple[int, int] | None) -> None:
    assert requested_range(header, None, etag=ETAG, length=100) == part


@pytest.mark.parametrize(
    ("header", "length"),
    [("bytes=100-", 100), ("bytes=100-200", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)],
)
def test_a_range_outside_of_the_file_cannot_be_satisfied(header: str, length: int) -> None:
    with pytest.raises(Unsatisfiable):
        requested_range(header, None, etag=ETAG, length=length)


@pytest.mark.parametrize(
    ("if_range", "is_part"),
    [
        (ETAG, True),
        (f" {ETAG} ", True),
        ('"other"', False),
        (f"W/{ETAG}", False),  # a weak ETag never matches (13.1.5)
        ("abc", False),
        ("Wed, 21 Oct 2026 07:28:00 GMT", False),  # the portal sends no dates
        ("", False),
    ],
)
def test_if_range_gets_the_whole_file_unless_it_is_the_same_file(if_range: str, is_part: bool) -> None:
    assert requested_range("bytes=5-", if_range, etag=ETAG, length=100) == ((5, 95) if is_part else None)


@pytest.mark.parametrize("block", [1, 2, 3, 4, 7, 100, -1])
@pytest.mark.parametrize(("start", "count"), [(0, 13), (0, 2), (1, 1), (2, 5), (3, 10), (12, 1)])
def test_a_slice_of_a_file_with_a_mark(start: int, count: int, block: int) -> None:
    part = Slice(AfterBom(io.BytesIO(b"0123456789")), start, count)
    read = b"".join(iter(lambda: part.read(block), b""))
    assert read == (BOM + b"0123456789")[start : start + count]


def test_closing_closes_the_file() -> None:
    file = io.BytesIO(b"0123456789")
    Slice(AfterBom(file), 0, 5).close()
    assert file.closed
