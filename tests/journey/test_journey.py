"""From the PUT to the file with everything running: web server, queue, worker, mail server and browser session."""

import csv
import hashlib
import io
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.running import PASSWORD, MailServer, RunningPortal, wait_for

pytestmark = pytest.mark.processes

EXPORT = "/rest/api/3/issues/archive/export"


@pytest.fixture(scope="module")
def alice(portal: RunningPortal) -> requests.Session:
    """A REST client with alice's token."""
    token = portal.manage("create_api_token", "alice@example.com", "--name", "journey").splitlines()[-1]
    return portal.session("alice@example.com", token)


def sign_in(portal: RunningPortal, target: str) -> requests.Response:
    """Follow a link in a browser that is not signed in, then sign in."""
    browser = requests.Session()
    browser.headers["Accept"] = "text/html"
    page = browser.get(target)
    assert page.url.startswith(f"{portal.url}/sign-in?next=")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "login": "alice@example.com", "password": PASSWORD}
    hidden = re.search(r'name="next" value="([^"]+)"', page.text)
    return browser.post(page.url, data=form | ({"next": hidden[1]} if hidden else {}))


def task(portal: RunningPortal, alice: requests.Session, task_id: str) -> dict[str, object]:
    answer = alice.get(f"{portal.url}/rest/api/3/task/{task_id}")
    assert answer.status_code == 200
    body: dict[str, object] = answer.json()
    return body


def finished(portal: RunningPortal, alice: requests.Session, task_id: str) -> dict[str, object]:
    def look() -> dict[str, object] | None:
        body = task(portal, alice, task_id)
        return body if body["status"] not in {"ENQUEUED", "RUNNING", "CANCEL_REQUESTED"} else None

    return wait_for(look, f"task {task_id} ends")


def test_it_works(portal: RunningPortal, mail_server: MailServer, alice: requests.Session) -> None:
    answer = alice.put(portal.url + EXPORT, json={})
    assert answer.status_code == 202, answer.text
    assert set(answer.json()) == {"taskId", "status", "progress", "submittedTime", "payload"}
    task_id = answer.json()["taskId"]
    assert answer.headers["Location"] == f"{portal.url}/rest/api/3/task/{task_id}"

    body = finished(portal, alice, task_id)
    assert body["status"] == "COMPLETE", body
    result = body["result"]
    assert isinstance(result, dict)
    assert result["rows"] == 3000

    message = wait_for(lambda: next(iter(mail_server.messages), None), "the email arrives")
    assert message["To"] == "alice@example.com"
    text = message.get_body(("plain",))
    assert text
    link = re.search(r"http://\S+/file", text.get_content())
    assert link
    assert link[0] == result["fileUrl"]
    assert result["sha256"] in text.get_content()

    download = sign_in(portal, link[0])
    assert download.status_code == 200
    assert hashlib.sha256(download.content).hexdigest() == result["sha256"]
    rows = list(csv.reader(io.StringIO(download.content.decode(), newline="")))
    assert rows[0][:3] == ["Summary", "Issue key", "Issue id"]
    assert len({row[2] for row in rows[1:]}) == 3000
    assert alice.get(link[0]).content == download.content
    assert len([mail for mail in mail_server.messages if mail["Message-ID"] == message["Message-ID"]]) == 1


def test_one_of_sixty_simultaneous_requests_is_accepted(portal: RunningPortal, alice: requests.Session) -> None:
    def ask(_: int) -> requests.Response:
        return requests.put(portal.url + EXPORT, json={}, auth=alice.auth, timeout=60)

    portal.stop("worker")
    try:
        with ThreadPoolExecutor(60) as pool:
            answers = list(pool.map(ask, range(60)))
    finally:
        portal.start_worker()
    accepted = [answer for answer in answers if answer.status_code == 202]
    refused = [answer for answer in answers if answer.status_code == 412]
    assert (len(accepted), len(refused)) == (1, 59), {answer.status_code for answer in answers}
    task_id = accepted[0].json()["taskId"]
    sentence = (
        f"An issue archival task is already running with ID {task_id}. "
        "To start a new one, cancel the task or wait for it to finish."
    )
    assert {answer.json()["errorMessages"][0] for answer in refused} == {sentence}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert finished(portal, alice, task_id)["status"] == "COMPLETE"


def test_a_waiting_export_is_cancelled_at_once(portal: RunningPortal, alice: requests.Session) -> None:
    portal.stop("worker")
    try:
        task_id = alice.put(portal.url + EXPORT, json={}).json()["taskId"]
        assert alice.post(f"{portal.url}/rest/api/3/task/{task_id}/cancel").status_code == 202
        assert task(portal, alice, task_id)["status"] == "CANCELLED"
        assert alice.post(f"{portal.url}/rest/api/3/task/{task_id}/cancel").status_code == 400
    finally:
        portal.start_worker()


def test_the_worker_has_a_lower_priority_than_pages(portal: RunningPortal) -> None:
    worker, web = portal.processes["worker"].pid, portal.processes["web"].pid
    children = Path(f"/proc/{worker}/task/{worker}/children")
    cluster = int(wait_for(children.read_text, "the worker has started its cluster"))
    assert wait_for(lambda: os.getpriority(os.PRIO_PROCESS, cluster), "its cluster has a lower priority") == 10
    assert [os.getpriority(os.PRIO_PROCESS, process) for process in (worker, web)] == [0, 0]
    assert len({os.getsid(process) for process in (cluster, worker, web)}) == 3
    autogroup = Path(f"/proc/{cluster}/autogroup")
    assert not autogroup.exists() or autogroup.read_text().endswith(" nice 10\n")
