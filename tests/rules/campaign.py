"""`make properties`: checks the promises of the default pack on many random incidents. It prints its seed first."""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.rules.promises import SEEN, Promises
from tests.rules.test_pr_crisis import pack

SHARE = 2_000
"""The number of incidents that are drawn from one seed."""
SHOWN = 20
TOLD = 20_000


def share(seed: int, number: int) -> tuple[list[str], list[int], list[int], Counter[str]]:
    promises = Promises.of(pack(), seed)
    return list(promises.broken(number)), promises.actions, promises.first_hour, promises.seen


def spread(what: str, counts: list[int]) -> str:
    parts = statistics.quantiles(counts, n=100)
    return f"{what}: median {parts[49]:.0f}, 95 % {parts[94]:.0f}, most {max(counts)}"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--incidents", type=int, default=200_000)
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--processes", type=int, default=2)
    chosen = options.parse_args()
    seed = secrets.randbelow(2**32) if chosen.seed is None else chosen.seed
    print(f"seed {seed}, {chosen.incidents} incidents", flush=True)
    parts = [min(SHARE, chosen.incidents - start) for start in range(0, chosen.incidents, SHARE)]
    broken: list[str] = []
    actions: list[int] = []
    first_hour: list[int] = []
    seen: Counter[str] = Counter()
    with ProcessPoolExecutor(chosen.processes) as pool:
        for found, asked, soon, kinds in pool.map(share, range(seed, seed + len(parts)), parts):
            broken += found
            actions += asked
            first_hour += soon
            seen += kinds
            if len(actions) % TOLD == 0:
                print(f"{len(actions)} incidents, {len(broken)} promises broken", flush=True)
    for sentence in broken[:SHOWN]:
        print(sentence)
    print(spread("actions in an answer", actions))
    print(spread("of them due within the hour", first_hour))
    print(", ".join(f"{kind}: {seen[kind]}" for kind in SEEN))
    print(f"promises broken: {len(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
