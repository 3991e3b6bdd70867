"""`make lint` finds secrets that someone is about to commit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

# Each is written in two parts, so that it is not found in this file.
AWS_KEY = "AKIA" + "QX7GZ3TPL5WVN2RB"
GITHUB_TOKEN = "ghp_" + "1xKfT9vQw8Zr3LmNp6Ys2BdHc7JgUaEo4RtV"
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"
URL = "postgresql://portal:" + "s3cr3t-0f-ours@db.example.com/portal"


def find(*paths: Path) -> tuple[int, str]:
    command = [sys.executable, "scripts/find_secrets.py", *map(str, paths)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_what_was_accepted_is_so_on_every_machine() -> None:
    accepted = json.loads((settings.BASE_DIR / ".secrets.baseline").read_text())["results"]
    assert "tests/conftest.py" in accepted
    names = {entry["filename"] for entries in accepted.values() for entry in entries}
    assert names == set(accepted)
    assert [name for name in names if Path(name).is_absolute()] == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (f"key = {AWS_KEY!r}\n", "AWS Access Key"),
        (f"# {GITHUB_TOKEN}\n", "GitHub Token"),
        (f"{PRIVATE_KEY}\n", "Private Key"),
        (f"DATABASE_URL={URL}\n", "Basic Auth Credentials"),
    ],
)
def test_a_secret_is_found(tmp_path: Path, content: str, kind: str) -> None:
    path = tmp_path / "config.py"
    path.write_text(content)
    code, printed = find(path)
    assert code == 1
    assert f"config.py:1: {kind}." in printed


def test_without_secrets_it_is_quiet(tmp_path: Path) -> None:
    path = tmp_path / "config.py"
    path.write_text("KEY = os.environ['KEY']\n")
    assert find(path) == (0, "")
