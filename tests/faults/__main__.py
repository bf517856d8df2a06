"""`make faults`: runs every fault campaign and scene in full and prints its seed and counts. Exit 1 if one has a failure."""

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
from tests.faults.scenes import (
    connections,
    incidents,
    logs,
    pack_files,
    state_folder,
    swaps,
    temporary_folder,
    which_serves,
)
from tests.faults.scenes.places import Places
from tests.faults.scenes.scene import Played, Run, play
from tests.server import Server, running

SCENES = (
    *swaps.SCENES,
    *pack_files.SCENES,
    *which_serves.SCENES,
    *state_folder.SCENES,
    *logs.SCENES,
    *temporary_folder.SCENES,
    *connections.SCENES,
    *incidents.SCENES,
)


def main() -> int:
    options = _options()
    print(f"seed {options.seed}", flush=True)
    found = 0
    with tempfile.TemporaryDirectory(prefix="tocsin-faults-") as name:
        if options.scenes != "none":
            found += _scenes(options.seed, Path(name) / "scenes")
        for outcome in _campaigns(options, Path(name)) if options.scenes != "only" else ():
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
    parser.add_argument(
        "--generated", type=int, default=10_000, help="packs generated from the schemas"
    )
    parser.add_argument(
        "--scenes", choices=["all", "only", "none"], default="all", help="only: no campaign"
    )
    return parser.parse_args()


def _scenes(seed: int, folder: Path) -> int:
    """Plays every scene, and names again those that were skipped. Returns the number of failed ones."""
    played: list[Played] = []
    with Places.of(folder / "places", seed) as places:
        for number, scene in enumerate(SCENES):
            one = play(scene, Run(places, folder / str(number), seed))
            print(one, flush=True)
            if one.failures:
                print(one.details(), file=sys.stderr, flush=True)
                one.save(campaign.SAVED)
            played.append(one)
    failed = sum(bool(one.failures) for one in played)
    skipped = [one for one in played if one.skipped]
    counts = f"{len(played) - failed - len(skipped)} ok, {failed} failed, {len(skipped)} skipped"
    print(f"scenes: {counts}", *(one.name for one in skipped), sep="\n  ", flush=True)
    return failed


def _campaigns(options: argparse.Namespace, folder: Path) -> Iterator[Outcome]:
    seed, bodies, mutants = options.seed, options.bodies, options.packs
    packs = both_packs(folder / "packs")
    with running(packs, folder / "log", TOCSIN_LOG_LEVEL="info") as server:
        yield _document(seed, options.examples, server)
        yield campaign.bodies_over_http(seed, range(bodies, bodies + bodies // 10), server)
    yield campaign.mutated_connections(seed, range(options.connections))
    yield campaign.bodies_in_process(seed, range(bodies), packs, folder / "state")
    yield campaign.mutated_packs(seed, range(mutants), folder)
    yield campaign.generated_packs(seed, range(options.generated), folder)
    yield campaign.checked_by_command(seed, range(mutants, mutants + mutants // 100), folder)


def _document(seed: int, examples: int, server: Server) -> Outcome:
    held = hold_to_document(server, seed, examples)
    failures = [] if held.well else [(-1, b"", held.report)]
    return Outcome("schemathesis", seed, held.requests, held.seconds, failures)


if __name__ == "__main__":
    sys.exit(main())
