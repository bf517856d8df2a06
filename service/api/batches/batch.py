"""`POST /v1/assessments/batch`: takes one incident per line and returns one answer per line, in the same order.

The whole body is read and its limits are checked before the answer begins. So a batch is never refused half way.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import IO, Any

import structlog
from flask import Response, g
from flask_smorest import Blueprint
from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable

from schemas.strict_json import write_json
from service.answering import Observer
from service.api.batches.line_count import LineCount
from service.api.body import JSON, check_headers, never_stored, read_body
from service.api.observers import observers_of_each
from service.api.problem_pages import documented
from service.api.requests.accept import Offered, negotiated, say_that_it_varies
from service.api.requests.parameters import OF_INCIDENTS, described, takes
from service.api.requests.posting import posting
from service.api.requests.prefer import PREFER_PARAMETER, say_what_was_applied
from service.api.running_batches import Progress, RunningBatches, TooManyBatches
from service.api.state import State, state
from service.asking.posted import Post
from service.config import BATCH_BYTES
from service.lines import assess_line, line_problem, numbered_lines
from service.reporting.profiles import PROFILES, Profile, profile_named
from service.serving.served_pack import Assessment

NDJSON = "application/x-ndjson"
FORMS = (NDJSON, "application/jsonl", "application/ndjson")
"""Names of one form: one JSON text a line."""
MAX_LINES = 10_000
IN_MEMORY_BYTES = 1024 * 1024
BLOCK_BYTES = 64 * 1024
RETRY_AFTER_SECONDS = 1
INCIDENTS = {"$ref": "#/components/schemas/Incident"}
ANSWERS = {
    "anyOf": [
        {"$ref": f"#/components/schemas/{name}"}
        for name in ("AssessmentLine", "ProblemLine", "ReportLine")
    ]
}
NO_ROOM = "this server cannot keep the batch: its temporary folder is full or cannot be written"


def _lines(schema: dict[str, Any]) -> dict[str, Any]:
    """For the OpenAPI document: a text whose lines are one JSON text each. `contentSchema` describes the texts as a list."""
    content = {"type": "array", "items": schema, "maxItems": MAX_LINES}
    form = {"format": "binary", "contentMediaType": NDJSON}  # binary: so generators stream it
    return {"type": "string", **form, "contentSchema": content}


blueprint = Blueprint("batches", __name__, url_prefix="/v1", description="Many incidents at once.")
_log = structlog.get_logger("tocsin")


@blueprint.route("/assessments/batch", methods=["POST"])
@blueprint.doc(
    operationId="assess_batch",
    summary="Assess many incidents, one JSON body per line",
    description="A wrong line gets a problem; the other lines are not affected. Blank lines get no answer.",
    parameters=[*described(OF_INCIDENTS), PREFER_PARAMETER],
    requestBody={"required": True, "content": {NDJSON: {"schema": _lines(INCIDENTS)}}},
    responses={
        "200": {
            "description": "One line for each posted line that is not blank: an AssessmentLine, or a ProblemLine. "
            "With a profile in Accept, such as `application/x-ndjson; profile=chat`, a ReportLine in place of an AssessmentLine",
            "content": {NDJSON: {"schema": _lines(ANSWERS)}},
        }
    },
)
@documented(blueprint, 400, 406, 413, 415, 422, 503)
@takes(OF_INCIDENTS)
def assess_batch() -> Response:
    check_headers(*FORMS)
    form, profile = _form()
    service = state()
    with ExitStack() as held:
        progress = _enter(held, service.batches)
        file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115, `_close` closes it
        held.callback(_close, file)
        try:
            lines = _spool(file)
        except OSError as error:
            raise ServiceUnavailable(NO_ROOM, retry_after=RETRY_AFTER_SECONDS) from error
        service.batches.begin_lines(progress, lines)
        answers = _answers(file, service, posting(), progress, g.request_id, profile)
        response = never_stored(Response(answers, mimetype=form))
        response.call_on_close(held.pop_all().close)
    return response


blueprint.after_request(say_what_was_applied)
blueprint.after_request(say_that_it_varies)


@dataclass
class Tally(Observer):
    """Counts a batch for its log line, which is written when the batch ends or its client disconnects. The request is logged before."""

    lines: int = 0
    problems: int = 0
    cross_checked: int = 0
    ignored: int | None = None
    digests: dict[str, str] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    def assessed(self, assessment: Assessment) -> None:
        self.lines += 1
        self.cross_checked += assessment.summary.cross_checked
        self.digests[assessment.summary.pack] = assessment.summary.digest
        if assessment.summary.ignored is not None:
            self.ignored = (self.ignored or 0) + assessment.summary.ignored

    def refused(self, error: Exception) -> None:
        self.lines += 1
        self.problems += 1

    def log(self, request_id: str) -> None:
        _log.info(
            "batch",
            request_id=request_id,
            lines=self.lines,
            problems=self.problems,
            cross_checked=self.cross_checked,
            milliseconds=round((time.perf_counter() - self.started) * 1000, 2),
            digests=self.digests,
            **({} if self.ignored is None else {"ignored": self.ignored}),
        )


OFFERED = tuple(Offered(form, profile) for profile in ("", *PROFILES) for form in (*FORMS, JSON))


def _form() -> tuple[str, Profile | None]:
    """The name of the form that Accept prefers, and the profile if each line is to be a report.

    Many clients always accept JSON only: each line is JSON.
    """
    chosen = negotiated(OFFERED)
    form = NDJSON if chosen.media_type == JSON else chosen.media_type
    return form, profile_named(chosen.profile)


def _enter(held: ExitStack, batches: RunningBatches) -> Progress:
    """Raises 503 if as many batches run as may."""
    try:
        return held.enter_context(batches.one_more())
    except TooManyBatches:
        raise ServiceUnavailable(
            "this server already processes as many batches as it accepts; try again later",
            retry_after=batches.seconds_until_one_ends(),
        ) from None


def _spool(file: IO[bytes]) -> int:
    """Writes the whole body into the file. Returns the number of lines that are not blank.

    Raises 413 if it is beyond the limits, and OSError if it cannot be written.
    """
    count = LineCount()
    for block in read_body(BATCH_BYTES):
        file.write(block)
        count.take(block)
        if count.lines > MAX_LINES:
            raise RequestEntityTooLarge(f"a batch may have at most {MAX_LINES} lines")
    file.seek(0)
    return count.lines


def _close(file: IO[bytes]) -> None:
    """A file on a full disk tries to write once more when it is closed."""
    with suppress(OSError):
        file.close()


def _answers(
    file: IO[bytes],
    service: State,
    post: Post,
    progress: Progress,
    request_id: str,
    profile: Profile | None,
) -> Iterator[bytes]:
    """Yields blocks of whole lines. All lines of one batch are judged by the same packs."""
    packs, block, tally = service.packs, bytearray(), Tally()
    observers = (*observers_of_each(service, request_id), tally)
    try:
        for number, line in numbered_lines(file):
            try:
                answer, _ = assess_line(line, number, packs, post, observers, profile)
            except Exception as error:  # status 200 is sent: the other lines still get answers
                _log.error("internal-error", request_id=request_id, line=number, exc_info=error)
                answer = line_problem(error, line, number, observers)
            block += write_json({**answer, "request_id": request_id}) + b"\n"
            progress.done += 1
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
        yield bytes(block)
    finally:
        tally.log(request_id)
