"""What the web server and the portal refuse, over real connections: large bodies, and what is no HTTP."""

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from core.security_headers import HEADERS
from tests.running import RunningPortal

pytestmark = pytest.mark.processes

MIB = 1024 * 1024
COOKIE = "Cookie: csrftoken=" + "x" * 32
PART = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'


class TemporaryFolder:
    """Looks at the web server's temporary folder again and again."""

    def __init__(self, portal: RunningPortal) -> None:
        self._folder = portal.folder / "tmp"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.names: set[str] = set()

    def _look(self) -> None:
        while not self._stop.wait(0.01):
            self.names |= {path.name for path in self._folder.iterdir()}

    def __enter__(self) -> "TemporaryFolder":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def temporary_folder(portal: RunningPortal) -> Iterator[TemporaryFolder]:
    with TemporaryFolder(portal) as folder:
        yield folder


def send(portal: RunningPortal, *data: bytes) -> HTTPResponse:
    """The answer to what is sent. A refusal may come, and the connection be closed, before all is sent."""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=30) as client:
        try:
            for block in data:
                client.sendall(block)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = HTTPResponse(client)
        answer.begin()
        answer.body = answer.read()  # type: ignore[attr-defined]
        return answer


def head(method: str, address: str, *lines: str) -> bytes:
    return "\r\n".join([f"{method} {address} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


@pytest.mark.parametrize("address", ["/sign-in", "/oauth/token", "/rest/api/3/issues/archive/export"])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_large_body_leaves_nothing_in_the_temporary_folder(
    portal: RunningPortal, temporary_folder: TemporaryFolder, address: str, is_chunked: bool
) -> None:
    form = ["Content-Type: multipart/form-data; boundary=x", COOKIE]
    body = [PART, *[b"x" * MIB] * 20]
    if is_chunked:
        body = [b"%x\r\n" % len(block) + block + b"\r\n" for block in body]
        answer = send(portal, head("POST", address, "Transfer-Encoding: chunked", *form), *body)
    else:
        answer = send(portal, head("POST", address, f"Content-Length: {299 * MIB}", *form), *body)
    assert (answer.status, answer.headers["Connection"]) == (413, "close")
    assert temporary_folder.names == set()


BIG = "x" * 9000


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (head("POST", "/sign-in", "Transfer-Encoding: chunked") + b"nonsense\r\n", 400),
        (head("POST", "/rest/api/3/task/1/cancel", "Transfer-Encoding: chunked") + b"5\r\nabcdeXX\r\n", 400),
        (head("GET", "/sign-in", "Transfer-Encoding: gzip"), 400),
        (head("GET", "/sign-in", "Bad Header: x"), 400),
        (head("GET", f"/sign-in?{BIG}"), 414),
        (head("GET", "/sign-in", f"X-Big: {BIG}"), 431),
        (head("GET", "/sign-in", *[f"X-Many-{number}: x" for number in range(101)]), 431),
        (b"GET /sign-in HTTP/1.1\r\nX-Endless: " + b"x" * 70_000, 431),
        (b"nonsense\r\n\r\n", 400),
        (b"GET /sign-in HTTP/1.1\nHost: localhost\n\n", 400),
        (head("TRACE", "/admin/"), 405),
        (b"GET /sign-in HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET /rest/api/3/task/1 HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
        (head("GET", "/static/nothing.css"), 404),
        (head("GET", "/health/ready"), 200),
    ],
)
def test_every_answer_has_the_security_headers(portal: RunningPortal, data: bytes, status: int) -> None:
    answer: Any = send(portal, data)
    assert answer.status == status, answer.body
    found = {name: answer.headers[name] for name in HEADERS if name != "Cache-Control"}
    assert found == {name: value for name, value in HEADERS.items() if name != "Cache-Control"}
    assert "no-store" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Server"] in {None, "gunicorn"}
    assert b"Traceback" not in answer.body


def test_static_files_have_them_too(portal: RunningPortal) -> None:
    folder = Path(portal.environment["DATA_DIR"]) / "static"
    path = next(folder.rglob("portal.*.css")).relative_to(folder)
    answer = send(portal, head("GET", f"/static/{path}"))
    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"


def test_nothing_of_it_is_an_error_in_the_log(portal: RunningPortal) -> None:
    before = len(portal.log("web"))
    send(portal, head("POST", "/sign-in", "Transfer-Encoding: chunked") + b"nonsense\r\n")
    send(portal, b"nonsense\r\n\r\n")
    logged = portal.log("web")[before:]
    assert "Invalid request" in logged
    assert "Traceback" not in logged
