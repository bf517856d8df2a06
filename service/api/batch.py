"""`POST /v1/assessments/batch`: one incident a line in, one answer a line out, in the same order.

The body is taken in whole and its limits checked before the answer begins, so nobody learns of them half way.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO

import structlog
from flask import Response, g
from flask_smorest import Blueprint
from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable

from schemas.strict_json import write_json
from service.answering import Observer, problem
from service.api.body import check_headers, read_body
from service.api.disagreement_alarm import RequestAlarm
from service.api.metrics import AnswerMetrics
from service.api.problem_pages import documented
from service.api.state import State, state
from service.lines import assess_line, numbered_lines
from service.serving.served_pack import Assessment

NDJSON = "application/x-ndjson"
MAX_BYTES = 32 * 1024 * 1024
MAX_LINES = 10_000
IN_MEMORY_BYTES = 1024 * 1024
BLOCK_BYTES = 64 * 1024
RETRY_AFTER_SECONDS = 1

blueprint = Blueprint("batches", __name__, url_prefix="/v1", description="Many incidents at once.")
_log = structlog.get_logger("tocsin")


@blueprint.route("/assessments/batch", methods=["POST"])
@blueprint.doc(
    operationId="assess_batch",
    summary="Assess many incidents, one JSON body a line",
    requestBody={"required": True, "content": {NDJSON: {"schema": {"type": "string"}}}},
    responses={
        "200": {
            "description": "A line for a line: an assessment, or a problem with its line number",
            "content": {NDJSON: {"schema": {"type": "string"}}},
        }
    },
)
@documented(blueprint, 400, 413, 415, 503)
def assess_batch() -> Response:
    """A line that is wrong gets its problem; the others are unharmed. Empty lines get nothing."""
    check_headers(NDJSON)
    service = state()
    with ExitStack() as held:
        if not service.batches.acquire(blocking=False):
            raise ServiceUnavailable(
                "as many batches as this server takes are under way; try again",
                retry_after=RETRY_AFTER_SECONDS,
            )
        held.callback(service.batches.release)
        file = held.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))
        _spool(file)
        response = Response(_answers(file, service, g.request_id), mimetype=NDJSON)
        response.call_on_close(held.pop_all().close)
    return response


@dataclass
class Tally(Observer):
    """What the log tells of a batch when it ends, or when its client has gone: its request line came before."""

    lines: int = 0
    problems: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    def assessed(self, assessment_id: str, assessment: Assessment) -> None:
        self.lines += 1
        self.digests[assessment.summary.pack] = assessment.summary.digest

    def refused(self, error: Exception) -> None:
        self.lines += 1
        self.problems += 1

    def log(self, request_id: str) -> None:
        _log.info(
            "batch",
            request_id=request_id,
            lines=self.lines,
            problems=self.problems,
            milliseconds=round((time.perf_counter() - self.started) * 1000, 2),
            digests=self.digests,
        )


def _spool(file: IO[bytes]) -> None:
    """The whole body, within its limits."""
    lines = 1
    for block in read_body(MAX_BYTES):
        file.write(block)
        lines += block.count(b"\n")
        if lines > MAX_LINES + block.endswith(b"\n"):
            raise RequestEntityTooLarge(f"a batch may have {MAX_LINES} lines")
    file.seek(0)


def _answers(file: IO[bytes], service: State, request_id: str) -> Iterator[bytes]:
    """Blocks of whole lines. All lines of one batch are judged by the same packs."""
    packs, block, tally = service.packs, bytearray(), Tally()
    observers = (AnswerMetrics(), tally, RequestAlarm(service.disagreements, request_id))
    try:
        for number, line in numbered_lines(file):
            now, assessment_id = service.clock(), service.new_id()
            try:
                answer, _ = assess_line(line, number, packs, now, assessment_id, observers)
            except Exception as error:  # 200 is said already: the other lines still get answers
                _log.error("internal-error", request_id=request_id, line=number, exc_info=error)
                answer = problem(error, observers, line=number)
            block += write_json(answer) + b"\n"
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
        yield bytes(block)
    finally:
        tally.log(request_id)
