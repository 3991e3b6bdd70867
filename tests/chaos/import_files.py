"""Files for imports. The summary of each issue begins with its file's version, by which it is recognised later."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.jira_ndjson import lines
from imports.seed import make_issues

MOST_ISSUES = 3_000
FEWEST_ISSUES = 300
SEED = 2  # other issues than the archive's, with the same IDs
VERSION_LENGTH = len("v000001")


@dataclass(frozen=True)
class ImportFile:
    version: str
    path: Path
    issue_count: int

    @property
    def name(self) -> str:
        return self.path.name

    def content(self) -> bytes:
        return self.path.read_bytes()


class ImportFiles:
    """Writes files and remembers them by version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.by_version: dict[str, ImportFile] = {}
        self._issues: list[dict[str, Any]] = []
        for line in lines(make_issues(MOST_ISSUES, SEED)):
            self._issues.append(json.loads(line))

    def new(self, chance: random.Random) -> ImportFile:
        """A file of some hundred to some thousand issues in a version of its own."""
        count = chance.randint(FEWEST_ISSUES, MOST_ISSUES)
        return self.write(chance.randint(0, MOST_ISSUES - count), count)

    def write(self, start: int, count: int) -> ImportFile:
        """A file of the `count` issues from number `start` on."""
        version = f"v{len(self.by_version) + 1:06}"
        path = self.folder / f"{version}.ndjson"
        with path.open("w", encoding="utf-8") as file:
            for issue in self._issues[start : start + count]:
                issue["fields"]["summary"] = f"{version} summary"
                file.write(json.dumps(issue, ensure_ascii=False) + "\n")
        self.by_version[version] = ImportFile(version, path, count)
        return self.by_version[version]
