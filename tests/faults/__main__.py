"""`make faults`: runs every fault campaign in full and prints its seed and counts. Exit 1 if a campaign has a failure."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.faults import campaign
from tests.faults.campaign import Outcome
from tests.faults.document import both_packs, hold_to_document
from tests.faults.slow_clients import slow_clients
from tests.server import Server, running

WORKERS, THREADS = 2, 4
"""The server's defaults."""
SLOW_REQUESTS = 300


def main() -> int:
    options = _options()
    print(f"seed {options.seed}", flush=True)
    found = 0
    with tempfile.TemporaryDirectory(prefix="tocsin-faults-") as name:
        for outcome in _campaigns(options, Path(name)):
            print(outcome, flush=True)
            if outcome.failures:
                print(outcome.details(), file=sys.stderr, flush=True)
                outcome.save()
            found += len(outcome.failures)
    print(f"{found} failures" + (f"; inputs are in {campaign.SAVED}" if found else ""))
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument(
        "--examples", type=int, default=500, help="random requests for each operation"
    )
    parser.add_argument(
        "--bodies", type=int, default=100_000, help="bodies in process; a tenth as many over HTTP"
    )
    parser.add_argument("--connections", type=int, default=100_000, help="mutated connections")
    parser.add_argument(
        "--packs", type=int, default=20_000, help="mutated packs; 1 %% as many by the command"
    )
    return parser.parse_args()


def _campaigns(options: argparse.Namespace, folder: Path) -> Iterator[Outcome]:
    seed, bodies, mutants = options.seed, options.bodies, options.packs
    packs = both_packs(folder / "packs")
    with running(packs, folder / "log", TOCSIN_LOG_LEVEL="info") as server:
        yield _document(seed, options.examples, server)
        yield campaign.bodies_over_http(seed, range(bodies, bodies + bodies // 10), server)
    with running(packs, folder / "slow") as server:
        outcome, figures = slow_clients(server, WORKERS * THREADS, SLOW_REQUESTS)
        print(figures)
        yield outcome
    yield campaign.mutated_connections(seed, range(options.connections))
    yield campaign.bodies_in_process(seed, range(bodies), packs, folder / "state")
    yield campaign.mutated_packs(seed, range(mutants), folder)
    yield campaign.checked_by_command(seed, range(mutants, mutants + mutants // 100), folder)


def _document(seed: int, examples: int, server: Server) -> Outcome:
    held = hold_to_document(server, seed, examples)
    failures = [] if held.well else [(-1, b"", held.report)]
    return Outcome("schemathesis", seed, held.requests, held.seconds, failures)


if __name__ == "__main__":
    sys.exit(main())
