"""Look for passwords, keys and tokens in the files that git knows, or in those that are named; part of `make lint`.

.secrets.baseline lists what looks like a secret and is none, such as the passwords of tests. If you add such a value,
run `find_secrets.py --accept` and look at what it adds. Lines may move: only file, kind and value are compared.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from detect_secrets.core import baseline
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / ".secrets.baseline"
# Checksums of packages, pictures, and databases of earlier releases, which tests made.
LEFT_OUT = (".svg", ".png", ".sql", "requirements.txt", "requirements-dev.txt", "package-lock.json", BASELINE.name)


def main() -> int:
    arguments = sys.argv[1:]
    os.chdir(ROOT)  # so that names of files are the same on every machine
    with default_settings():
        found = SecretsCollection()
        if arguments == ["--accept"]:
            found.scan_files(*tracked_files(), num_processors=os.cpu_count())
            save(found)
            return 0
        found.scan_files(*(arguments or tracked_files()), num_processors=os.cpu_count())
        known = SecretsCollection.load_from_baseline(json.loads(BASELINE.read_text()))
        new = found - known
    for name, secret in new:
        print(
            f"{name}:{secret.line_number}: {secret.type}. Remove it. If it is no secret, see scripts/find_secrets.py."
        )
    return 1 if new else 0


def tracked_files() -> list[str]:
    """Those that git has, and those that would be added."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if name and not name.endswith(LEFT_OUT)]
    return [name for name in names if (ROOT / name).is_file()]


def save(found: SecretsCollection) -> None:
    content = baseline.format_for_output(found)
    del content["generated_at"]
    BASELINE.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(main())
