"""Things in a pack's folder that cannot be read. They are problems of their pack alone, and its last good version serves."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.faults.scenes.clients import asking
from tests.faults.scenes.judging import (
    are_replaced,
    judge,
    judge_health,
    kill,
    on_every_worker,
    play_fault,
)
from tests.faults.scenes.places import Kind, Place
from tests.faults.scenes.scene import Run, Scene
from tests.waiting import eventually

UNPRIVILEGED = Kind(unprivileged=True)
MOST_BYTES = 2**31
ROUNDS = 3
DEEP_LIST = "facts: " + "[" * 10_000 + "]" * 10_000
DEEP_NAME = "facts:\n  " + ".".join(["a"] * 500) + ": {type: boolean, text: {en: A, zh: 甲}}\n"


def a_file_without_permission_is_a_problem_of_its_pack(run: Run) -> None:
    _spoil(run, "facts.yaml", lambda path: path.touch(0), "unreadable-file")


def a_folder_in_place_of_a_file_is_a_problem_of_its_pack(run: Run) -> None:
    _spoil(run, "facts.yaml", Path.mkdir, "unreadable-file")


def a_name_that_is_not_UTF_8_is_a_problem_of_its_pack(run: Run) -> None:
    _spoil(run, os.fsdecode(b"\xff.yaml"), Path.touch, "unreadable-file")


def a_pipe_in_place_of_a_file_is_a_problem_of_its_pack(run: Run) -> None:
    _spoil(run, "actions.yaml", os.mkfifo, "unreadable-file")


def a_link_to_an_endless_device_is_a_problem_of_its_pack(run: Run) -> None:
    _spoil(run, "facts.yaml", lambda path: path.symlink_to("/dev/zero"), "unreadable-file")


def a_link_out_of_the_pack_is_a_problem_of_its_pack(run: Run) -> None:
    _spoil(run, "10_alert.yaml", lambda path: path.symlink_to("/etc/passwd"), "unreadable-file")


def a_file_of_two_gigabytes_is_a_problem_of_its_pack(run: Run) -> None:
    _spoil(run, "90_large.yaml", _large, "file-too-large")


def lists_in_lists_without_end_are_a_problem_of_their_pack(run: Run) -> None:
    _spoil(run, "facts.yaml", lambda path: path.write_text(DEEP_LIST, "utf-8"), "yaml-depth")


def a_name_of_500_parts_is_a_problem_of_its_pack(run: Run) -> None:
    _spoil(run, "facts.yaml", lambda path: path.write_text(DEEP_NAME, "utf-8"), "bad-name")


def a_pack_folder_without_permission_is_a_problem_of_its_pack(run: Run) -> None:
    place = run.places.shared(UNPRIVILEGED)
    _suffer(run, place, _mode(place.packs / "quay", 0), "packs/quay:", "unreadable-file")


def a_folder_of_packs_that_cannot_be_listed_changes_no_answer(run: Run) -> None:
    place = run.places.shared(UNPRIVILEGED)
    _suffer(run, place, _mode(place.packs, 0), "", "unreadable-file")


def a_folder_of_packs_that_cannot_be_searched_changes_no_answer(run: Run) -> None:
    """As after `chmod -R 644`, which takes the permission to search from folders."""
    place = run.places.shared(UNPRIVILEGED)
    _suffer(run, place, _mode(place.packs, 0o644), "", "unreadable-file")


def workers_killed_all_at_once_or_reloaded_while_a_pack_is_broken_are_replaced(run: Run) -> None:
    """No worker is left that knows the last good version. A moment passes until a new one answers."""
    with run.places.fresh(UNPRIVILEGED) as place:
        with asking(place.server, place.versions.known, run.seed) as asked:
            with _spoiled(place.packs / "quay" / "facts.yaml", Path.mkdir):
                eventually(lambda: bool(place.problems()))
                for _ in range(ROUNDS):
                    kill(place, place.workers())
                    asked.goes_on()
                    old = place.workers()
                    os.kill(place.server.master(), signal.SIGHUP)
                    are_replaced(place, old, len(old))
                    asked.goes_on()
            eventually(lambda: on_every_worker(lambda: not place.problems()))
        judge(run, asked, place.versions.digests[0], kills=2 * ROUNDS)
        judge_health(run, place)


SCENES: Sequence[Scene] = (
    a_file_without_permission_is_a_problem_of_its_pack,
    a_folder_in_place_of_a_file_is_a_problem_of_its_pack,
    a_name_that_is_not_UTF_8_is_a_problem_of_its_pack,
    a_pipe_in_place_of_a_file_is_a_problem_of_its_pack,
    a_link_to_an_endless_device_is_a_problem_of_its_pack,
    a_link_out_of_the_pack_is_a_problem_of_its_pack,
    a_file_of_two_gigabytes_is_a_problem_of_its_pack,
    lists_in_lists_without_end_are_a_problem_of_their_pack,
    a_name_of_500_parts_is_a_problem_of_its_pack,
    a_pack_folder_without_permission_is_a_problem_of_its_pack,
    a_folder_of_packs_that_cannot_be_listed_changes_no_answer,
    a_folder_of_packs_that_cannot_be_searched_changes_no_answer,
    workers_killed_all_at_once_or_reloaded_while_a_pack_is_broken_are_replaced,
)


def _large(path: Path) -> None:
    path.touch()
    os.truncate(path, MOST_BYTES)


def _spoil(run: Run, name: str, spoil: Callable[[Path], object], code: str) -> None:
    """Puts something in place of a file of the pack quay, and later the file back."""
    place = run.places.shared(UNPRIVILEGED)
    path = place.packs / "quay" / name
    written = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    _suffer(run, place, _spoiled(path, spoil), f"quay/{written}:", code)


def _suffer(
    run: Run, place: Place, fault: AbstractContextManager[None], where: str, code: str
) -> None:
    def is_seen() -> bool:
        return any(one.startswith(where) and one.endswith(code) for one in place.problems())

    def is_healed() -> bool:
        return not place.problems()

    play_fault(
        run, place, fault, lambda: on_every_worker(is_seen), lambda: on_every_worker(is_healed)
    )


@contextmanager
def _spoiled(path: Path, spoil: Callable[[Path], object]) -> Iterator[None]:
    good = path.with_name(f".{path.name}")
    was_there = path.exists()
    if was_there:
        path.rename(good)
    try:
        spoil(path)
        yield
    finally:
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        if was_there:
            good.rename(path)


@contextmanager
def _mode(folder: Path, mode: int) -> Iterator[None]:
    before = folder.stat().st_mode
    folder.chmod(mode)
    try:
        yield
    finally:
        folder.chmod(before)
