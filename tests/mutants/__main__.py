"""`make mutants`: plants each mistake in a copy of the tree and runs its tests. Exit status 1 if the tests of a mistake still pass."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants import Mutant, all_mutants, copy_of_tree

PASSED, FAILED = 0, 1
TIMEOUT_SECONDS = 600


def main() -> int:
    wanted = _options().only
    mutants = [m for m in all_mutants() if not wanted or m.name in wanted]
    started = time.monotonic()
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    with TemporaryDirectory(prefix="mutants-") as folder:
        if _run(copy_of_tree(Path(folder)), tests) != PASSED:
            print("the tests fail without any mutant, so no mutant can be judged", file=sys.stderr)
            return 2
    print(f"{len(tests)} files of tests pass without mutants", flush=True)
    survivors = [mutant.name for mutant in mutants if not _caught(mutant)]
    caught = len(mutants) - len(survivors)
    print(f"{caught} of {len(mutants)} mutants caught in {time.monotonic() - started:.0f} s")
    for name in survivors:
        print(f"SURVIVED {name}")
    return 1 if survivors else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="names of mutants; all if none is given")
    return parser.parse_args()


def _caught(mutant: Mutant) -> bool:
    started = time.monotonic()
    with TemporaryDirectory(prefix="mutants-") as folder:
        tree = copy_of_tree(Path(folder))
        mutant.apply(tree)
        outcome = _run(tree, mutant.tests)
    # A tree that cannot be imported does not count as caught.
    caught = outcome == FAILED
    word = "caught" if caught else f"SURVIVED ({outcome})"
    print(f"{time.monotonic() - started:5.0f} s  {word}  {mutant.name}", flush=True)
    return caught


def _run(tree: Path, tests: Iterable[str]) -> int | str:
    """Runs pytest in that tree up to the first failure. Returns its exit status."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
            cwd=tree,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_SECONDS,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return "hung"


if __name__ == "__main__":
    sys.exit(main())
