"""Measures decisions: from facts to the whole assessment, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.contest import AS_OF
from bench.figures import Section, Verdict, microseconds, percent, rate, table, times
from bench.incidents import case_bodies, complete_incidents
from bench.match import Result
from bench.ours import BOTH, REFERENCE
from bench.rounds import Task, Timing, side_by_side
from schemas.incident import load_incident
from schemas.strict_json import read_json
from service.engine.assess import Assessor
from service.engine.judging.cross_check import EngineName
from service.language.load import load_pack
from service.language.model import Pack
from service.serving.served_pack import ServedPack

LEAST_A_SECOND = 2500
CASES, COMPLETE = "public cases", "complete incidents"
BOTH_CASES = f"{BOTH}: {CASES}"
BOTH_COMPLETE = f"{BOTH}: {COMPLETE}"
ENGINES: dict[str, EngineName] = {REFERENCE: "reference", BOTH: "both"}
Ready = Sequence[tuple[Mapping[str, Any], datetime]]
"""Incidents in the form that `assess` takes."""


def pack_with_cases(folder: Path) -> Pack:
    pack, problems = load_pack(folder, with_cases=True)
    if pack is None:
        raise ValueError(f"the pack has problems: {problems[0]}")
    return pack


def measured(pack: Pack, rounds: int) -> dict[str, Timing]:
    incidents = {
        CASES: _cases(pack),
        COMPLETE: [(facts, AS_OF) for facts in complete_incidents(pack, 100)],
    }
    tasks = {
        f"{name}: {kind}": _task(Assessor(pack, engine), ready)
        for kind, ready in incidents.items()
        for name, engine in ENGINES.items()
    }
    return side_by_side(tasks, rounds)


def _cases(pack: Pack) -> Ready:
    served = ServedPack.of(pack, "reference")
    ready = []
    for body in case_bodies(pack):
        incident, _ = load_incident(read_json(body))
        loaded = served.facts.load(incident.facts)
        assert not loaded.errors, loaded.errors
        ready.append((loaded.values, incident.as_of or AS_OF))
    return ready


def _task(assessor: Assessor, incidents: Ready) -> Task:
    locale = assessor.pack.locale

    def decide() -> int:
        for facts, as_of in incidents:
            assessor.assess(facts, as_of, locale)
        return len(incidents)

    return decide


def section(timings: Mapping[str, Timing], default: Result) -> Section:
    """`default` is the result of matching with the same pack: the part that peers do."""
    peer = default.seconds(default.fastest_peer)
    rows = [
        [
            name,
            microseconds(timing.seconds),
            percent(timing.spread),
            rate(1 / timing.seconds),
            times(timing.seconds / peer),
        ]
        for name, timing in timings.items()
    ]
    lines = [
        "From facts to the whole assessment: outputs, actions with deadlines, guards, reasons, unknown facts and the outputs that they",
        "could change. The public cases are the pack's own: real incidents in which most facts are unknown. No peer does this. The last",
        f"column divides by the time in which the fastest peer ({default.fastest_peer}) finds the rules that fire, and nothing else.",
        "",
        *table(
            ["default pack", "µs per incident", "± spread", "a second and core", "÷ peer's match"],
            rows,
        ),
    ]
    return Section("Decide", lines, [_verdict(timings, default.seconds(BOTH))])


def _verdict(timings: Mapping[str, Timing], matched: float) -> Verdict:
    whole = timings[BOTH_COMPLETE].seconds
    cases = 1 / timings[BOTH_CASES].seconds
    complete = 1 / whole
    return Verdict(
        what="decide, default pack, both",
        target=f"≥ {LEAST_A_SECOND:,} a second and core",
        measured=f"{rate(cases)} (public cases), {rate(complete)} (complete incidents)",
        reached=min(cases, complete) >= LEAST_A_SECOND,
        bound=f"of {microseconds(whole)} µs for a complete incident matching takes {microseconds(matched)}; "
        "the parts are below",
    )
