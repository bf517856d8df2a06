"""`/metrics`: metrics of this server for Prometheus, summed over all its workers. They must not contain facts, or ids of incidents and requests."""

from __future__ import annotations

import os
import struct
import time
from contextlib import suppress
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from service.answering import Observer
from service.engine.errors import EngineDisagreement
from service.serving.packs import Packs
from service.serving.served_pack import Assessment

REQUESTS = Counter("tocsin_requests", "Requests answered", ["resource", "status"])
SECONDS = Histogram("tocsin_request_seconds", "Seconds to answer a request", ["resource"])
ANSWERS = Counter("tocsin_answers", "Values of the answers' outputs", ["pack", "output", "value"])
PROVISIONAL = Counter("tocsin_provisional_answers", "Answers that are provisional", ["pack"])
FIRED = Counter("tocsin_rules_fired", "Rules fired", ["pack", "rule"])
DISAGREEMENTS = Counter("tocsin_engine_disagreements", "Answers refused: the matchers disagreed")
RELOADS = Counter("tocsin_reloads", "Swaps of packs", ["outcome"])
PACK = Gauge(
    "tocsin_pack",
    "1 for each version that serves, by its digest",
    ["pack", "digest"],
    multiprocess_mode="livemax",
)

MOST_READINGS = 5
SECONDS_BETWEEN_READINGS = 0.05

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    return Response(_text(), content_type=CONTENT_TYPE_LATEST)


def _text() -> bytes:
    """Reads the metrics again if a file is empty: a worker that starts creates its file a moment before it writes."""
    for _ in range(MOST_READINGS - 1):
        with suppress(struct.error):
            return generate_latest(_registry())
        time.sleep(SECONDS_BETWEEN_READINGS)
    return generate_latest(_registry())


def _registry() -> CollectorRegistry:
    """The numbers of all workers if they share a folder for them (gunicorn.conf.py), else those of this process."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def count_request(resource: str, status: int, seconds: float) -> None:
    REQUESTS.labels(resource, str(status)).inc()
    SECONDS.labels(resource).observe(seconds)


class AnswerMetrics(Observer):
    """Counts the assessments: their lifted outputs, whether they are provisional, the rules that fired."""

    def assessed(self, assessment_id: str, assessment: Assessment) -> None:
        summary = assessment.summary
        for output, value in summary.lifted.items():
            ANSWERS.labels(summary.pack, output, str(value)).inc()
        if summary.provisional:
            PROVISIONAL.labels(summary.pack).inc()
        for rule in summary.fired:
            _fired(summary.pack, rule).inc()

    def refused(self, error: Exception) -> None:
        if isinstance(error, EngineDisagreement):
            DISAGREEMENTS.inc()


@lru_cache(maxsize=8192)
def _fired(pack: str, rule: str) -> Any:
    return FIRED.labels(pack, rule)


def count_packs(packs: Packs, before: Packs | None = None) -> None:
    """Sets 1 for the versions that serve now, and 0 for those that served `before` and no longer do."""
    for served in before.served.values() if before else ():
        PACK.labels(served.pack.name, served.pack.digest).set(0)
    for served in packs.served.values():
        PACK.labels(served.pack.name, served.pack.digest).set(1)


def count_reload(packs: Packs, before: Packs) -> None:
    RELOADS.labels("broken" if packs.problems else "good").inc()
    count_packs(packs, before)
