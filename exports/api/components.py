"""The contract's bodies as JSON Schema, for the OpenAPI description: exact, so that no property comes unannounced."""

from typing import Any

from archive.filters import DATE_NAMES, MOST_VALUES
from exports.api.representations import PROOF
from jobs.leased import JobStatus

Schema = dict[str, Any]

MILLISECONDS = {"type": "integer", "format": "int64", "description": "Epoch milliseconds."}
COUNT = {"type": "integer", "format": "int64", "minimum": 0}
MOMENT = {"type": "string", "format": "date-time"}
SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
PERCENT = {"type": "integer", "minimum": 0, "maximum": 100}


def _object(properties: Schema, *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    required = [name for name in properties if name not in optional]
    body: Schema = {"type": "object", "properties": properties, "additionalProperties": False} | more
    return body | ({"required": required} if required else {})


def _list(description: str, example: list[str]) -> Schema:
    return {
        "type": ["array", "null"],
        "items": {"type": "string", "pattern": r"\S"},
        "maxItems": MOST_VALUES,
        "description": f"{description} An empty list does not filter.",
        "examples": [example],
    }


def _dates(description: str) -> Schema:
    day = {"type": "string", "format": "date"}
    return _object(
        dict.fromkeys(DATE_NAMES, day),
        type=["object", "null"],
        description=description,
        examples=[{"dateAfter": "2023-01-01", "dateBefore": "2023-01-12"}],
    )


FILTER = _object(
    {
        "projects": _list("In a project with one of these keys, in upper or lower case.", ["FOO", "BAR"]),
        "archivedBy": _list("Archived by one of these account IDs.", ["uuid-rep-001"]),
        "archivedDateRange": _dates(
            "Archived from dateAfter 00:00 to just before dateBefore 00:00, in the site's time zone; "
            "dateAfter is the earlier one."
        ),
        "archivedDate": _dates("Another name of archivedDateRange; both are given only if they are equal."),
        "issueTypes": _list("Of one of these issue type IDs.", ["10001", "10002"]),
        "reporters": _list("Reported by one of these account IDs.", ["uuid-rep-001", "uuid-rep-002"]),
    },
    optional=("projects", "archivedBy", "archivedDateRange", "archivedDate", "issueTypes", "reporters"),
    description="Fields narrow together, the values inside a list widen. A value the archive does not know is refused.",
)

SUBMITTED = _object(
    {
        "taskId": {"type": "string", "pattern": "^[0-9]+$"},
        "status": {"type": "string", "enum": JobStatus.values},
        "progress": PERCENT,
        "submittedTime": {"type": "string", "format": "date-time"},
        "payload": {"type": "string", "description": "The filter as it was understood."},
        "fileUrl": {"type": "string", "format": "uri", "description": "Absent until the file exists."},
    },
    optional=("fileUrl",),
)

MANIFEST = _object(
    {
        "export": {"type": "string", "pattern": "^[0-9]+$"},
        "file": {"type": "string", "description": "The file's name when it is downloaded."},
        "rowsExpected": COUNT,
        "rowsWritten": COUNT,
        "bytes": COUNT,
        "sha256": SHA256,
        "asOf": MOMENT | {"description": "The moment the file shows."},
        "filter": {"type": "object", "description": "The filter as a body of exportArchivedIssues."},
        "payload": {"type": "string"},
        "timeZone": {"type": "string"},
        "formulaGuard": {"type": "boolean"},
        "version": {"type": "string", "description": "The portal's."},
        "submitted": MOMENT,
        "finished": MOMENT,
        "expires": MOMENT,
        "attempt": COUNT,
    }
)

RESULT = _object(
    {
        "fileUrl": {"type": "string", "format": "uri"},
        "rows": COUNT | {"description": "CSV records without the header."},
        "manifestUrl": {"type": "string", "format": "uri", "description": "What proves the file whole."},
        **{name: MANIFEST["properties"][name] for name in PROOF},
    }
)

PROGRESS = _object(
    {
        "self": {"type": "string", "format": "uri"},
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "description": {"type": "string"},
        "status": {"type": "string", "enum": JobStatus.values},
        "message": {"type": "string"},
        "result": {"$ref": "#/components/schemas/ExportResult"},
        "submittedBy": {"type": "integer", "format": "int64", "description": "The portal user's number."},
        "progress": PERCENT | {"description": "Percent; it never goes back."},
        "elapsedRuntime": {"type": "integer", "format": "int64", "minimum": 0, "description": "Milliseconds."},
        "submitted": MILLISECONDS,
        "started": MILLISECONDS,
        "finished": MILLISECONDS,
        "lastUpdate": MILLISECONDS,
    },
    optional=("result", "started", "finished"),
)

ERRORS = _object(
    {
        "errorMessages": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "What is wrong with which field.",
        },
    }
)

SCHEMAS: Schema = {
    "ArchivedIssuesFilterRequest": FILTER,
    "ExportArchivedIssuesTaskProgressResponse": SUBMITTED,
    "TaskProgressBeanObject": PROGRESS,
    "ExportResult": RESULT,
    "ExportManifest": MANIFEST,
    "ErrorCollection": ERRORS,
}
