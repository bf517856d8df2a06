"""Formats figures: Markdown tables, microseconds, rates and ratios; and the types of the page's parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One row of the table of targets. `bound` says what limits the figure."""

    what: str
    target: str
    measured: str
    reached: bool
    bound: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the page, and its rows in the table of targets."""

    title: str
    lines: Sequence[str]
    verdicts: Sequence[Verdict] = ()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_row(head), "|" + "---|" * len(head), *map(_row, rows), ""]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def microseconds(seconds: float) -> str:
    value = seconds * 1e6
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def times(ratio: float) -> str:
    return f"{ratio:.2f}×" if ratio < 10 else f"{ratio:.0f}×"


def rate(items_a_second: float) -> str:
    return f"{items_a_second:,.0f}"


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"
