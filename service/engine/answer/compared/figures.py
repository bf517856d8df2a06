"""The figures of the pack's trend: their known values, and how they differ from those of the previous answer."""

from __future__ import annotations

import math
from collections.abc import Iterator

from schemas.previous import Figure, Previous
from schemas.strict_json import Json
from service.engine.answer.findings import Findings


def figures(findings: Findings) -> Json:
    """The known figures by fact. `previous.figures` of the next request takes them back."""
    return {
        name: {
            "text": findings.words.facts[name],
            "value": figure.value,
            "measured_at": findings.plain(figure.measured_at),
        }
        for name, figure in known_figures(findings)
    }


def known_figures(findings: Findings) -> Iterator[tuple[str, Figure]]:
    """In the order of the pack's trend. What is only assumed is no measured figure; one of a single page is none of all."""
    environment, slots = findings.judgement.environment, findings.program.layout.facts
    for name in findings.pack.trend:
        value = environment[slots[name]]
        if value is not None and name not in findings.assumed:
            told = findings.reported.get(name)
            if told and told.scope == "page":
                continue
            yield name, Figure(value, told.measured_at if told else None)


def changed_figures(findings: Findings, previous: Previous) -> Iterator[Json]:
    """An entry for each figure that both answers know, with different values."""
    for name, now in known_figures(findings):
        before = previous.figures.get(name)
        if before is not None and before.value != now.value:
            yield {
                "name": name,
                "text": findings.words.facts[name],
                "from": before.value,
                "to": now.value,
                "from_text": findings.words.value(name, before.value),
                "to_text": findings.words.value(name, now.value),
                "direction": "up" if now.value > before.value else "down",
                "percent": percent_of_growth(before.value, now.value),
                "from_measured_at": findings.plain(before.measured_at),
                "to_measured_at": findings.plain(now.measured_at),
            }


def percent_of_growth(before: int | float, now: int | float) -> float | None:
    """None where the figure was 0, or the per cent are no finite number."""
    if before == 0:
        return None
    percent = (now - before) / abs(before) * 100
    return round(percent, 1) if math.isfinite(percent) else None
