"""What only a real web server can show: files sent from the descriptor, interrupted downloads, chunked bodies."""

import gzip
import hashlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.running import RunningPortal, wait_for

pytestmark = pytest.mark.processes

EXPORT = "/rest/api/3/issues/archive/export"


@pytest.fixture(scope="module")
def alice(portal: RunningPortal) -> requests.Session:
    token = portal.manage("create_api_token", "alice@example.com", "--name", "http").splitlines()[-1]
    return portal.session("alice@example.com", token)


@pytest.fixture(scope="module")
def result(portal: RunningPortal, alice: requests.Session) -> Any:
    """The result of a task that was requested with a chunked body."""

    def chunks() -> Iterator[bytes]:
        yield b'{"projects"'
        yield b": []}"

    submitted = alice.put(portal.url + EXPORT, data=chunks(), headers={"Content-Type": "application/json"})
    assert submitted.status_code == 202, submitted.text
    assert "Transfer-Encoding" in submitted.request.headers
    return wait_for(lambda: alice.get(submitted.headers["Location"]).json().get("result"), "the export completes")


def test_it_works(alice: requests.Session, result: Any) -> None:
    answer = alice.get(result["fileUrl"])
    assert hashlib.sha256(answer.content).hexdigest() == result["sha256"]
    assert answer.headers["Content-Length"] == str(result["bytes"]) == str(len(answer.content))
    head = alice.head(result["fileUrl"])
    assert (head.content, head.headers["Content-Length"]) == (b"", str(result["bytes"]))


def test_a_download_that_is_interrupted_again_and_again_is_complete(alice: requests.Session, result: Any) -> None:
    taken = b""
    etag = ""
    rounds = 0
    while len(taken) < result["bytes"]:
        headers = {"Range": f"bytes={len(taken)}-", "If-Range": etag} if taken else {}
        with alice.get(result["fileUrl"], headers=headers, stream=True) as answer:
            assert answer.status_code == (206 if taken else 200)
            etag = answer.headers["ETag"]
            taken += answer.raw.read(result["bytes"] // 5 + 1)  # then the connection is closed
        rounds += 1
    assert rounds == 5
    assert hashlib.sha256(taken).hexdigest() == result["sha256"]


def test_other_formats_are_complete_too(alice: requests.Session, result: Any) -> None:
    compressed = alice.get(f"{result['fileUrl']}?form=gzip")
    assert compressed.headers["Transfer-Encoding"] == "chunked"
    assert hashlib.sha256(gzip.decompress(compressed.content)).hexdigest() == result["sha256"]
    assert len(compressed.content) < result["bytes"] / 2
    marked = alice.get(f"{result['fileUrl']}?form=excel").content
    assert hashlib.sha256(marked.removeprefix(b"\xef\xbb\xbf")).hexdigest() == result["sha256"]
    tail = alice.get(f"{result['fileUrl']}?form=excel", headers={"Range": "bytes=-7"})
    assert (tail.status_code, tail.content) == (206, marked[-7:])


def test_a_chunked_body_has_the_same_limit(portal: RunningPortal, alice: requests.Session) -> None:
    blocks = (b" " * 65536 for _ in range(17))
    answer = alice.put(portal.url + EXPORT, data=blocks, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert set(answer.json()) == {"errorMessages", "errors"}


def test_slow_clients_do_not_block_other_requests(portal: RunningPortal, alice: requests.Session, result: Any) -> None:
    """Forty clients request the file and read nothing. Pages and polling still work."""
    request = requests.Request("GET", result["fileUrl"], auth=alice.auth).prepare()
    head = f"GET {request.path_url} HTTP/1.1\r\nHost: localhost:{portal.port}\r\n"
    head += f"Authorization: {request.headers['Authorization']}\r\n\r\n"
    slow = []
    try:
        for _ in range(40):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", portal.port))
            client.sendall(head.encode())
            slow.append(client)
        for _ in range(20):
            assert requests.get(f"{portal.url}/sign-in", timeout=30).status_code == 200
            assert alice.head(result["fileUrl"], timeout=30).status_code == 200
    finally:
        for client in slow:
            client.close()
