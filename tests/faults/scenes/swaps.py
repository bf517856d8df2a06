"""The link to the packs folder leads to one version, then to the other, again and again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.scenes.clients import Asked, asking
from tests.faults.scenes.judging import judge, judge_health, kill_a_worker
from tests.faults.scenes.places import Kind, Place
from tests.faults.scenes.scene import Run, Scene

CLIENTS = 16
SECONDS_TO_SERVE = 2.0
SECONDS_AFTER = 1.0
LAST_SWAPS = 4


def links_swapped_every_tenth_of_a_second_mix_no_versions(run: Run) -> None:
    """After the last swap all workers serve the version that lies there, within two seconds."""
    with run.places.fresh(Kind()) as place:
        link = _linked(place)
        with asking(place.server, place.versions.known, run.seed, CLIENTS) as asked:
            _swap_for(place, link, seconds=60, pause=0.1)
            late = [_last_swap(run, place, asked, link, number % 2) for number in range(LAST_SWAPS)]
        run.figures.append(f"the old version answered for {max(late):.1f} s after the last swaps")
        judge(run, asked, _both(place), kills=0, clients=CLIENTS)
        judge_health(run, place)


def links_swapped_every_second_let_both_versions_serve(run: Run) -> None:
    with run.places.fresh(Kind()) as place:
        link = _linked(place)
        with asking(place.server, place.versions.known, run.seed, CLIENTS) as asked:
            _swap_for(place, link, seconds=30, pause=1.0)
        judge(run, asked, _both(place), kills=0, clients=CLIENTS)
        judge_health(run, place)
        shares = [_share(asked, digests) for digests in place.versions.digests[:2]]
        run.figures.append(f"the versions gave {shares[0]:.0%} and {shares[1]:.0%} of the answers")
        run.check(min(shares) > 0, "one version never served")


def workers_killed_while_links_are_swapped_are_replaced_and_mix_no_versions(run: Run) -> None:
    with run.places.fresh(Kind()) as place:
        link, kills = _linked(place), 1 if run.short else 5
        with asking(place.server, place.versions.known, run.seed, CLIENTS) as asked:
            for _ in range(kills):
                _swap_for(place, link, seconds=1, pause=0.1)
                kill_a_worker(place)
        judge(run, asked, _both(place), kills=kills, clients=CLIENTS)
        judge_health(run, place)


SCENES: Sequence[Scene] = (
    links_swapped_every_tenth_of_a_second_mix_no_versions,
    links_swapped_every_second_let_both_versions_serve,
    workers_killed_while_links_are_swapped_are_replaced_and_mix_no_versions,
)


def _both(place: Place) -> frozenset[str]:
    return frozenset().union(*place.versions.digests[:2])


def _linked(place: Place) -> Path:
    """Makes the folder of packs a link to the first version."""
    place.packs.rename(place.folder / "before")
    place.packs.symlink_to(place.versions.folders[0])
    return place.packs


def _swap(link: Path, target: Path) -> None:
    new = link.with_name("new")
    new.symlink_to(target)
    new.replace(link)


def _swap_for(place: Place, link: Path, seconds: float, pause: float) -> None:
    ends, number = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        number += 1
        _swap(link, place.versions.folders[number % 2])
        time.sleep(pause)


def _last_swap(run: Run, place: Place, asked: Asked, link: Path, version: int) -> float:
    """The seconds until the old version answered for the last time."""
    _swap(link, place.versions.folders[version])
    swapped = time.monotonic()
    time.sleep(SECONDS_TO_SERVE + SECONDS_AFTER)
    digests = place.versions.digests[version]
    found = [(one.sent - swapped, one.digest in digests) for one in asked.answers if one.digest]
    run.check(
        any(new and at > SECONDS_TO_SERVE for at, new in found), "no answer by what lies there"
    )
    late = max((at for at, new in found if not new), default=0.0)
    run.check(
        late <= SECONDS_TO_SERVE, f"the old version answered {late:.1f} s after the last swap"
    )
    return late


def _share(asked: Asked, digests: frozenset[str]) -> float:
    return sum(one.digest in digests for one in asked.answers) / len(asked.answers)
