"""`make properties`: checks the promises of the default pack on many random incidents. It prints its seed first."""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.packs import default_pack
from tests.rules.promised_answers import SEEN
from tests.rules.promises import Promises

SHARE = 2_000
"""The number of incidents that are drawn from one seed."""
SHOWN = 20
TOLD = 20_000


MEDIAN, IN_95_OF_100 = 8, 12
"""The most actions due within the hour in half of the plausible incidents, and in 95 of 100."""


@dataclass(slots=True)
class Found:
    """The broken promises, and the counts of `Promises`."""

    broken: list[str] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    first_hour: list[int] = field(default_factory=list)
    first_hours: list[int] = field(default_factory=list)
    soon: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, other: Found) -> None:
        self.broken += other.broken
        self.actions += other.actions
        self.first_hour += other.first_hour
        self.first_hours += other.first_hours
        self.soon += other.soon
        self.seen += other.seen

    def too_many(self) -> bool:
        """Whether a plausible incident asks for more within the hour than a department can do."""
        half, most = shares(self.first_hours)
        return half > MEDIAN or most > IN_95_OF_100

    def lines(self) -> Iterator[str]:
        yield from self.broken[:SHOWN]
        yield spread("actions in an answer", self.actions)
        yield spread("of them due within the hour", self.first_hour)
        yield spread("in plausible incidents", self.first_hours)
        often = (
            f"{code} {many / len(self.first_hours):.0%}" for code, many in self.soon.most_common()
        )
        yield f"due within the hour there: {', '.join(often)}"
        yield ", ".join(f"{kind}: {self.seen[kind]}" for kind in SEEN)
        yield f"promises broken: {len(self.broken)}"


def share(seed: int, number: int) -> Found:
    promises = Promises.of(default_pack(), seed)
    broken = list(promises.broken(number))
    made = promises
    return Found(broken, made.actions, made.first_hour, made.first_hours, made.soon, made.seen)


def shares(counts: list[int]) -> tuple[float, float]:
    """The count that half of them do not exceed, and that 95 of 100 do not."""
    parts = statistics.quantiles(counts, n=100)
    return parts[49], parts[94]


def spread(what: str, counts: list[int]) -> str:
    half, most = shares(counts)
    return f"{what}: median {half:.0f}, 95 % {most:.0f}, most {max(counts)}"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--incidents", type=int, default=200_000)
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--processes", type=int, default=2)
    chosen = options.parse_args()
    seed = secrets.randbelow(2**32) if chosen.seed is None else chosen.seed
    print(f"seed {seed}, {chosen.incidents} incidents", flush=True)
    parts = [min(SHARE, chosen.incidents - start) for start in range(0, chosen.incidents, SHARE)]
    found = Found()
    with ProcessPoolExecutor(chosen.processes) as pool:
        for part in pool.map(share, range(seed, seed + len(parts)), parts):
            found.add(part)
            if len(found.actions) % TOLD == 0:
                print(f"{len(found.actions)} incidents, {len(found.broken)} broken", flush=True)
    print("\n".join(found.lines()))
    return 1 if found.broken or found.too_many() else 0


if __name__ == "__main__":
    sys.exit(main())
