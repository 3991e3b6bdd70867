"""Clients that send or read slowly, or not at all, do not keep others from their answers."""

import hashlib
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.running import RunningPortal, wait_for

pytestmark = pytest.mark.processes

EXPORT = "/rest/api/3/issues/archive/export"
HEAD = "Host: localhost\r\n"
MANY = 40
READY_SECONDS = 10  # for an answer that takes milliseconds, on a machine that is busy


@pytest.fixture(scope="module")
def result(portal: RunningPortal, alice: requests.Session) -> Any:
    """The result of an export: a file of about 3 MB."""
    submitted = alice.put(portal.url + EXPORT, json={})
    assert submitted.status_code == 202, submitted.text
    return wait_for(lambda: alice.get(submitted.headers["Location"]).json().get("result"), "the export completes")


def connect(portal: RunningPortal, data: bytes = b"", receive_buffer: int = 0) -> socket.socket:
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(60)
    client.connect(("127.0.0.1", portal.port))
    client.sendall(data)
    return client


@contextmanager
def many(
    portal: RunningPortal, data: bytes, count: int = MANY, receive_buffer: int = 0
) -> Iterator[list[socket.socket]]:
    """So many connections that sent the data, all held open."""
    with ExitStack() as stack:
        yield [stack.enter_context(connect(portal, data, receive_buffer)) for _ in range(count)]


def is_closed(client: socket.socket) -> bool:
    """Read until the server closes the connection."""
    try:
        while client.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


def head_of(path: str, session: requests.Session | None = None) -> bytes:
    request = requests.Request("GET", f"http://localhost{path}", auth=session.auth if session else None).prepare()
    head = f"GET {path} HTTP/1.1\r\n{HEAD}"
    if session:
        head += f"Authorization: {request.headers['Authorization']}\r\n"
    return f"{head}\r\n".encode()


def is_ready(portal: RunningPortal) -> bool:
    return requests.get(f"{portal.url}/health/ready", timeout=READY_SECONDS).status_code == 200


UNFINISHED = {
    "nothing": b"",
    "a part of the head": f"GET /sign-in HTTP/1.1\r\n{HEAD}".encode(),
    "a part of the body": f"POST /sign-in HTTP/1.1\r\n{HEAD}Content-Length: 1000\r\n\r\nusername=".encode(),
    "a part of a chunk": f"POST /sign-in HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nab".encode(),
    "no body after 100": f"POST /sign-in HTTP/1.1\r\n{HEAD}Content-Length: 9\r\nExpect: 100-continue\r\n\r\n".encode(),
    "a part of a second head": f"GET /health/ready HTTP/1.1\r\n{HEAD}\r\nGET /sign-in HTTP/1.1\r\n".encode(),
}


@pytest.mark.parametrize("data", UNFINISHED.values(), ids=UNFINISHED)
def test_clients_that_do_not_finish_a_request_hold_up_nobody(portal: RunningPortal, data: bytes) -> None:
    with many(portal, data) as clients:
        for _ in range(5):
            assert is_ready(portal)
        assert all(is_closed(client) for client in clients)


def test_a_client_that_sends_byte_after_byte_is_cut_off(portal: RunningPortal) -> None:
    sent = 0
    with connect(portal) as client, suppress(BrokenPipeError, ConnectionResetError):
        for byte in head_of("/sign-in").replace(b"\r\n\r\n", b"\r\n") * 10:
            client.sendall(bytes([byte]))
            sent += 1
            time.sleep(0.1)
    assert sent < 200


def test_a_client_that_waits_for_100_continue_gets_it(portal: RunningPortal) -> None:
    with connect(portal, UNFINISHED["no body after 100"]) as client:
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"username=")
        assert client.recv(1000).startswith(b"HTTP/1.1 403 Forbidden\r\n")


def test_two_requests_that_arrive_together_are_both_answered(portal: RunningPortal) -> None:
    with connect(portal, head_of("/health/ready") + head_of("/nowhere")) as client:
        answers = b""
        while b"HTTP/1.1 404" not in answers:
            block = client.recv(65536)
            assert block, answers
            answers += block
    assert answers.startswith(b"HTTP/1.1 200 OK\r\n")


def test_clients_that_never_close_their_side_hold_up_nobody(portal: RunningPortal) -> None:
    data = f"GET /sign-in HTTP/1.1\r\n{HEAD}Connection: close\r\n\r\n".encode()
    with many(portal, data):
        assert is_ready(portal)


def test_all_connections_taken_by_idle_clients(portal: RunningPortal) -> None:
    """A new client gets the place of the one that has waited longest."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 4096:
        pytest.skip("this machine allows too few open files")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, most))
    try:
        with many(portal, b"", 1100):
            assert is_ready(portal)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def static_file(portal: RunningPortal) -> str:
    """The address of a static file that no socket buffer takes as a whole."""
    folder = Path(portal.environment["DATA_DIR"]) / "static"
    path = next(folder.rglob("swagger-ui-bundle.*.js"))
    return f"/static/{path.relative_to(folder)}"


def test_clients_that_never_read_hold_up_nobody(portal: RunningPortal) -> None:
    with many(portal, head_of(static_file(portal)), receive_buffer=4096) as clients:
        for _ in range(5):
            assert is_ready(portal)
        time.sleep(4)
        assert all(is_closed(client) for client in clients)


@pytest.mark.parametrize("form", ["", "?form=gzip", "?form=excel"])
def test_downloads_that_nobody_reads_do_not_keep_others_from_theirs(
    portal: RunningPortal, alice: requests.Session, result: Any, form: str
) -> None:
    path = result["fileUrl"].removeprefix(portal.url) + form

    def take() -> requests.Response | None:
        answer = alice.get(portal.url + path, timeout=30)
        return answer if answer.status_code == 200 else None

    with many(portal, head_of(path, alice), receive_buffer=4096):
        assert is_ready(portal)
        answer = wait_for(take, "an honest download gets through", 30)
    plain = answer.content if form == "" else b""
    assert plain == b"" or hashlib.sha256(plain).hexdigest() == result["sha256"]


def read_slowly(client: socket.socket, pause: float, size: int) -> bytes:
    """Read what the server sends, with a pause after each block, until it closes the connection."""
    answer = bytearray()
    while block := client.recv(size):
        answer += block
        time.sleep(pause)
    return bytes(answer)


def test_a_download_that_is_slow_but_not_too_slow_is_complete(
    portal: RunningPortal, alice: requests.Session, result: Any
) -> None:
    """About 200 KB/s, where 32 KB/s are enough."""
    head = head_of(result["fileUrl"].removeprefix(portal.url), alice)
    with connect(portal, head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), 65536) as client:
        answer = read_slowly(client, 0.1, 20_000)
    body = answer.partition(b"\r\n\r\n")[2]
    assert hashlib.sha256(body).hexdigest() == result["sha256"]


def test_a_kept_connection_serves_many_requests(portal: RunningPortal, alice: requests.Session, result: Any) -> None:
    """Files, pages and refusals on one connection, none of which is mixed up with the next."""
    for _ in range(20):
        assert hashlib.sha256(alice.get(result["fileUrl"]).content).hexdigest() == result["sha256"]
        assert alice.get(f"{portal.url}/rest/api/3/task/999").status_code == 404
        assert alice.get(f"{portal.url}/sign-in").status_code == 200
