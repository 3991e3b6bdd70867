"""Examples of the bodies in the OpenAPI description."""

from typing import Any

SUBMITTED = {
    "taskId": "1010",
    "status": "ENQUEUED",
    "progress": 0,
    "submittedTime": "2026-01-31T12:00:00.123456Z",
    "payload": "{projects=[FOO, BAR], archivedDate={dateAfterInstant=2023-01-01, dateBeforeInstant=2023-01-12}}",
}
FINISHED: dict[str, Any] = {
    "self": "https://archive.example.com/rest/api/3/task/1010",
    "id": "1010",
    "description": "Export archived issues",
    "status": "COMPLETE",
    "message": "5,000 of 5,000 issues written",
    "result": {
        "fileUrl": "https://archive.example.com/exports/1010/file",
        "rows": 5000,
        "rowsExpected": 5000,
        "bytes": 6_123_456,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "manifestUrl": "https://archive.example.com/exports/1010/manifest.json",
        "asOf": "2026-01-31T12:00:01.250000Z",
        "filter": {"projects": ["FOO"]},
        "timeZone": "UTC",
        "formulaGuard": True,
        "version": "0.1.0",
        "expires": "2026-02-07T12:00:03.456789Z",
    },
    "submittedBy": 1,
    "progress": 100,
    "elapsedRuntime": 2100,
    "submitted": 1769860800123,
    "started": 1769860801234,
    "finished": 1769860803456,
    "lastUpdate": 1769860803456,
}
MANIFEST = {
    "export": "1010",
    "file": "archived-issues-1010-20260131-120000Z.csv",
    "rowsExpected": 5000,
    "rowsWritten": 5000,
    "bytes": 6_123_456,
    "sha256": FINISHED["result"]["sha256"],
    "asOf": "2026-01-31T12:00:01.234567Z",
    "filter": {"projects": ["FOO"]},
    "payload": "{projects=[FOO]}",
    "include": ["comments", "watchers"],
    "format": "csv",
    "timeZone": "UTC",
    "formulaGuard": True,
    "version": "0.1.0",
    "submitted": "2026-01-31T12:00:00.123456Z",
    "finished": "2026-01-31T12:00:03.456789Z",
    "expires": "2026-02-07T12:00:03.456789Z",
    "attempt": 1,
}
