"""`make campaign`: prints the seed, the progress and the figures. Exit status 1 if any two judges differ."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time

from service.engine.rete.matcher import available
from tests.campaigns.differential.run import Chunk, run
from tests.campaigns.differential.tally import TRUTHS, Total

PAIRS = 1_000_000
LEAST_SHARE = 0.2
WORDS = {True: "true", False: "false", None: "unknown"}


def main() -> int:
    options = _options()
    if not available():
        print("durable_rules does not import here, so nothing can be compared", file=sys.stderr)
        return 2
    seed = secrets.randbelow(10**9) if options.seed is None else options.seed
    print(f"seed {seed}, {options.pairs:,} unique pairs wanted", flush=True)
    started = time.monotonic()
    shown = _Progress(options.pairs, started)
    total, wrong = run(seed, options.pairs, options.processes, shown)
    _report(total, time.monotonic() - started)
    for chunk in wrong:
        _print_differences(seed, chunk)
    scarce = [WORDS[t] for t in TRUTHS if total.share(t) < LEAST_SHARE]
    if scarce:
        print(f"too few pairs were {' and '.join(scarce)}")
    return 1 if wrong or scarce else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="any number; the default is a random one")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


class _Progress:
    """Prints a line every ten seconds."""

    def __init__(self, pairs: int, started: float) -> None:
        self.pairs = pairs
        self.started = self.last = started

    def __call__(self, total: Total) -> None:
        now = time.monotonic()
        if now - self.last >= 10:
            self.last = now
            done = len(total.seen) / self.pairs
            print(
                f"{now - self.started:5.0f} s  {len(total.seen):>9,} pairs  {done:4.0%}", flush=True
            )


def _report(total: Total, seconds: float) -> None:
    shares = ", ".join(f"{WORDS[t]} {total.share(t):.1%}" for t in TRUTHS)
    print(f"{len(total.seen):,} unique pairs of condition and incident: {shares}")
    for name, number in sorted(total.compared.items()):
        print(f"  {name}: {number:,}")
    print(f"{seconds:.0f} s")


def _print_differences(seed: int, chunk: Chunk) -> None:
    for found in chunk.found:
        print(f"\nDIFFERENCE (seed {seed}, chunk {chunk.number})\n{found}")


if __name__ == "__main__":
    sys.exit(main())
