"""`make conformance ARGS=DIR`: runs the suites in the folders that the caller has cloned under DIR, and writes the figures.

Exit status 1 if a test fails that docs/conformance.md does not name, or if it names one that does not fail.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.conformance.page import PAGE, deviations, unexplained, with_figures
from tests.conformance.suites import SUITES, Suite


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder with the cloned repositories")
    folder = parser.parse_args().folder
    absent = [suite for suite in SUITES if not (folder / suite.folder).is_dir()]
    for suite in absent:
        print(f"not there: git clone {suite.repository} {folder / suite.folder}", file=sys.stderr)
    if absent:
        return 2
    page = PAGE.read_text("utf-8")
    runs, lines = {}, []
    for suite in SUITES:
        _warn_of_another_commit(suite, folder / suite.folder)
        runs[suite] = list(suite.outcomes(folder / suite.folder))
        count = Counter(one.verdict for one in runs[suite])
        print(f"{suite.title}: {', '.join(f'{n:,} {what}' for what, n in sorted(count.items()))}")
        lines += [
            f"{suite.title}: {line}" for line in unexplained(runs[suite], deviations(page, suite))
        ]
    PAGE.write_text(with_figures(page, runs), "utf-8")
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


def _warn_of_another_commit(suite: Suite, folder: Path) -> None:
    """The page names one commit. A folder without .git, such as an unpacked archive, is taken as it is."""
    if not (folder / ".git").exists():
        return
    done = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    if done.stdout.strip() != suite.commit:
        print(
            f"{folder} is at {done.stdout.strip()}, the page names {suite.commit}", file=sys.stderr
        )


if __name__ == "__main__":
    sys.exit(main())
