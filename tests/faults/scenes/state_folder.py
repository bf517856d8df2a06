"""The folder for good versions is full, or no longer permitted, while a comment is added to a rule: the new version serves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.api.test_metrics import value
from tests.faults.scenes.clients import asking
from tests.faults.scenes.judging import judge, judge_health, kill_a_worker, on_every_worker
from tests.faults.scenes.machine import Impossible, full
from tests.faults.scenes.places import Kind, Place
from tests.faults.scenes.scene import Run, Scene
from tests.waiting import eventually

TINY = Kind(state_kilobytes=1024)
UNPRIVILEGED = Kind(unprivileged=True)
OTHER_USER = 65534
FAILURES = "tocsin_keep_failures_total"


def a_full_state_folder_stops_neither_reloads_nor_starts(run: Run) -> None:
    place = run.places.shared(TINY)
    _suffer(run, place, full(place.state))


def a_read_only_state_folder_stops_neither_reloads_nor_starts(run: Run) -> None:
    place = run.places.shared(UNPRIVILEGED)
    _suffer(run, place, _modes(place.state, 0o555))


def a_state_folder_without_permission_stops_neither_reloads_nor_starts(run: Run) -> None:
    place = run.places.shared(UNPRIVILEGED)
    _suffer(run, place, _modes(place.state, 0))


def a_state_folder_that_becomes_another_users_stops_neither_reloads_nor_starts(run: Run) -> None:
    place = run.places.shared(UNPRIVILEGED)
    _suffer(run, place, _given_away(place.state))


def a_file_in_place_of_the_state_folder_stops_neither_reloads_nor_starts(run: Run) -> None:
    place = run.places.shared(Kind())
    _suffer(run, place, _replaced(place.state))


SCENES: Sequence[Scene] = (
    a_full_state_folder_stops_neither_reloads_nor_starts,
    a_read_only_state_folder_stops_neither_reloads_nor_starts,
    a_state_folder_without_permission_stops_neither_reloads_nor_starts,
    a_state_folder_that_becomes_another_users_stops_neither_reloads_nor_starts,
    a_file_in_place_of_the_state_folder_stops_neither_reloads_nor_starts,
)


def _suffer(run: Run, place: Place, fault: AbstractContextManager[None]) -> None:
    """The third version, with a comment more, is loaded while the fault lasts; the first one after it."""
    before = _failures(place)
    with asking(place.server, place.versions.known, run.seed) as asked:
        asked.goes_on()
        with fault:
            place.put(2)
            _on_every_worker(lambda: place.serves(2) and _warns(place))
            run.check(_failures(place) > before, f"{FAILURES} did not count the fault")
            asked.goes_on()
            kill_a_worker(place)
            _on_every_worker(lambda: place.serves(2) and _warns(place))
            asked.goes_on()
        _on_every_worker(lambda: not _warns(place))
        place.put(0)
        _on_every_worker(lambda: place.serves(0) and not _warns(place))
    judge(run, asked, place.versions.digests[0] | place.versions.digests[2], kills=1)
    judge_health(run, place)


def _on_every_worker(holds: Callable[[], bool]) -> None:
    eventually(lambda: on_every_worker(holds))


def _warns(place: Place) -> bool:
    ready = place.server.get("/readyz").json
    return any(one["code"] == "keep-failed" for one in ready.get("warnings", []))


def _failures(place: Place) -> float:
    return value(place.server.get("/metrics").body.decode(), FAILURES)


@contextmanager
def _modes(folder: Path, mode: int) -> Iterator[None]:
    """Changes the mode of a folder and of all folders in it."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    before = [one.stat().st_mode for one in folders]
    for one in reversed(folders):
        one.chmod(mode)
    try:
        yield
    finally:
        for one, old in zip(folders, before, strict=True):
            one.chmod(old)


@contextmanager
def _given_away(folder: Path) -> Iterator[None]:
    """To another user, with all that is in it. Raises Impossible."""
    found = [folder, *folder.rglob("*")]
    try:
        for one in found:
            os.chown(one, OTHER_USER, OTHER_USER)
    except PermissionError:
        raise Impossible("this user may not give a folder to another user") from None
    try:
        yield
    finally:
        for one in found:
            os.chown(one, os.geteuid(), os.getegid())


@contextmanager
def _replaced(folder: Path) -> Iterator[None]:
    aside = folder.with_name("state-aside")
    folder.rename(aside)
    folder.write_bytes(b"no folder")
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)
