"""The figures of one process at one moment, and their form as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from service.metrics.families import GaugeValues, Labels, Sums


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The sums and the gauges by metric."""

    process: int
    sums: Mapping[str, Sums] = field(default_factory=dict)
    gauges: Mapping[str, GaugeValues] = field(default_factory=dict)
    added: tuple[int, ...] = ()
    """The numbers of the ended workers that were added to these sums last."""


def add(sums: Iterable[Mapping[str, Sums]]) -> dict[str, Sums]:
    """The sums of several processes. Numbers of another shape than those before are left out."""
    total: dict[str, dict[Labels, tuple[float, ...]]] = {}
    for one in sums:
        for name, series in one.items():
            into = total.setdefault(name, {})
            for labels, numbers in series.items():
                found = into.get(labels)
                if found is None:
                    into[labels] = tuple(numbers)
                elif len(found) == len(numbers):
                    into[labels] = tuple(a + b for a, b in zip(found, numbers, strict=True))
    return dict(total)


def to_bytes(snapshot: Snapshot) -> bytes:
    rows = {
        "process": snapshot.process,
        "sums": {name: list(series.items()) for name, series in snapshot.sums.items()},
        "gauges": {name: list(values.items()) for name, values in snapshot.gauges.items()},
        "added": snapshot.added,
    }
    return json.dumps(rows, separators=(",", ":")).encode()


def from_bytes(data: bytes) -> Snapshot:
    """Raises ValueError if this is no snapshot."""
    try:
        rows = json.loads(data)
        return Snapshot(
            int(rows["process"]),
            {
                name: {_labels(labels): tuple(map(float, numbers)) for labels, numbers in series}
                for name, series in rows["sums"].items()
            },
            {
                name: {_labels(labels): float(value) for labels, value in values}
                for name, values in rows["gauges"].items()
            },
            tuple(map(int, rows["added"])),
        )
    except (TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"this is no snapshot: {error!r}") from None


def _labels(found: Iterable[object]) -> Labels:
    return tuple(map(str, found))
