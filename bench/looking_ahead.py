"""Measures how much time the contingency and the full explanation add to an answer, for each incident."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.contest import AS_OF
from bench.figures import Section, Verdict, table
from schemas.incident import load_incident
from service.engine.assess import Assessor
from service.language.model import Pack
from service.serving.served_pack import ServedPack

MOST_MILLISECONDS = 50.0
CONTINGENCY, EXPLANATION = "contingency", "explain: full"
Incident = tuple[Mapping[str, Any], datetime]


@dataclass(frozen=True)
class Added:
    """By requested part, a list with one number for each incident: the milliseconds with the part minus those without it."""

    milliseconds: Mapping[str, Sequence[float]]


def measured(pack: Pack, repeats: int) -> Added:
    """CPU time for each case of the pack: the least of the repeats."""
    assessor, incidents = Assessor(pack), list(_incidents(pack))
    bare, *asked = [
        [_least(assessor, incident, name, repeats) for incident in incidents]
        for name in ("", CONTINGENCY, EXPLANATION)
    ]
    return Added(
        {
            name: [(more - less) * 1000 for more, less in zip(found, bare, strict=True)]
            for name, found in zip((CONTINGENCY, EXPLANATION), asked, strict=True)
        }
    )


def _incidents(pack: Pack) -> Sequence[Incident]:
    served = ServedPack.of(pack, "reference")
    loaded = []
    for case in pack.cases:
        incident, _ = load_incident({"as_of": case.as_of.isoformat(), "facts": case.facts})
        loaded.append((served.facts.load(incident.facts).values, incident.as_of or AS_OF))
    return loaded


def _least(assessor: Assessor, incident: Incident, asked: str, repeats: int) -> float:
    facts, as_of = incident
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        assessor.assess(
            facts,
            as_of,
            assessor.pack.locale,
            explain=asked == EXPLANATION,
            contingency=asked == CONTINGENCY,
        )
        taken.append(time.process_time() - start)
    return min(taken)


def section(added: Added) -> Section:
    rows = [
        [name, f"{statistics.median(found):.1f}", f"{_share(found):.1f}", f"{max(found):.1f}"]
        for name, found in added.milliseconds.items()
    ]
    count = len(next(iter(added.milliseconds.values())))
    lines = [
        f"Milliseconds of CPU time that each requested part adds to an answer of the default pack, over its {count} cases, with both",
        "matchers. For each case the least of several repeats.",
        "",
        *table(["requested", "median", "99 of 100 at most", "at most"], rows),
    ]
    most = max(added.milliseconds[CONTINGENCY])
    verdict = Verdict(
        what=f"{CONTINGENCY}, default pack",
        target=f"≤ {MOST_MILLISECONDS:.0f} ms",
        measured=f"{most:.1f} ms at most",
        reached=most <= MOST_MILLISECONDS,
    )
    return Section("Contingency and explanation", lines, [verdict])


def _share(found: Sequence[float]) -> float:
    return sorted(found)[min(len(found) - 1, len(found) * 99 // 100)]
