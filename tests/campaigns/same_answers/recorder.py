"""Sends requests to the application of one tree and writes one line for each answer. Started as a script, in either tree.

It imports only `create_app` from the project and uses the application only through HTTP. So the same file runs in every
commit. It replaces the random `assessment_id` of an answer, and nothing else. With `--no-problem-texts` it also empties
the texts of problem documents. With `--whole` it writes the body, not only its hash.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

HEADERS = ("Content-Type", "Cache-Control", "Vary", "Allow", "Retry-After", "X-Request-Id")
UUID = rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
IN_JSON = re.compile(rb'^(\{"assessment_id":")' + UUID + rb'(?=")', re.MULTILINE)
"""The first key of an answer. Each line of a batch is an answer; a line feed inside a posted text is escaped."""
IN_REPORTS = re.compile(
    "((?:Answer|答复编号) )".encode() + UUID + "(?=(?:\\.|。)$)".encode(), re.MULTILINE
)
"""The end of a report. With `locale: both` there is one in each language."""
ID = rb"\1assessment-id"
TEXTS = frozenset(["title", "detail"])
TEXTS_OF_AN_ERROR = frozenset(["message", "hint"])
PROBLEM_KEYS = frozenset(["type", "title", "status", "code", "detail"])
"""Every problem document has them. No answer has them all."""


def main() -> None:
    tree, requests, options = Path(sys.argv[1]), Path(sys.argv[2]), frozenset(sys.argv[3:])
    from service import create_app

    client = create_app().test_client()
    _check_modules(tree.resolve())
    with requests.open(encoding="utf-8") as lines:
        for line in lines:
            print(json.dumps(_recorded(client, json.loads(line), options)), flush=True)


def _check_modules(tree: Path) -> None:
    """An installed copy of the project must not answer in place of the tree."""
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in ("service", "schemas") and not _inside(tree, module):
            raise SystemExit(f"{name} was imported from {module.__file__}, not from {tree}")


def _inside(tree: Path, module: ModuleType) -> bool:
    places = [module.__file__] if module.__file__ else list(module.__path__)
    return all(Path(place).resolve().is_relative_to(tree) for place in places)


def _recorded(client: Any, request: dict[str, Any], options: frozenset[str]) -> dict[str, Any]:
    answer = client.open(
        request["path"],
        method=request["method"],
        headers=request["headers"],
        data=request["body"].encode("utf-8", "surrogateescape"),
        buffered=True,
    )
    body = without_id(answer.data, answer.mimetype)
    if "--no-problem-texts" in options:
        body = without_problem_texts(body, answer.mimetype)
    recorded = {
        "number": request["number"],
        "status": answer.status_code,
        "headers": {name: answer.headers[name] for name in HEADERS if name in answer.headers},
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return recorded | (
        {"body": body.decode("utf-8", "backslashreplace")} if "--whole" in options else {}
    )


def without_id(body: bytes, mimetype: str) -> bytes:
    if mimetype == "text/markdown":
        return IN_REPORTS.sub(ID, body)
    return IN_JSON.sub(ID, body)


def without_problem_texts(body: bytes, mimetype: str) -> bytes:
    """The body with empty texts in its problem documents. In a batch each line can be one. All other bytes stay."""
    match mimetype:
        case "application/problem+json":
            return _without_texts(body)
        case "application/x-ndjson":
            return b"\n".join(map(_without_texts, body.split(b"\n")))
    return body


def _without_texts(document: bytes) -> bytes:
    if not document.startswith(b"{"):
        return document
    found = json.loads(document)
    if not found.keys() >= PROBLEM_KEYS:
        return document
    found = _emptied(found, TEXTS)
    if "errors" in found:
        found["errors"] = [_emptied(error, TEXTS_OF_AN_ERROR) for error in found["errors"]]
    return json.dumps(found).encode()


def _emptied(document: dict[str, Any], texts: frozenset[str]) -> dict[str, Any]:
    """A text that is there stays there, but empty: one that is missing in one tree is a difference."""
    return {key: "" if key in texts else value for key, value in document.items()}


if __name__ == "__main__":
    main()
