"""Puts the sections together into docs/benchmarks.md: machine, versions, command, targets, tables. Measures nothing."""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Section, table

ABOUT = [
    "# Benchmarks",
    "",
    "Written by `{command}`; do not edit. Everything was measured side by side in one run, in rounds in which all take turns, after a",
    "warm-up; figures are medians, the spread is half the range of the middle half of the rounds. In-process figures are CPU time of",
    "one thread. Figures of another machine, or of a busy one, differ; their ratios hardly do.",
    "",
]


def page(command: str, machine: Sequence[str], sections: Sequence[Section]) -> str:
    lines = [line.format(command=command) for line in ABOUT]
    lines += [*machine, "", *_targets(sections)]
    for section in sections:
        lines += [f"## {section.title}", "", *section.lines]
    return "\n".join(lines).rstrip() + "\n"


def _targets(sections: Sequence[Section]) -> list[str]:
    verdicts = [verdict for section in sections for verdict in section.verdicts]
    rows = [
        [
            verdict.what,
            verdict.target,
            verdict.measured,
            "yes" if verdict.reached else "**no**",
            verdict.bound,
        ]
        for verdict in verdicts
    ]
    head = ["what", "target", "measured", "reached", "what bounds it"]
    return ["## Targets", "", *table(head, rows)]
