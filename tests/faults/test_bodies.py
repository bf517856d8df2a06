"""Broken bodies get a problem or an assessment in time. The application does not fail and no worker ends."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.answers import Answers
from tests.faults.bodies import Bodies
from tests.faults.campaign import bodies_in_process, bodies_over_http
from tests.faults.document import both_packs
from tests.faults.watched import Judge, Watched
from tests.server import running

SEED = 1


def test_the_application_survives_mutated_bodies(tmp_path: Path) -> None:
    packs = both_packs(tmp_path / "packs")
    outcome = bodies_in_process(SEED, range(500), packs, tmp_path / "state")
    assert outcome.failures == [], outcome.details()


def test_the_server_survives_mutated_bodies_with_the_same_workers(tmp_path: Path) -> None:
    with running(both_packs(tmp_path / "packs"), tmp_path / "log") as server:
        outcome = bodies_over_http(SEED, range(300), server)
    assert outcome.failures == [], outcome.details()


def test_a_seed_and_a_number_are_always_the_same_body() -> None:
    one, other = Bodies(7), Bodies(7)
    assert [one.body(n) for n in range(99)] == [other.body(n) for n in range(99)]
    assert one.batch(3) == other.batch(3)
    assert Bodies(8).body(3) != one.body(3)


def _ill_judge() -> Judge:
    def judge(given: Any) -> str:
        match given:
            case "hang":
                time.sleep(3600)
            case "die":
                raise SystemExit(3)
        return ""

    return judge


def test_a_hang_and_a_crash_are_found_and_the_campaign_goes_on() -> None:
    watched = Watched(_ill_judge, seconds=2)
    try:
        assert watched.judge("hang") == "hang: no answer within 2 s"
        assert watched.judge("die") == "crash: the process ended with 3"
    finally:
        watched.close()
    watched = Watched(_ill_judge, seconds=60)
    try:
        assert watched.judge("well") == ""
    finally:
        watched.close()


ASSESSMENT = {"required": ["grade"], "properties": {"grade": {}}}
PROBLEM_SHAPE = {"required": ["status", "code"]}
SHAPES = {
    **dict.fromkeys(("Assessment", "AssessmentLine"), ASSESSMENT),
    **dict.fromkeys(("Problem", "ProblemLine"), PROBLEM_SHAPE),
}
DOCUMENT: dict[str, Any] = {
    "components": {"schemas": SHAPES},
    "x-problems": [{"status": 400, "code": "invalid-json"}],
}
PROBLEM = "application/problem+json"
FAULTY = {
    "a server error": (500, PROBLEM, b'{"status": 500, "code": "internal-error"}'),
    "another status in the body": (400, PROBLEM, b'{"status": 422, "code": "invalid-json"}'),
    "an unknown code": (400, PROBLEM, b'{"status": 400, "code": "new"}'),
    "a problem as JSON": (400, "application/json", b'{"status": 400, "code": "invalid-json"}'),
    "half an assessment": (200, "application/json", b"{}"),
    "a key that the document lacks": (200, "application/json", b'{"grade": {}, "mood": 1}'),
    "an assessment as text": (200, "text/html", b'{"grade": {}}'),
    "an internal name": (
        400,
        PROBLEM,
        b'{"status": 400, "code": "invalid-json", "title": "", "detail": "in werkzeug"}',
    ),
}


@pytest.mark.parametrize(("status", "kind", "body"), FAULTY.values(), ids=FAULTY)
def test_the_judge_of_answers_reports(status: int, kind: str, body: bytes) -> None:
    assert Answers(DOCUMENT).single(status, kind, body)
    if kind == PROBLEM and b"werkzeug" not in body:
        line = body[:-1] + b', "line": 2}'
        assert Answers(DOCUMENT).batch(200, "application/x-ndjson", line, b"\nx")


def test_the_judge_of_answers_counts_the_lines_of_a_batch() -> None:
    lines = Answers(DOCUMENT)
    assert lines.batch(200, "application/x-ndjson", b'{"grade": {}}\n', b"x\ny") == "1 lines for 2"
