"""Short forms of scenes that no other test plays, and that the judges of scenes notice a fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.scenes import connections, pack_files, swaps
from tests.faults.scenes.clients import Answer, Asked, asking
from tests.faults.scenes.judging import judge
from tests.faults.scenes.machine import Impossible
from tests.faults.scenes.places import Kind, Places
from tests.faults.scenes.scene import Run, Scene, play

SEED = 1
RIGHT = Answer(sent=0.0, seconds=0.01, status=200, digest="A")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    with Places.of(tmp_path_factory.mktemp("places"), SEED) as made:
        yield made


@pytest.fixture
def run(places: Places, tmp_path: Path) -> Run:
    return Run(places, tmp_path / "scene", SEED, short=True)


@pytest.mark.parametrize(
    "scene",
    [
        pack_files.a_file_without_permission_is_a_problem_of_its_pack,
        pack_files.a_folder_of_packs_that_cannot_be_searched_changes_no_answer,
        swaps.workers_killed_while_links_are_swapped_are_replaced_and_mix_no_versions,
        connections.few_descriptors_and_silent_connections_stop_neither_answers_nor_reloads,
    ],
)
def test_a_short_scene_ends_without_a_failure(scene: Scene, run: Run) -> None:
    played = play(scene, run)
    if played.skipped:
        pytest.skip(played.skipped)
    assert played.failures == (), played.details()


def test_an_answer_with_one_changed_text_is_noticed(run: Run) -> None:
    place = run.places.shared(Kind())
    (known, *_) = place.versions.known
    changed = {digest: {**answer, "locale": "xx"} for digest, answer in known.answers.items()}
    with asking(place.server, [replace(known, answers=changed)], SEED, clients=1) as asked:
        asked.goes_on(1)
    judge(run, asked, place.versions.digests[0], kills=0)
    assert "no version's answer" in run.failures[0]


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ([RIGHT, replace(RIGHT, seconds=100.0)], "answered after 100.00 s"),
        ([RIGHT, replace(RIGHT, digest="B")], "answered by the version B"),
        ([replace(RIGHT, cut=True)] * 3, "3 connections were cut"),
        ([RIGHT, Answer(0.0, 0.1, 0, wrong="no answer")], "no answer"),
        ([], "no request was sent"),
    ],
)
def test_a_late_wrong_or_missing_answer_is_noticed(
    run: Run, answers: list[Answer], failure: str
) -> None:
    judge(run, Asked([*answers]), frozenset("A"), kills=1, clients=2)
    assert len(run.failures) == 1
    assert run.failures[0].startswith(failure)


def test_a_scene_that_this_machine_cannot_play_is_skipped_and_says_why(run: Run) -> None:
    def a_disk_is_broken(run: Run) -> None:
        raise Impossible("no disk of this machine breaks")

    played = play(a_disk_is_broken, run)
    assert (played.failures, played.skipped) == ((), "no disk of this machine breaks")
    assert str(played) == "skipped: a disk is broken: no disk of this machine breaks"
