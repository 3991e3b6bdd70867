"""The example of a proxy in docs/operations.md is a configuration that nginx accepts."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

CERTIFICATE = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=archive.example.com -keyout a.key -out a.pem"

pytestmark = pytest.mark.processes


def test_nginx_accepts_the_example(tmp_path: Path) -> None:
    for tool in ("nginx", "openssl"):
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool}")
    page = (settings.BASE_DIR / "docs" / "operations.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    subprocess.run(CERTIFICATE.split(), cwd=tmp_path, check=True, capture_output=True)
    example = example.replace("/etc/ssl/archive.example.com.pem", f"{tmp_path}/a.pem")
    example = example.replace("/etc/ssl/archive.example.com.key", f"{tmp_path}/a.key")
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {example} }}")
    command = ["nginx", "-t", "-p", str(tmp_path), "-c", str(configuration)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
