"""Measures how the time of matching grows with the number of rules, facts and firing rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.contestant import Entry
from bench.figures import Section, Verdict, microseconds, table, times
from bench.match import Result, hold, synthetic_contest
from bench.ours import BOTH, REFERENCE
from bench.synthetic import Shape

BY_RULES = (100, 300, 1000, 10_000)
BY_FACTS = (30, 60, 120, 240)
BY_FIRING = (1, 10, 100)
MIDDLE = 300
MOST_GROWTH = {1000: 1.3, 10_000: 3.0}
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
    by_rules = {len(result.contest.pack.rules): result for result in results}
    first, peers = results[0], [one.name for one in results[0].contestants if not one.ours]
    for rules, most in MOST_GROWTH.items():
        last = by_rules.get(rules)
        if last is None:
            continue
        best = min(peers, key=lambda name: _growth([first, last], name))
        growth = _growth([first, last], REFERENCE)
        yield Verdict(
            what=f"growth, {rules:,} rules against {len(first.contest.pack.rules)}: {REFERENCE}",
            target=f"≤ {most} ×",
            measured=f"{times(growth)}; {best} {times(_growth([first, last], best))}; "
            f"{BOTH} {times(_growth([first, last], BOTH))}",
            reached=growth <= most,
            bound="" if growth <= most else "masks of more bits, and more constants of each fact",
        )
