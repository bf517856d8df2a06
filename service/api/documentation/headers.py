"""What every answer has in the OpenAPI document: headers, and the problems of requests that do not arrive whole."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.components import reference
from schemas.strict_json import Json
from service.api.requests.prefer import HANDLINGS, PREFER_PARAMETER, PREFERENCE_APPLIED
from service.problem_details import TITLES

METHODS = ("get", "post")
REQUEST_ID = "X-Request-Id"
RETRY_AFTER = "Retry-After"
ETAG = "ETag"
HEADERS: Json = {
    REQUEST_ID: {
        "description": "The caller's own id if it has this form, else the trace id of `traceparent`, else a new one. It is also in the log.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    RETRY_AFTER: {
        "description": "The seconds after which to try again. It is there if the code is `busy`.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 60},
    },
    PREFERENCE_APPLIED: {
        "description": "The handling of wrong facts, if `Prefer` of the request asked for one.",
        "schema": {"type": "string", "enum": [f"handling={one}" for one in HANDLINGS]},
    },
    ETAG: {
        "description": "The version of this answer, for If-None-Match of the next request.",
        "required": True,
        "schema": {"type": "string"},
    },
}
IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of the version that the caller has",
    "schema": {"type": "string"},
}
NOT_ARRIVED = (400, 408)


def describe_headers(document: Json) -> None:
    """After all answers are described."""
    document["components"]["headers"] = HEADERS | document["components"].get("headers", {})
    for path, _, operation in operations(document):
        responses = operation["responses"]
        for status in NOT_ARRIVED:
            responses.setdefault(str(status), problem(status))
        if "503" in responses:
            _add(responses["503"], RETRY_AFTER)
        if path.startswith("/v1/packs"):
            _describe_versions(operation)
        for response in responses.values():
            _add(response, REQUEST_ID)
            if PREFER_PARAMETER in operation.get("parameters", ()):
                _add(response, PREFERENCE_APPLIED)


def problem(status: int) -> Json:
    content = {"application/problem+json": {"schema": reference("Problem")}}
    return {"description": TITLES[status], "content": content}


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Every operation with its path and method."""
    for path, methods in document["paths"].items():
        yield from ((path, name, methods[name]) for name in METHODS if name in methods)


def _describe_versions(operation: Json) -> None:
    about = "The caller has the newest version, as If-None-Match says"
    operation["responses"]["304"] = {"description": about}
    operation.setdefault("parameters", []).append({**IF_NONE_MATCH})
    for status in ("200", "304"):
        _add(operation["responses"][status], ETAG)


def _add(response: Json, header: str) -> None:
    response.setdefault("headers", {})[header] = {"$ref": f"#/components/headers/{header}"}
