"""Checks whether the OpenAPI document allows an answer of the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jsonschema_rs import validator_for

JSON, PROBLEM, NDJSON = "application/json", "application/problem+json", "application/x-ndjson"
MARKDOWN = "text/markdown"
INSIDE = ("Traceback", "marshmallow", "werkzeug", "flask", "durable", "site-packages", '.py"')


def closed(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas of a document without room for more keys. An answer of this version has no key that its document does not have."""
    return {
        name: {"additionalProperties": False, **schema} if "properties" in schema else schema
        for name, schema in schemas.items()
    }


class Answers:
    """The shapes of the document's answers. Every method returns what is wrong, or "" if nothing is."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        schemas = closed(document["components"]["schemas"])
        self._shapes = {
            name: validator_for(
                {
                    "$ref": f"#/components/schemas/{name}",
                    "components": {"schemas": schemas},
                },
                validate_formats=True,
            )
            for name in ("Assessment", "AssessmentLine", "Problem", "ProblemLine")
        }
        self._codes = {(one["status"], one["code"]) for one in document["x-problems"]}

    def single(self, status: int, kind: str, body: bytes, asked: str = JSON) -> str:
        """Allows an assessment with 200, a report with 200 if it was requested, or a 4xx problem with its own status."""
        if status == 200 and asked == MARKDOWN and kind.startswith(MARKDOWN):
            return "" if body.decode().strip() else "an empty report"
        if status != 200 and kind != PROBLEM:
            return f"{status} as {kind}"
        if status == 200 and kind != JSON:
            return f"200 as {kind}"
        return self._one(status, body)

    def batch(self, status: int, kind: str, body: bytes, posted: bytes) -> str:
        """Allows one such answer for each posted line that is not empty."""
        if status != 200 or kind != NDJSON:
            return self.single(status, kind, body) or ("" if status == 413 else f"status {status}")
        lines = body.splitlines()
        expected = [n for n, line in enumerate(posted.split(b"\n"), 1) if line.strip()]
        if len(lines) != len(expected):
            return f"{len(lines)} lines for {len(expected)}"
        found = (self._line(line, number) for line, number in zip(lines, expected, strict=True))
        return next(filter(None, found), "")

    def _line(self, line: bytes, number: int) -> str:
        answer = json.loads(line)
        if answer.get("line", number) != number:
            return f"line {answer['line']} for line {number}"
        return self._one(answer.get("status", 200), line, "Line")

    def _one(self, status: int, body: bytes, kind: str = "") -> str:
        text = body.decode()
        answer = json.loads(text)
        if status == 200:
            return self._misshapen(f"Assessment{kind}", answer)
        if status >= 500 or answer["status"] != status:
            return f"status {status}: {text[:300]}"
        if (status, answer["code"]) not in self._codes:
            return f"unknown code: {text[:300]}"
        told = answer["title"] + answer["detail"]
        leaked = next((word for word in INSIDE if word in told), "")
        return f"it contains {leaked}" if leaked else self._misshapen(f"Problem{kind}", answer)

    def _misshapen(self, shape: str, answer: Any) -> str:
        error = next(self._shapes[shape].iter_errors(answer), None)
        return f"no {shape}: {error.message}" if error else ""
