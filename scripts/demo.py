"""`make demo`: start the portal on this machine, run one export through the real REST API, and keep running."""

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
PORT = os.environ.get("PORT", "8000")
URL = f"http://localhost:{PORT}"
DATA = Path(os.environ.get("DATA_DIR", ROOT / "var" / "demo")).resolve()
MAIL = DATA / "mail"
EMAIL = "admin@example.com"
ISSUES = os.environ.get("DEMO_ISSUES", "5000")


def main() -> None:
    environment = os.environ | {"DATA_DIR": str(DATA), "PORTAL_URL": URL, "PORT": PORT, "EMAIL_URL": f"file:{MAIL}"}
    environment.setdefault("ADMIN_PASSWORD", secrets.token_urlsafe(12))
    token = set_up(environment)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    processes: list[subprocess.Popen[bytes]] = []
    try:
        processes.append(start(["-m", "gunicorn", "portal.wsgi"], environment))
        processes.append(start(["manage.py", "run_worker"], environment))
        run_export(token, processes[0])
        say_where(environment["ADMIN_PASSWORD"])
        sys.exit(processes[0].wait())
    except KeyboardInterrupt:
        print("\nStopping.")
    finally:
        stop(processes)


def start(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """A process of the portal. Its output goes to portal.log; Ctrl-C reaches only this script, which stops it."""
    with (DATA / "portal.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )


def set_up(environment: dict[str, str]) -> str:
    """Create the database, the archive and an admin; return the admin's API token."""

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    step(f"Setting up in {DATA}")
    manage("migrate", "-v0")
    manage("collectstatic", "--no-input", "-v0")
    step(f"Adding {int(ISSUES):,} sample issues to the archive")
    manage("seed_issues", ISSUES)
    manage("create_admin", EMAIL, "--keep-password")
    return manage("create_api_token", EMAIL, "--name", "demo").splitlines()[-1]


def run_export(token: str, portal: "subprocess.Popen[bytes]") -> None:
    """Submit an export, follow it, read the email and download the file, as a REST client would."""
    step("Starting web server and worker")
    client = requests.Session()
    client.auth = (EMAIL, token)
    wait_until_up(portal)
    sent_before = set(MAIL.glob("*"))

    step("PUT /rest/api/3/issues/archive/export")
    answer = client.put(f"{URL}/rest/api/3/issues/archive/export", json={})
    print(answer.status_code, answer.text)
    answer.raise_for_status()

    step(f"GET /rest/api/3/task/{answer.json()['taskId']}")
    task = watch(client, answer.headers["Location"])
    step("The email, as sent")
    print(newest_mail(sent_before))
    step("The file")
    show_file(client, task["result"])


def wait_until_up(portal: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if portal.poll() is not None:
            sys.exit(f"The portal stopped right after starting. See {DATA / 'portal.log'}.")
        try:
            requests.get(f"{URL}/sign-in", timeout=5).raise_for_status()
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"{URL} did not respond within 30 seconds. See {DATA / 'portal.log'}.")


def watch(client: requests.Session, address: str) -> Any:
    """Poll the task until it ends, printing a line for each change."""
    shown = ""
    while True:
        task = client.get(address).json()
        line = f"{task['status']} {task['progress']}%  {task['message']}"
        if line != shown:
            print(line)
        if task["status"] == "COMPLETE":
            return task
        if task["status"] not in {"ENQUEUED", "RUNNING"}:
            sys.exit("The export did not complete.")
        shown = line
        time.sleep(0.3)


def newest_mail(sent_before: set[Path]) -> str:
    """The plain text of the email that was sent since then."""
    for _ in range(300):
        new = set(MAIL.glob("*")) - sent_before
        for file in new:
            text, html_part, _ = file.read_text().partition("Content-Type: text/html")
            if html_part:  # the worker has written this far
                return text
        time.sleep(0.1)
    sys.exit("No email was sent within 30 seconds.")


def show_file(client: requests.Session, result: dict[str, Any]) -> None:
    file = DATA / "archived-issues.csv"
    file.write_bytes(client.get(result["fileUrl"]).content)
    print(f"{result['fileUrl']}\nsaved as {file}: {result['rows']:,} issues, {result['bytes']:,} bytes")
    with file.open(encoding="utf-8") as lines:
        for _ in range(4):
            print(" ", next(lines).rstrip("\n")[:150])


def say_where(password: str) -> None:
    step("The portal is running")
    print(f"Open      {URL}\nSign in   {EMAIL}\nPassword  {password}\nPress Ctrl-C to stop.", flush=True)


def stop(processes: list["subprocess.Popen[bytes]"]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(timeout=40)


def step(title: str) -> None:
    print(f"\n== {title}", flush=True)


if __name__ == "__main__":
    main()
