"""Measures each part of one request, in a process that is set up like a worker of the server.

Run as a module it prints its timings as JSON. It needs a process of its own, so that nothing else of the bench runs there.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bench.contest import AS_OF
from bench.decide import pack_with_cases
from bench.figures import Section, microseconds, percent, table
from bench.http_load import ECHO, SINGLE, Rated
from bench.incidents import case_bodies
from bench.ours import BOTH
from bench.rounds import Task, Timing, side_by_side
from schemas.incident import load_incident
from schemas.strict_json import read_json, write_json
from service.answering import finish
from service.asking.posted import Posted
from service.engine.judging.cross_check import CrossCheck
from service.serving.served_pack import ServedPack
from tests.server import ROOT

PACK = ROOT / "rules" / "pr_crisis"
WSGI, ECHO_WSGI, BYTES = "whole application", "whole echo", "bytes of an answer"
Environ = dict[str, Any]


def measured(rounds: int) -> dict[str, Any]:
    """The timings by part and the mean size of an answer, from a process of its own."""
    with tempfile.TemporaryDirectory() as state:
        done = subprocess.run(
            [sys.executable, "-m", "bench.request_parts", str(rounds)],
            env={**os.environ, "TOCSIN_STATE": state},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    said = json.loads(done.stdout)
    parts = {name: Timing(tuple(part["rounds"])) for name, part in said["parts"].items()}
    return {"parts": parts, BYTES: said[BYTES]}


def section(found: Mapping[str, Any], rated: Rated | None) -> Section:
    parts: Mapping[str, Timing] = found["parts"]
    seconds = {name: timing.seconds for name, timing in parts.items()}
    rows = list(_rows(seconds, rated))
    whole = sum(taken for _, taken in rows)
    lines = [
        "The parts of a request: µs for one public case, default pack, both matchers, one worker. Each part was measured separately, or",
        "as the difference of two measurements, in turns. HTTP is the rest of the server's time for a request under load (1 worker, 8",
        f"connections). An answer has {found[BYTES]:,.0f} bytes.",
        "",
        *table(
            ["part", "µs", "share"],
            [[name, microseconds(taken), percent(taken / whole)] for name, taken in rows],
        ),
        f"The echo's application takes {microseconds(seconds[ECHO_WSGI])} µs of"
        + (
            f" its {microseconds(1 / rated[1, SINGLE, ECHO].a_second)} µs"
            if rated
            else " a request"
        )
        + ".",
        "",
    ]
    return Section("Parts of a request", lines)


def _rows(seconds: Mapping[str, float], rated: Rated | None) -> Iterable[tuple[str, float]]:
    """The parts in the order of a request. Parts that were measured together are separated by subtraction."""
    environment, reference = seconds["environment"], seconds["reference"]
    matched, assessed = seconds["both"], seconds["assess"]
    inside = [
        ("JSON in (strict reader)", seconds["read"]),
        ("body (marshmallow)", seconds["body"]),
        ("facts (marshmallow fields)", seconds["facts"]),
        ("environment: facts, assumptions, derived facts", environment),
        ("reference matcher, outputs", reference),
        ("rete matcher, comparison", matched - reference),
        (
            "relaxed judgement, guards, unknowns, wording, assembly",
            assessed - environment - matched,
        ),
        ("JSON out (dump)", seconds["write"]),
        ("metrics of the answer", seconds["metrics"]),
    ]
    yield from inside
    yield (
        "Flask: routing, hooks, log, response, and the rest of the application",
        seconds[WSGI] - sum(taken for _, taken in inside),
    )
    if rated:
        whole = 1 / rated[1, SINGLE, BOTH].a_second
        yield "HTTP: gunicorn, threads, sockets, and the load generator", whole - seconds[WSGI]


def _tasks(bodies: Sequence[bytes]) -> tuple[dict[str, Task], float]:
    from service.api.metrics import AnswerMetrics

    served = ServedPack.of(pack_with_cases(PACK), "both")
    program, pack = served.assessor.program, served.pack
    reference, both = CrossCheck(program, "reference"), CrossCheck(program, "both")
    data = [read_json(body) for body in bodies]
    incidents = [load_incident(item)[0] for item in data]
    loaded = [(served.facts.load(item.facts).values, item.as_of or AS_OF) for item in incidents]
    posted = [Posted(body, datetime.now(UTC)) for body in data]
    assessments = [served.assess(load_incident(one.body)[0], [], one) for one in posted]
    answers, metrics = [finish(one) for one in assessments], AnswerMetrics()

    def environments() -> list[list[Any]]:
        return [program.environment(facts, as_of)[0] for facts, as_of in loaded]

    ready = environments()
    tasks = {
        "read": _each(bodies, read_json),
        "body": _each(data, load_incident),
        "facts": _each(incidents, lambda incident: served.facts.load(incident.facts)),
        "environment": _each(loaded, lambda item: program.environment(item[0], item[1])),
        "reference": _each(ready, lambda environment: reference.judge(list(environment))),
        "both": _each(ready, lambda environment: both.judge(list(environment))),
        "assess": _each(loaded, lambda item: served.assessor.assess(item[0], item[1], pack.locale)),
        "write": _each(answers, write_json),
        "metrics": _each(assessments, lambda one: metrics.assessed(one)),
    }
    size = sum(len(write_json(answer)) for answer in answers) / len(answers)
    return tasks, size


def _each(items: Sequence[Any], work: Callable[[Any], Any]) -> Task:
    def task() -> int:
        for item in items:
            work(item)
        return len(items)

    return task


def _application(app: Any, bodies: Sequence[bytes]) -> Task:
    """Calls the WSGI application as a worker does, without a socket."""
    environs = [_environ(body) for body in bodies]

    def ask(given: tuple[Environ, bytes]) -> None:
        environ, body = given
        statuses: list[str] = []
        answer = app(
            {**environ, "wsgi.input": io.BytesIO(body)},
            lambda status, headers, error=None: statuses.append(status),
        )
        b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert statuses[0].startswith("200"), statuses

    return _each(list(zip(environs, bodies, strict=True)), ask)


def _environ(body: bytes) -> Environ:
    from werkzeug.test import EnvironBuilder

    return EnvironBuilder(
        "/v1/assessments", method="POST", data=body, content_type="application/json"
    ).get_environ()


def _main(rounds: int) -> None:
    from bench.echo import app as echo
    from service import create_app
    from service.config import read_config

    bodies = case_bodies(pack_with_cases(PACK))
    tasks, size = _tasks(bodies)
    config = read_config({**os.environ, "TOCSIN_PACKS": str(ROOT / "rules")})
    tasks[WSGI] = _application(create_app(config), bodies)
    tasks[ECHO_WSGI] = _application(echo, bodies)
    timings = side_by_side(tasks, rounds)
    json.dump({"parts": {name: asdict(t) for name, t in timings.items()}, BYTES: size}, sys.stdout)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
