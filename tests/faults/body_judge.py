"""Sends bodies to the application, in a separate process or over HTTP, and checks its answers."""

from __future__ import annotations

import http.client
import json
from pathlib import Path

from service.api.application import make_app
from service.config import Config
from tests.faults.answers import NDJSON, Answers
from tests.faults.watched import Judge
from tests.server import Server

SINGLE, BATCH = "/v1/assessments", "/v1/assessments/batch"
KINDS = {SINGLE: "application/json", BATCH: NDJSON}
SECONDS = 60
"""Long, so that a slow machine does not count as a hang."""

Posted = tuple[str, bytes, str]
"""Path, body, and the media type in Accept."""


def in_process(packs: Path, state: Path) -> Judge:
    """Calls the WSGI application. The watched process makes it."""
    app = make_app(Config(packs=packs, state=state, log_level="error"))
    client = app.test_client()
    answers = Answers(json.loads(client.get("/openapi.json").data))

    def judge(posted: Posted) -> str:
        path, body, accept = posted
        headers = {"Content-Type": KINDS[path], "Accept": accept, **_handling(body)}
        reply = client.post(path, data=body, headers=headers, buffered=True)
        return _complaint(answers, posted, reply.status_code, reply.content_type or "", reply.data)

    return judge


class OverHttp:
    """Sends to a running server, over one connection until it breaks, then over a new one."""

    def __init__(self, server: Server) -> None:
        self._answers = Answers(server.get("/openapi.json").json)
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)

    def judge(self, posted: Posted) -> str:
        path, body, accept = posted
        headers = {"Content-Type": KINDS[path], "Accept": accept, **_handling(body)}
        try:
            self._connection.request("POST", path, body, headers)
            reply = self._connection.getresponse()
            kind = reply.getheader("Content-Type") or ""
            return _complaint(self._answers, posted, reply.status, kind, reply.read())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return f"no answer: {error!r}"

    def close(self) -> None:
        self._connection.close()


def _handling(body: bytes) -> dict[str, str]:
    """Every second body, by its length, is posted for lenient handling."""
    return {"Prefer": "handling=lenient"} if len(body) % 2 else {}


def _complaint(answers: Answers, posted: Posted, status: int, kind: str, body: bytes) -> str:
    path, sent, accept = posted
    try:
        if path == BATCH:
            return answers.batch(status, kind, body, sent)
        return answers.single(status, kind, body, accept) or _refused_for_facts(sent, status, body)
    except (ValueError, KeyError) as error:
        return f"no JSON of a known shape ({error!r}): {body[:300]!r}"


def _refused_for_facts(sent: bytes, status: int, body: bytes) -> str:
    if not _handling(sent) or status != 422:
        return ""
    only_facts = all(one["path"].startswith("facts.") for one in json.loads(body)["errors"])
    return f"refused for facts alone in lenient handling: {body[:300]!r}" if only_facts else ""
