"""The OpenAPI descriptions of the operations on exports: every answer with its headers and an example."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from accounts.openapi import CHALLENGE, COMMON_ERRORS, COMMON_HEADERS
from archive.filter_body import ArchivedIssuesFilterRequest
from archive.includes import PARAMETER, Include
from archive.search_text import LONGEST_TEXT
from core.openapi import Answers, answer, answer_header, refusal, retry_after
from exports.api.download_formats import CSV_TYPE, GZIP_TYPE, NDJSON_TYPE
from exports.api.examples import FINISHED, MANIFEST, SUBMITTED
from exports.api.serializers import ExportArchivedIssuesTaskProgressResponse, TaskProgressBeanObject
from exports.errors import AlreadyRunning, FileExpired, FileNotReady, JobEnded, JobNotFound, UnknownDownloadFormat
from exports.manifest import ExportManifest
from exports.options import FORMAT_PARAMETER, FileFormat

Decorator = Callable[[Any], Any]

TASK_ID = OpenApiParameter("task_id", str, OpenApiParameter.PATH, description="The task's number.")
INCLUDE = OpenApiParameter(
    PARAMETER,
    {"type": "array", "items": {"type": "string", "enum": Include.values}},
    explode=False,
    style="form",
    description="Details that the file includes as columns before `ArchivedBy`, named and written as in Jira Cloud's "
    "CSV with all fields. Without it, the file has Jira's columns alone.",
)
FORMAT = OpenApiParameter(
    FORMAT_PARAMETER,
    {"type": "string", "enum": FileFormat.values, "default": FileFormat.CSV.value},
    description="`ndjson`: an issue per line, as JSON in the shape of version 2 of Jira's API, with everything that "
    "the archive keeps. `include` then has no effect.",
)
SEARCH_TEXT = OpenApiParameter(
    "text",
    {"type": "string", "maxLength": LONGEST_TEXT},
    OpenApiParameter.QUERY,
    description="Only issues whose key, summary, description, environment, labels, components, versions, comments or "
    'custom fields have all of these words and "phrases". A word may end in `*`, which stands for the rest of it. Case '
    "and accents do not matter. Not part of Jira's API.",
    examples=[OpenApiExample("Two words and a phrase", value='printer jam* "second floor"')],
)
NOT_FOUND: Answers = {404: refusal("No such task.", str(JobNotFound(7)))}
NO_FILE = refusal("The task has no file: it is not complete.", str(FileNotReady(1010, "RUNNING")))
UNKNOWN_FORM = str(UnknownDownloadFormat("zip", ["excel", "gzip"]))

export_archived_issues: Decorator = extend_schema(
    operation_id="exportArchivedIssues",
    summary="Export archived issues",
    description="Requests a CSV of the archived issues that match the filter; `{}` matches all. The portal sends an "
    "email when the file is ready. Only one export runs at a time on the whole site, and an export contains at most "
    "1,000,000 issues.",
    tags=["Export"],
    request=ArchivedIssuesFilterRequest,
    parameters=[
        INCLUDE,
        FORMAT,
        SEARCH_TEXT,
        answer_header("Location", "The task's address.", [202]),
        retry_after(412, 429, 503),
        CHALLENGE,
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
    responses={
        202: answer(ExportArchivedIssuesTaskProgressResponse, "Accepted.", SUBMITTED),
        400: refusal(
            "The filter cannot be used.",
            "Your filter contains invalid values. projects: the archive has no project key 'NO'.",
            {"projects": "the archive has no project key 'NO'."},
        ),
        412: refusal("Another export is active.", str(AlreadyRunning(1010, 30))),
        413: refusal("More than 1 MiB.", "The request body is larger than 1 MiB."),
        415: refusal("Not JSON.", 'Unsupported media type "text/plain" in request.'),
    }
    | COMMON_ERRORS,
)

get_task: Decorator = extend_schema(
    operation_id="getTask",
    summary="Get task",
    description="The status and progress of an export. Its creator and admins can read it. When you poll, send the "
    "`ETag` back as `If-None-Match`: the answer is 304 while nothing has changed.",
    tags=["Export"],
    parameters=[
        TASK_ID,
        OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of an earlier answer."),
        answer_header("ETag", "Changes whenever the task changes.", [200, 304]),
        *COMMON_HEADERS,
    ],
    responses={
        200: answer(TaskProgressBeanObject, "The task.", FINISHED),
        304: OpenApiResponse(description="The task has not changed since the ETag that was sent."),
    }
    | NOT_FOUND
    | COMMON_ERRORS,
)

cancel_task: Decorator = extend_schema(
    operation_id="cancelTask",
    summary="Cancel task",
    description="A waiting task is CANCELLED at once; a running one is CANCEL_REQUESTED and stops in about a second.",
    tags=["Export"],
    request=None,
    parameters=[TASK_ID, *COMMON_HEADERS],
    responses={
        202: OpenApiResponse({"type": "object", "maxProperties": 0}, "Accepted."),
        400: refusal("It has ended.", str(JobEnded(1010, "COMPLETE"))),
    }
    | NOT_FOUND
    | COMMON_ERRORS,
)

download_file: Decorator = extend_schema(
    operation_id="downloadFile",
    summary="Download the file",
    description="The `fileUrl` of a complete task. `ETag` is the file's SHA-256. Use `Range` and `If-Range` to resume "
    "an interrupted download.",
    tags=["File"],
    parameters=[
        TASK_ID,
        OpenApiParameter(
            "form",
            {"type": "string", "enum": ["excel", "gzip"]},
            description="`excel`: the same bytes after a byte order mark. `gzip`: compressed, without Range.",
        ),
        OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="A single range of bytes."),
        OpenApiParameter("If-Range", str, OpenApiParameter.HEADER, description="The strong ETag of the first part."),
        answer_header("ETag", "The file's SHA-256.", [200, 206, 304]),
        answer_header("Content-Range", "The bytes that the answer holds.", [206, 416]),
        *COMMON_HEADERS,
    ],
    responses={
        (200, CSV_TYPE): OpenApiResponse({"type": "string"}, "The CSV."),
        (200, NDJSON_TYPE): OpenApiResponse({"type": "string"}, "The NDJSON, if that was the requested `format`."),
        (200, GZIP_TYPE): OpenApiResponse({"type": "string"}, "The file, compressed."),
        (206, CSV_TYPE): OpenApiResponse({"type": "string"}, "The requested range of bytes."),
        (206, NDJSON_TYPE): OpenApiResponse({"type": "string"}, "The requested range of bytes."),
        304: OpenApiResponse(description="The client already has this file."),
        400: refusal("Unknown format.", UNKNOWN_FORM),
        409: NO_FILE,
        410: refusal("The file has expired.", str(FileExpired(1010))),
        412: refusal("If-Match does not match the file's ETag.", "The file is not the one that If-Match names."),
        416: refusal("The range is outside the file.", "The range begins after the end of the file."),
    }
    | NOT_FOUND
    | COMMON_ERRORS,
)

get_manifest: Decorator = extend_schema(
    operation_id="getManifest",
    summary="Get the manifest",
    description="The filter, the number of issues counted and written, and the file's SHA-256. It remains available "
    "after the file has expired.",
    tags=["File"],
    parameters=[TASK_ID, *COMMON_HEADERS],
    responses={200: answer(ExportManifest, "The manifest.", MANIFEST), 409: NO_FILE} | NOT_FOUND | COMMON_ERRORS,
)

TASK_ID_SOURCES = {
    "exportArchivedIssues": ("202", "$response.body#/taskId"),
    "getTask": ("200", "$response.body#/id"),
}
"""The operations that name a task: in which answer, and where in it."""
LINKED_OPERATIONS = ("getTask", "cancelTask", "downloadFile", "getManifest")


def add_links(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook of drf-spectacular: link the answers that name a task to the operations on it."""
    for operations in result["paths"].values():
        for operation in operations.values():
            if operation["operationId"] in TASK_ID_SOURCES:
                _link(operation)
    return result


def _link(operation: dict[str, Any]) -> None:
    status, source = TASK_ID_SOURCES[operation["operationId"]]
    links = {}
    for name in LINKED_OPERATIONS:
        links[name] = {"operationId": name, "parameters": {"taskId": source}}
    operation["responses"][status]["links"] = links
