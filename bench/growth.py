"""Measures how the time of matching grows with the number of rules, facts and firing rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.contestant import Entry
from bench.figures import Section, Verdict, microseconds, table, times
from bench.match import Result, hold, synthetic_contest
from bench.ours import BOTH, REFERENCE
from bench.synthetic import Shape

BY_RULES = (100, 300, 1000)
BY_FACTS = (30, 60, 120, 240)
BY_FIRING = (1, 10, 100)
MIDDLE = 300
MOST_GROWTH = 12.0
Series = tuple[str, Sequence[int], Sequence[Result]]


def measured(entries: Sequence[Entry], rounds: int, folder: Path) -> list[Series]:
    """Each series with its steps and a result for each of them."""
    by_rules = [Shape(rules) for rules in BY_RULES]
    by_facts = [Shape(MIDDLE, facts=facts) for facts in BY_FACTS]
    by_firing = [Shape(MIDDLE, firing=firing) for firing in BY_FIRING]
    return [
        (name, steps, [_held(shape, entries, rounds, folder) for shape in shapes])
        for name, steps, shapes in (
            ("rules", BY_RULES, by_rules),
            ("facts", BY_FACTS, by_facts),
            ("firing rules", BY_FIRING, by_firing),
        )
    ]


def _held(shape: Shape, entries: Sequence[Entry], rounds: int, folder: Path) -> Result:
    name = f"{shape.rules}-{shape.facts}-{shape.firing}"
    return hold(synthetic_contest(shape, folder / name), entries, rounds)


def section(series: Sequence[Series]) -> Section:
    lines = [
        f"µs per incident as one number grows: rules (30 facts, 4 firing), facts ({MIDDLE} rules, 4 firing), firing rules ({MIDDLE} rules,",
        "30 facts). The last column is the last step divided by the first. Answers were compared here too.",
        "",
    ]
    for name, steps, results in series:
        head = [name, *(f"{step:,}" for step in steps), "growth"]
        lines += table(head, _rows(results))
    return Section("Growth", lines, list(_verdicts(series[0][2])))


def _rows(results: Sequence[Result]) -> Iterable[list[str]]:
    for name in results[0].timings:
        cells = [microseconds(result.seconds(name)) for result in results]
        yield [name, *cells, times(_growth(results, name))]


def _growth(results: Sequence[Result], name: str) -> float:
    return results[-1].seconds(name) / results[0].seconds(name)


def _verdicts(results: Sequence[Result]) -> Iterable[Verdict]:
    peers = [found.name for found in results[0].contestants if not found.ours]
    best = min(peers, key=lambda name: _growth(results, name))
    least = _growth(results, best)
    for name in (REFERENCE, BOTH):
        growth = _growth(results, name)
        reached = growth <= MOST_GROWTH and growth <= least
        yield Verdict(
            what=f"growth, 1,000 rules against 100: {name}",
            target=f"≤ {MOST_GROWTH:.0f}×, no worse than the best peer",
            measured=f"{times(growth)}; {best} {times(least)}",
            reached=reached,
            bound="" if reached else "the reference evaluates every rule each time",
        )
