"""The worker's answers to requests that do not arrive or cannot be read: problem details, as whole HTTP messages."""

from __future__ import annotations

from http import HTTPStatus

from schemas.strict_json import write_json
from service.access.security_headers import SECURITY_HEADERS
from service.clock import new_uuid
from service.problem_details import details

RETRY_AFTER_SECONDS = 1


def early_answer(status: int, detail: str) -> bytes:
    """It closes the connection. With 503 it says when to try again. Without a detail the title is the detail."""
    request_id = new_uuid()
    code = "busy" if status == 503 else None
    body = write_json({**details(status, detail or None, code), "request_id": request_id})
    head = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        f"X-Request-Id: {request_id}",
        *(f"{name}: {value}" for name, value in SECURITY_HEADERS.items()),
        *([f"Retry-After: {RETRY_AFTER_SECONDS}"] if status == 503 else []),
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
