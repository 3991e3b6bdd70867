"""Several processes write the audit trail to one file, as lines of JSON, for a log collector."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.running import MailServer, RunningPortal, wait_for, whole_portal

pytestmark = pytest.mark.processes


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def of_action(log: Path, action: str) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line["action"] == action]


def export(portal: RunningPortal) -> None:
    token = portal.manage("create_api_token", "alice@example.com", "--name", "nightly").splitlines()[-1]
    client = portal.session("alice@example.com", token)
    task = client.put(f"{portal.url}/rest/api/3/issues/archive/export", json={}).json()["taskId"]
    file = f"{portal.url}/exports/{task}/file"
    wait_for(lambda: client.get(file).status_code == 200, "the file can be downloaded")


def test_it_works(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    with (
        MailServer() as mail_server,
        whole_portal(tmp_path, mail_server, 300, {"AUDIT_LOG": str(log)}) as portal,
    ):
        export(portal)
        wait_for(lambda: of_action(log, "email.settled"), "the email is sent")
        wait_for(lambda: len(of_action(log, "settings.changed")) == 2, "both processes recorded their settings")
        log.rename(tmp_path / "audit.1.jsonl")  # as a log collector does
        portal.manage("create_api_token", "alice@example.com", "--name", "weekly")
        assert [line["action"] for line in lines(log)] == ["token.created"]

    rotated = tmp_path / "audit.1.jsonl"
    assert stat.S_IMODE(rotated.stat().st_mode) == 0o600
    (created,) = of_action(rotated, "token.created")
    assert (created["credential"], created["credential_name"]) == ("command", "create_api_token")
    (asked,) = of_action(rotated, "export.requested")
    assert (asked["credential"], asked["credential_id"], asked["actor"]) == (
        "token",
        created["object_id"],
        "alice@example.com",
    )
    assert asked["address"] == "127.0.0.1"
    (settled,) = of_action(rotated, "export.settled")
    assert (settled["credential"], settled["object_id"]) == ("worker", asked["object_id"])
    (downloaded,) = of_action(rotated, "export.downloaded")
    assert downloaded["object_id"] == asked["object_id"]
    web, worker = sorted(of_action(rotated, "settings.changed"), key=lambda line: str(line["object_id"]))
    assert (web["object_id"], worker["object_id"]) == ("web", "worker")
    assert web["details"]["values"]["AUDIT_LOG"] == str(log)[:100]
    assert "test" * 20 not in rotated.read_text()  # SECRET_KEY
