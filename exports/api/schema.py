"""The OpenAPI description: every operation with every answer, its headers and an example (OpenAPI 3.1)."""

import json
from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from accounts.scopes import READ, SCOPES
from exports.api.components import SCHEMAS
from exports.errors import AlreadyRunning, FileExpired, FileNotReady, JobEnded, JobNotFound

Decorator = Callable[[Any], Any]
Answers = dict[Any, OpenApiResponse]
JSON = "application/json"


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(name: str, description: str, example: object) -> OpenApiResponse:
    return OpenApiResponse(_ref(name), description, examples=[OpenApiExample("Example", value=example)])


def _refusal(description: str, sentence: str, fields: dict[str, str] | None = None) -> OpenApiResponse:
    return _answer("ErrorCollection", description, {"errorMessages": [sentence], "errors": fields or {}})


def _json(answers: dict[int, OpenApiResponse]) -> Answers:
    return {(status, JSON) if answer.response else status: answer for status, answer in answers.items()}


def _header(name: str, description: str, statuses: list[int], kind: Any = str) -> OpenApiParameter:
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, description=description, response=statuses, required=True
    )


JOB_ID = OpenApiParameter("job_id", str, OpenApiParameter.PATH, description="The task's number.")
TASK_ID = OpenApiParameter("task_id", str, OpenApiParameter.PATH, description="The task's number.")
ALWAYS = {
    401: _refusal("Not signed in.", "User is not logged in."),
    403: _refusal("Not an admin, or the token lacks the scope.", "User is not an admin."),
    429: _refusal("Too many wrong credentials.", "Too many failed sign-ins. Check e-mail and token, and try again…"),
    500: _refusal("An error nobody foresaw.", "Something went wrong on the server. … incident 0f1e2d3c4b5a."),
    503: _refusal("The database is slow or away.", "The portal cannot reach its database just now. Try again…"),
}
ALWAYS_HEADERS = [
    _header("WWW-Authenticate", "The ways to sign in.", [401]),
    _header("Retry-After", "Seconds to wait.", [429, 503], int),
]
NOT_FOUND = {404: _refusal("No such task.", str(JobNotFound(7)))}

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

export_archived_issues: Decorator = extend_schema(
    operation_id="exportArchivedIssues",
    summary="Export archived issues",
    description="Asks for a CSV of the archived issues that the filter selects; `{}` selects all. A mail says when it "
    "is ready. One export runs at a time on the whole site, and one holds at most 1,000,000 issues.",
    tags=["Export"],
    request={JSON: _ref("ArchivedIssuesFilterRequest")},
    parameters=[
        _header("Location", "The task's address.", [202]),
        _header("Retry-After", "Seconds to wait.", [412, 429, 503], int),
        ALWAYS_HEADERS[0],
    ],
    examples=[
        OpenApiExample(
            "Two projects",
            value={
                "projects": ["FOO", "BAR"],
                "archivedDateRange": {"dateAfter": "2023-01-01", "dateBefore": "2023-01-12"},
            },
            request_only=True,
        )
    ],
    responses=_json(
        {
            202: _answer("ExportArchivedIssuesTaskProgressResponse", "Accepted.", SUBMITTED),
            400: _refusal(
                "The filter cannot be used.",
                "Your filter contains invalid values. projects: the archive has no project key 'NO'.",
                {"projects": "the archive has no project key 'NO'."},
            ),
            412: _refusal("Another export is active.", str(AlreadyRunning(1010, 30))),
            413: _refusal("More than 1 MiB.", "The request body is larger than 1 MiB."),
            415: _refusal("Not JSON.", 'Unsupported media type "text/plain" in request.'),
        }
        | ALWAYS
    ),
)

get_task: Decorator = extend_schema(
    operation_id="getTask",
    summary="Get task",
    description="How far an export is, for its creator and for admins. Send the `ETag` back as `If-None-Match`, and "
    "polling costs next to nothing while nothing changes.",
    tags=["Export"],
    parameters=[
        TASK_ID,
        OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of an earlier answer."),
        _header("ETag", "Changes when the task does.", [200, 304]),
        *ALWAYS_HEADERS,
    ],
    responses=_json(
        {
            200: _answer("TaskProgressBeanObject", "The task.", FINISHED),
            304: OpenApiResponse(description="Nothing has changed since the ETag sent."),
        }
        | NOT_FOUND
        | ALWAYS
    ),
)

cancel_task: Decorator = extend_schema(
    operation_id="cancelTask",
    summary="Cancel task",
    description="A waiting task is CANCELLED at once; a running one is CANCEL_REQUESTED and stops in about a second.",
    tags=["Export"],
    request=None,
    parameters=[TASK_ID, *ALWAYS_HEADERS],
    responses=_json(
        {
            202: OpenApiResponse({"type": "object", "maxProperties": 0}, "Accepted."),
            400: _refusal("It has ended.", str(JobEnded(1010, "COMPLETE"))),
        }
        | NOT_FOUND
        | ALWAYS
    ),
)

FILE_TYPES = {"text/csv; charset=utf-8; header=present": "The CSV.", "application/gzip": "The CSV, compressed."}
download_file: Decorator = extend_schema(
    operation_id="downloadFile",
    summary="Download the file",
    description="The `fileUrl` of a complete task. `ETag` is the file's SHA-256; a download that broke off goes on "
    "with `Range` and `If-Range`.",
    tags=["File"],
    parameters=[
        JOB_ID,
        OpenApiParameter(
            "form",
            {"type": "string", "enum": ["excel", "gzip"]},
            description="`excel`: the same bytes behind a byte order mark. `gzip`: compressed, without Range.",
        ),
        OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range of bytes."),
        OpenApiParameter("If-Range", str, OpenApiParameter.HEADER, description="The strong ETag of the first part."),
        _header("ETag", "The file's SHA-256.", [200, 206, 304]),
        _header("Content-Range", "Which bytes.", [206, 416]),
        *ALWAYS_HEADERS,
    ],
    responses={
        **{(200, kind): OpenApiResponse({"type": "string"}, words) for kind, words in FILE_TYPES.items()},
        (206, "text/csv; charset=utf-8; header=present"): OpenApiResponse({"type": "string"}, "The range."),
        **_json(
            {
                304: OpenApiResponse(description="The client has this file."),
                400: _refusal(
                    "No such form.", "The file is not offered in the form 'zip': use excel or gzip, or none."
                ),
                409: _refusal("No file yet, or none at all.", str(FileNotReady(1010, "RUNNING"))),
                410: _refusal("The file has expired.", str(FileExpired(1010))),
                412: _refusal("If-Match names another file.", "The file is not the one that If-Match names."),
                416: _refusal("The range is outside of the file.", "The range begins after the end of the file."),
            }
            | NOT_FOUND
            | ALWAYS
        ),
    },
)

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
    "timeZone": "UTC",
    "formulaGuard": True,
    "version": "0.1.0",
    "submitted": "2026-01-31T12:00:00.123456Z",
    "finished": "2026-01-31T12:00:03.456789Z",
    "expires": "2026-02-07T12:00:03.456789Z",
    "attempt": 1,
}
get_manifest: Decorator = extend_schema(
    operation_id="getManifest",
    summary="Get the manifest",
    description="What was asked, counted, written and hashed. It stays when the file has expired.",
    tags=["File"],
    parameters=[JOB_ID, *ALWAYS_HEADERS],
    responses=_json(
        {
            200: _answer("ExportManifest", "The proof.", MANIFEST),
            409: _refusal("No file yet, or none at all.", str(FileNotReady(1010, "RUNNING"))),
        }
        | NOT_FOUND
        | ALWAYS
    ),
)


class BasicScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.ApiTokenAuthentication"
    name = "basicAuth"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "basic", "description": "User name: e-mail. Password: an API token."}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.BearerAuthentication"
    name = "OAuth2"
    priority = 1

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        return {self.name: [getattr(auto_schema.view, "required_scope", READ)]}

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        token = {"tokenUrl": "/oauth/token", "scopes": SCOPES}
        code = token | {"authorizationUrl": "/oauth/authorize", "refreshUrl": "/oauth/token"}
        return {"type": "oauth2", "flows": {"authorizationCode": code, "clientCredentials": token}}


FOLLOWED = {"exportArchivedIssues": ("202", "$response.body#/taskId"), "getTask": ("200", "$response.body#/id")}
FOLLOWING = ("getTask", "cancelTask", "downloadFile", "getManifest")


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: the contract's bodies, and its name for the one parameter in the paths."""
    result["components"]["schemas"] = SCHEMAS
    text = json.dumps(result).replace("task_id", "taskId").replace("job_id", "taskId")
    described: dict[str, Any] = json.loads(text)
    for methods in described["paths"].values():
        for operation in methods.values():
            _link(operation)
    return described


def _link(operation: dict[str, Any]) -> None:
    """Say which operations go on from this one, with the task it names."""
    if operation["operationId"] not in FOLLOWED:
        return
    status, source = FOLLOWED[operation["operationId"]]
    operation["responses"][status]["links"] = {
        name: {"operationId": name, "parameters": {"taskId": source}} for name in FOLLOWING
    }
