"""Incidents that take very long to judge, as many as the server has threads. Each ends, and other requests are answered."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.faults.scenes.clients import asking
from tests.faults.scenes.judging import judge, judge_health, on_every_worker
from tests.faults.scenes.places import Kind, Place
from tests.faults.scenes.scene import Run, Scene
from tests.packs import plain_pack
from tests.server import Server
from tests.waiting import eventually

WORKERS, THREADS = 2, 4
SECONDS_TO_END = 60.0
ELEMENTS = 256
PACK = """
pack: tides
version: 1.0.0
title: {en: Tides}
locale: en
timezone: UTC
answer: [level]
outputs:
  level:
    type: enum
    hit: priority
    default: low
    values: {worst: {level: 1}, high: {level: 2}, middle: {level: 3}, low: {level: 4}}
  score: {type: integer, hit: sum, default: 0}
  provisional: {type: boolean, hit: any, default: false}
  actions: {type: actions, hit: collect}
  blocked: {type: actions, hit: collect}
contingency: {output: level}
"""
FACTS = """
facts:
  a.texts: {type: list, of: string, text: {en: A}}
  b.texts: {type: list, of: string, text: {en: B}}
  c.numbers: {type: list, of: integer, text: {en: C}}
"""
RULES = """
rules:
  - {id: nested, when: "c.numbers.exists(x, c.numbers.exists(y, c.numbers.exists(z, x + y + z < 0)))", then: {score: 1}, because: {en: one}}
  - {id: worst, when: "a.texts.all(x, x in b.texts)", then: {level: worst}, because: {en: two}}
  - {id: high, when: "a.texts.exists(x, x in b.texts)", then: {level: high}, because: {en: three}}
  - {id: middle, when: "b.texts.all(x, x in a.texts)", then: {level: middle}, because: {en: four}}
"""
NESTED = {"c": {"numbers": [*range(1, ELEMENTS + 1)]}}
TWO_LISTS = {
    "a": {"texts": [f"{'x' * 24} a {number}" for number in range(ELEMENTS)]},
    "b": {"texts": [f"{'x' * 24} b {number}" for number in range(ELEMENTS)]},
}


def as_many_costly_incidents_as_threads_end_and_other_requests_are_answered(run: Run) -> None:
    """Meanwhile others wait for a thread, but each is answered. Half of the callers leave after a second."""
    with run.places.fresh(Kind()) as place:
        plain_pack(place.folder / "tides", RULES, pack=PACK, facts=FACTS)
        (place.folder / "tides").rename(place.packs / "tides")
        eventually(lambda: on_every_worker(lambda: _has_tides(place)))
        with (
            asking(place.server, place.versions.known, run.seed) as asked,
            ThreadPoolExecutor(2 * WORKERS * THREADS) as callers,
        ):
            asked.goes_on()
            started = time.monotonic()
            patient = [
                callers.submit(_ask, place.server, facts, SECONDS_TO_END)
                for facts in [NESTED, TWO_LISTS] * (WORKERS * THREADS // 2)
            ]
            left = [callers.submit(_ask, place.server, NESTED, 1.0) for _ in patient]
            found = [one.result() for one in patient]
            ended = time.monotonic()
            asked.goes_on()
            run.check(all(one.result() for one in left), "a caller did not leave")
        run.figures.append(f"{dict(Counter(found))} within {ended - started:.1f} s")
        for one in found:
            run.check(one in ("200", "500 budget-exceeded nested"), f"a costly incident: {one}")
        judge(run, asked, place.versions.digests[0], kills=0, seconds=SECONDS_TO_END)
        judge_health(run, place)


SCENES: Sequence[Scene] = (as_many_costly_incidents_as_threads_end_and_other_requests_are_answered,)


def _has_tides(place: Place) -> bool:
    return any(one["name"] == "tides" for one in place.server.get("/readyz").json["packs"])


def _ask(server: Server, facts: object, seconds: float) -> str:
    """The status, the code of a problem, and the rules that it names. The caller leaves after these seconds."""
    body = {"pack": "tides", "facts": facts, "contingency": True, "as_of": "2026-01-01T00:00:00Z"}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=seconds)
    headers = {"Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/assessments", json.dumps(body), headers)
        reply = connection.getresponse()
        answer = json.loads(reply.read())
    except TimeoutError:
        return "no answer"
    finally:
        connection.close()
    return " ".join([str(reply.status), *_problem(answer)])


def _problem(answer: dict[str, object]) -> list[str]:
    rules = answer.get("rules", [])
    assert isinstance(rules, list)
    return [str(answer["code"]), *rules] if "code" in answer else []
