"""Folders of packs come and go while the server runs without TOCSIN_PACK: the default pack stays the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from tests.faults.scenes.judging import on_every_worker, play_fault
from tests.faults.scenes.places import CHANGES, Kind, Place, copy_of_pack
from tests.faults.scenes.scene import Run, Scene

USUAL = Kind()
BACKUP = (("pack.yaml", "pack: backup", "pack: harbour"), *CHANGES)


def a_default_pack_whose_folder_is_moved_away_serves_on(run: Run) -> None:
    place = run.places.shared(USUAL)
    _suffer(run, place, _moved_away(place), lambda: _has_problem(place, "default-pack-gone"))


def a_new_pack_whose_name_sorts_first_is_not_the_default(run: Run) -> None:
    place = run.places.shared(USUAL)
    added = _added(place, "admiralty", CHANGES)
    _suffer(
        run,
        place,
        added,
        lambda: "admiralty" in _names(place),
        lambda: "admiralty" not in _names(place),
    )


def a_copy_of_a_pack_in_another_folder_does_not_serve_in_its_place(run: Run) -> None:
    place = run.places.shared(USUAL)
    _suffer(run, place, _added(place, "backup", BACKUP), lambda: _has_problem(place, "pack-twice"))


SCENES: Sequence[Scene] = (
    a_default_pack_whose_folder_is_moved_away_serves_on,
    a_new_pack_whose_name_sorts_first_is_not_the_default,
    a_copy_of_a_pack_in_another_folder_does_not_serve_in_its_place,
)


def _suffer(
    run: Run,
    place: Place,
    fault: AbstractContextManager[None],
    is_seen: Callable[[], bool],
    is_healed: Callable[[], bool] = lambda: True,
) -> None:
    play_fault(
        run,
        place,
        fault,
        lambda: on_every_worker(is_seen),
        lambda: on_every_worker(lambda: is_healed() and not place.problems()),
    )


def _has_problem(place: Place, code: str) -> bool:
    return any(one.endswith(f" {code}") for one in place.problems())


def _names(place: Place) -> set[str]:
    return {one["name"] for one in place.server.get("/readyz").json["packs"]}


@contextmanager
def _moved_away(place: Place) -> Iterator[None]:
    folder, aside = place.packs / "harbour", place.folder / "aside"
    folder.rename(aside)
    try:
        yield
    finally:
        aside.rename(folder)


@contextmanager
def _added(place: Place, name: str, changes: Sequence[tuple[str, str, str]]) -> Iterator[None]:
    new = copy_of_pack(place.folder / "new", name, changes)
    new.rename(place.packs / name)
    try:
        yield
    finally:
        shutil.rmtree(place.packs / name)
