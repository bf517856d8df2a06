"""`/metrics`: metrics of this server for Prometheus, summed over all its workers. They must not contain facts, or ids of incidents and requests."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from service.answering import Observer
from service.api.state import state
from service.engine.errors import EngineDisagreement
from service.metrics.families import (
    BOUNDS,
    About,
    Counter,
    Gauge,
    GaugeValues,
    GroupedCounter,
    Histogram,
    ReadCounter,
    Sums,
)
from service.metrics.log_lines import DROPPED
from service.metrics.sharing import SharedFigures
from service.metrics.snapshot import Snapshot
from service.serving.pack_watcher import PackWatcher
from service.serving.packs import Packs
from service.serving.served_pack import Assessment

REQUESTS = Counter("tocsin_requests", "Requests answered", "resource", "status")
SECONDS = Histogram("tocsin_request_seconds", "Seconds to answer a request", "resource")
ANSWERS = Counter("tocsin_answers", "Values of the answers' outputs", "pack", "output", "value")
PROVISIONAL = Counter("tocsin_provisional_answers", "Answers that are provisional", "pack")
FIRED = GroupedCounter("tocsin_rules_fired", "Rules fired", "pack", "rule")
IGNORED = Counter("tocsin_ignored_facts", "Mistakes in facts that lenient handling ignored", "pack")
CROSS_CHECKED = Counter(
    "tocsin_cross_checked_answers", "Answers on which two matchers agreed", "pack"
)
NOT_CROSS_CHECKED = Counter(
    "tocsin_not_cross_checked_answers", "Answers that one matcher alone judged", "pack"
)
DISAGREEMENTS = Counter("tocsin_engine_disagreements", "Answers refused: the matchers disagreed")
RELOADS = Counter("tocsin_reloads", "Swaps of packs", "outcome")
REFUSED = Counter("tocsin_refused_callers", "Requests refused for their token", "reason")
SUMMED = (
    *(REQUESTS, SECONDS, ANSWERS, PROVISIONAL, FIRED, IGNORED),
    *(CROSS_CHECKED, NOT_CROSS_CHECKED, DISAGREEMENTS, RELOADS, REFUSED, DROPPED),
)
KEEP_FAILURES = About(
    "tocsin_keep_failures", "Failures to keep a good version of a pack, or its proof", "counter"
)
PACK = About(
    "tocsin_pack", "1 for each version that serves, by its digest", "gauge", ("pack", "digest")
)
CROSS_CHECK_SHARE = About(
    "tocsin_cross_check_share",
    "The share of answers on which two matchers must agree; 0 with TOCSIN_ENGINE=reference",
    "gauge",
)
LOOKED = About(
    "tocsin_packs_last_look_timestamp_seconds",
    "When each worker last looked for changed packs and loaded what had changed; 0: never",
    "gauge",
    ("process",),
)

blueprint = Blueprint("metrics", __name__, description="Figures for a monitoring system.")


def figures(watcher: PackWatcher) -> SharedFigures:
    """The figures of an application. Those of its packs are read from the packs that serve when they are needed."""

    def packs() -> GaugeValues:
        served = watcher.present.served.values()
        return {(one.pack.name, one.pack.digest): 1.0 for one in served}

    def looked() -> GaugeValues:
        return {(str(os.getpid()),): watcher.last_look}

    def share() -> GaugeValues:
        return {(): watcher.cross_checked_share}

    failures = ReadCounter(KEEP_FAILURES, lambda: watcher.faults.count)
    gauges = [Gauge(PACK, packs), Gauge(CROSS_CHECK_SHARE, share), Gauge(LOOKED, looked)]
    return SharedFigures([*SUMMED, failures], gauges)


@blueprint.route("/metrics", methods=["GET"])
@blueprint.doc(
    operationId="metrics",
    summary="Read the metrics of this server",
    description="The figures of all workers of this server, in the text format of Prometheus.",
    responses={
        "200": {
            "description": "Metrics for Prometheus",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
def metrics() -> Response:
    registry = CollectorRegistry()
    registry.register(_Families(state().figures))
    response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


class _Families(Collector):
    """prometheus_client writes the text. It counts nothing here: its files for several processes are not safe on a full disk."""

    def __init__(self, shared: SharedFigures) -> None:
        self._shared = shared

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        found = self._shared.of_all()
        for about in self._shared.about:
            metric = Metric(about.name, about.help, about.kind)
            for values, numbers in sorted(_series(found, about).items()):
                # A worker of another version may count in another shape.
                if len(values) == len(about.labels) and len(numbers) == about.size:
                    _add_samples(metric, dict(zip(about.labels, values, strict=True)), numbers)
            yield metric


def _series(found: Snapshot, about: About) -> Sums:
    if about.kind == "gauge":
        return {labels: (value,) for labels, value in found.gauges.get(about.name, {}).items()}
    return found.sums.get(about.name, {})


def _add_samples(metric: Metric, labels: dict[str, str], numbers: Sequence[float]) -> None:
    if metric.type == "gauge":
        metric.add_sample(metric.name, labels, numbers[0])
    elif metric.type == "counter":
        metric.add_sample(f"{metric.name}_total", labels, numbers[0])
    else:
        *buckets, seconds = numbers
        counts = list(accumulate(buckets))
        for bound, count in zip((*map(repr, BOUNDS), "+Inf"), counts, strict=True):
            metric.add_sample(f"{metric.name}_bucket", {**labels, "le": bound}, count)
        metric.add_sample(f"{metric.name}_count", labels, counts[-1])
        metric.add_sample(f"{metric.name}_sum", labels, seconds)


def count_request(resource: str, status: int, seconds: float) -> None:
    REQUESTS.add(resource, str(status))
    SECONDS.observe(seconds, resource)


def count_refused_caller(reason: str) -> None:
    """`reason` is one of few: no text of a caller becomes a label."""
    REFUSED.add(reason)


class AnswerMetrics(Observer):
    """Counts the assessments: their lifted outputs and notices, whether they are provisional and cross-checked, rules that fired, ignored mistakes."""

    def assessed(self, assessment: Assessment) -> None:
        summary = assessment.summary
        pack = summary.pack
        at_top = (*summary.lifted.items(), *summary.notices.items())
        ANSWERS.add_each([(pack, name, _label(value)) for name, value in at_top])
        if summary.provisional:
            PROVISIONAL.add(pack)
        (CROSS_CHECKED if summary.cross_checked else NOT_CROSS_CHECKED).add(pack)
        FIRED.add_each(pack, summary.fired)
        if summary.ignored:
            IGNORED.add(pack, amount=summary.ignored)

    def refused(self, error: Exception) -> None:
        if isinstance(error, EngineDisagreement):
            DISAGREEMENTS.add()


def _label(value: Any) -> str:
    """An enum's value or a boolean. Of numbers and lists there may be any number, and each label is a series for ever."""
    if isinstance(value, bool | str | None):
        return str(value)
    return "number" if isinstance(value, int | float) else "list"


def count_reload(packs: Packs) -> None:
    RELOADS.add("broken" if packs.problems else "good")
