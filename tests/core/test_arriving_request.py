"""A request gets a thread once gunicorn can read it without waiting."""

import pytest

from core.arriving_request import MOST_BODY_BYTES, MOST_HEAD_BYTES, ArrivingRequest

POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def arrive(*blocks: bytes) -> list[bool]:
    """Whether the request was complete after each block."""
    request = ArrivingRequest()
    found = []
    for block in blocks:
        request.add(block)
        found.append(request.is_complete)
    assert bytes(request.data) == b"".join(blocks)
    return found


def bytewise(data: bytes) -> list[bool]:
    return arrive(*(data[index : index + 1] for index in range(len(data))))


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        POST + b"Content-Length: 5\r\n\r\nabcde",
        POST + b"content-length:0\r\n\r\n",
        CHUNKED + b"0\r\n\r\n",
        CHUNKED + b"5\r\nabcde\r\n0\r\n\r\n",
        CHUNKED + b"5;name=value\r\n\r\n\r\n\r\r\n0\r\nX-Trailer: 1\r\n\r\n",
        CHUNKED + b"1\r\na\r\n00000A\r\n0\r\n\r\n12345\r\n0\r\n\r\n",
    ],
)
def test_it_works(request_bytes: bytes) -> None:
    found = bytewise(request_bytes)
    assert found == [False] * (len(request_bytes) - 1) + [True]
    assert arrive(request_bytes) == [True]


@pytest.mark.parametrize(
    "blocks",
    [
        [b"GET / HTTP/1.1\n"],
        [b"GET / HTTP/1.1\r\nHost: a\n\n"],
        [b"GET /", b"x" * MOST_HEAD_BYTES],
        [CHUNKED + b"5\r\nabcde\r\n", b"nonsense\r\n"],
        [CHUNKED + b"5\r\nabcdeXX", b"\r\n"],
        [CHUNKED + b"5", b";" + b"x" * MOST_HEAD_BYTES + b"x"],
    ],
)
def test_what_gunicorn_refuses_is_handed_over(blocks: list[bytes]) -> None:
    assert arrive(*blocks)[-1] is True


def test_a_large_body_is_not_waited_for() -> None:
    assert arrive(POST + b"Content-Length: %d\r\n\r\n" % (MOST_BODY_BYTES + 1)) == [True]
    assert arrive(CHUNKED + b"%x\r\n" % (MOST_BODY_BYTES + 1)) == [True]
    many = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    assert arrive(CHUNKED, *[many] * 33)[-1] is True


def test_a_client_that_waits_for_100_continue_is_answered_once() -> None:
    request = ArrivingRequest()
    request.add(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
    assert (request.expects_continue, request.is_complete) == (True, False)
    request.add(b"a")
    assert (request.expects_continue, request.is_complete) == (False, False)
    request.add(b"bc")
    assert request.is_complete
    assert bytes(request.data) == POST + b"Content-Length: 3\r\n\r\nabc"


def test_a_client_that_waits_before_a_large_body_is_left_to_gunicorn() -> None:
    assert arrive(POST + b"Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n") == [True]


def test_a_second_request_does_not_end_the_first() -> None:
    head = POST + b"Content-Length: 40\r\n\r\n"
    assert arrive(head, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"x" * 20) == [False, False, True]
