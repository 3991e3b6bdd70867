"""Run the whole test suite on SQLite and on PostgreSQL at the same time: `run_tests.py [PYTEST ARGUMENT…]`.

Each run has two worker processes and a data folder of its own. The output of SQLite's run is shown while it runs, that
of PostgreSQL's after it. The exit code is 0 only if both passed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The order of the files is tests/conftest.py's: the slowest begin first.
PYTEST = [sys.executable, "-m", "pytest", "--create-db", "-n", "2", "--durations", "15"]
PYTEST += ["--dist", "loadfile", "--no-loadscope-reorder"]
WITH_POSTGRESQL = [sys.executable, str(ROOT / "scripts" / "with_postgresql.py")]


def main() -> int:
    command = [*PYTEST, *sys.argv[1:]]
    with tempfile.TemporaryDirectory() as sqlite_data, tempfile.TemporaryDirectory() as postgresql_data:
        output = Path(postgresql_data, "output.txt")
        # Hundreds of processes import the same modules: compile them once.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        with output.open("wb") as file:
            environment = os.environ | {"DATA_DIR": postgresql_data}
            postgresql = subprocess.Popen(
                [*WITH_POSTGRESQL, *command], cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT
            )
        print("== Tests on SQLite; those on PostgreSQL run at the same time", flush=True)
        sqlite = subprocess.run(command, cwd=ROOT, env=os.environ | {"DATA_DIR": sqlite_data})
        code = postgresql.wait()
        print("== Tests on PostgreSQL", flush=True)
        sys.stdout.write(output.read_text(errors="replace"))
        return sqlite.returncode or code


if __name__ == "__main__":
    sys.exit(main())
