"""Cuts the connections of a batch at random bytes: every incident must be answered once, in order.

`python -m tests.client.cuts 1000` does it with 1,000 seeds; the suite with one.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import chain, repeat
from pathlib import Path
from random import Random

import tocsin_http
from tests.client.asking import PACKS, SETTINGS, client_of, warm
from tests.client.listening import relay
from tests.server import running
from tocsin_http import Answer, Problem

INCIDENTS = 300
NEVER = 10**9


def answers(found: list[Answer | Problem]) -> list[Answer]:
    assert all(isinstance(one, Answer) for one in found)
    return [one for one in found if isinstance(one, Answer)]


def is_each_answered_once(found: list[Answer], count: int) -> bool:
    return [(one.line, one.incident_id) for one in found] == [(n + 1, str(n)) for n in range(count)]


def connections_until_all_are_answered(port: int, seed: int) -> int:
    """Each is cut in the head, in a line, between lines, or in the last bytes. The last ones are not cut."""
    random = Random(seed)
    cuts = (random.choice((1, 60, 400, 2_000, 9_000)) * random.random() for _ in range(40))
    with relay(port, chain(map(int, cuts), repeat(NEVER))) as seen, client_of(seen.port) as tocsin:
        found = answers(list(tocsin.batch(map(warm, range(INCIDENTS)), random.randint(20, 150))))
        assert is_each_answered_once(found, INCIDENTS), seed
        assert all(one.value("alarm") == _alarm(one) for one in found), seed
        assert tocsin.report(warm(1)).endswith("\n")
    return len(seen.asked)


def _alarm(answer: Answer) -> str:
    return "high" if int(answer.incident_id or "") % 3 == 0 else "none"


def main(seeds: int) -> None:
    """With eight threads a new batch seldom waits for the end of one that was cut."""
    tocsin_http.MOST_WAIT_SECONDS = 0.01
    settings = {**SETTINGS, "TOCSIN_THREADS": "8"}
    with (
        tempfile.TemporaryDirectory() as name,
        running(PACKS, Path(name) / "log", **settings) as server,
    ):
        count = sum(connections_until_all_are_answered(server.port, seed) for seed in range(seeds))
    print(f"{seeds} batches over {count} connections: no incident was lost or answered twice")


if __name__ == "__main__":
    main(int(sys.argv[1]))
