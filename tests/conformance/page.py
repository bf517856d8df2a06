"""docs/conformance.md: its rows of deviations are read, its figures are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from tests.conformance.outcome import Outcome
from tests.conformance.suites import Suite

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
Runs = Mapping[Suite, Sequence[Outcome]]


def deviations(page: str, suite: Suite) -> list[str]:
    """The tests of the suite that the page names as deviations. A `*` in a name stands for any characters."""
    section = re.split(r"^#+ ", page, flags=re.MULTILINE)
    found = next(part for part in section if part.startswith(f"{suite.title}\n"))
    table = found.split("| deviation | tests |\n", 1)
    if len(table) == 1:
        return []
    rows = [line.rpartition(" | ")[2] for line in table[1].splitlines() if line.startswith("| ")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def unexplained(outcomes: Sequence[Outcome], named: Sequence[str]) -> list[str]:
    """Tests that fail and have no row, and names in rows of which no test fails. Each is a line to print."""
    failing = [one for one in outcomes if one.verdict == "fails"]
    missing = [
        f"{one.test} has no row: {one.why}"
        for one in failing
        if not any(fnmatchcase(one.test, name) for name in named)
    ]
    tests = [one.test for one in failing]
    idle = [name for name in named if not any(fnmatchcase(test, name) for test in tests)]
    return [*missing, *(f"{name} has a row, but no such test fails" for name in idle)]


def with_figures(page: str, runs: Runs) -> str:
    """The page with the figures of these runs, and for each suite the table of what cannot be said."""
    page = _filled_in(page, "suites", _figures(runs))
    for suite, outcomes in runs.items():
        page = _filled_in(page, suite.title, _reasons(outcomes))
    return page


def _figures(runs: Runs) -> str:
    lines = [
        "| suite | commit | tests | cannot be said | pass | deviate |",
        "|---|---|---|---|---|---|",
    ]
    for suite, outcomes in runs.items():
        count = Counter(one.verdict for one in outcomes)
        cells = [
            f"[{suite.folder}]({suite.repository})",
            f"[{suite.commit[:12]}]({suite.repository}/commit/{suite.commit})",
            *(
                f"{n:,}"
                for n in (len(outcomes), count["cannot be said"], count["passes"], count["fails"])
            ),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _reasons(outcomes: Sequence[Outcome]) -> str:
    count = Counter(one.why for one in outcomes if one.verdict == "cannot be said")
    rows = [f"| {reason} | {number:,} |" for reason, number in count.most_common()]
    return "\n".join(["| what cannot be said | tests |", "|---|---|", *rows]) + "\n"


def _filled_in(text: str, mark: str, part: str) -> str:
    filled, found = re.subn(
        rf"(<!-- {re.escape(mark)} -->\n).*?(<!-- end -->)",
        lambda match: f"{match[1]}\n{part}\n{match[2]}",
        text,
        flags=re.DOTALL,
    )
    if found != 1:
        raise ValueError(f"the page has {found} places for {mark}")
    return filled
