"""Puts the figures of bulk work into a page, between its two marks."""

from __future__ import annotations

from collections.abc import Sequence

BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"


def with_figures(page: str, lines: Sequence[str]) -> str:
    """The page with these lines between its marks. Raises ValueError if it has no marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page lacks {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}\n" + "\n".join(lines).rstrip() + f"\n\n{END}{after}"
