"""Assembles docs/benchmarks.md from the sections: machine, versions, command, targets, tables."""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Section, table

ABOUT = [
    "# Benchmarks",
    "",
    "Written by `{command}`; do not edit. Everything was measured in one run: after a warm-up, in rounds in which each task has its",
    "turn. Figures are medians; the spread is half the range of the middle half of the rounds. In-process figures are CPU time of one",
    "thread. Another machine, or a busy one, gives other figures but nearly the same ratios.",
    "",
]


def page(command: str, machine: Sequence[str], sections: Sequence[Section]) -> str:
    lines = [line.format(command=command) for line in ABOUT]
    lines += [*_at_a_glance(sections), "## The machine", "", *machine, "", *_targets(sections)]
    for section in sections:
        lines += [f"## {section.title}", "", *section.lines]
    return "\n".join(lines).rstrip() + "\n"


def _at_a_glance(sections: Sequence[Section]) -> list[str]:
    """The figures that most readers look for, on one screen."""
    verdicts = [verdict for section in sections for verdict in section.verdicts]
    rows = [[one.what, one.measured.partition(";")[0], one.target] for one in verdicts]
    reached = sum(one.reached for one in verdicts)
    return [
        f"{reached} of {len(verdicts)} targets are reached; what limits the others is said [below](#targets).",
        "",
        *table(["figure", "measured", "target"], rows),
    ]


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
    head = ["figure", "target", "measured", "reached", "limited by"]
    return ["## Targets", "", *table(head, rows)]
