"""A process keeps each pack once, refuses what could give other answers, and does not grow with the packs of a long life."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from service.distributed.packed_pack import PackedPack
from service.distributed.result_columns import LiftedColumn, ResultColumns, result_columns
from service.distributed.worker_packs import (
    MOST_LOADED,
    OtherSoftware,
    PackNotSent,
    PackRefused,
    WorkerPacks,
)
from service.language.files.pack_files import PackFiles, read_files
from tests.packs import HARBOUR

GRADE = LiftedColumn("grade", "enum", ("high", "low"))


@pytest.fixture
def packed() -> PackedPack:
    return PackedPack.of(read_files(HARBOUR), "reference")


def test_threads_that_need_a_pack_at_the_same_moment_load_it_once(packed: PackedPack) -> None:
    packs = WorkerPacks()
    packs.receive(packed)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(packs.find, [packed.key] * 8))
    assert all(one is found[0] for one in found)
    assert packs.counts(packed.key).loaded == 1


def test_few_packs_stay_loaded_and_one_that_was_not_used_is_loaded_again(
    packed: PackedPack,
) -> None:
    packs, files = WorkerPacks(), packed.files()
    versions = []
    for number in range(MOST_LOADED + 1):
        contents = {**files.contents, "constants.yaml": f"# version {number}".encode()}
        versions.append(PackedPack.of(PackFiles(HARBOUR, contents), "reference"))
        packs.receive(versions[-1])
    for one in [*versions[:-1], versions[0], versions[-1], versions[0], versions[1]]:
        packs.find(one.key)
    assert len(packs.loaded) == MOST_LOADED
    assert [packs.counts(one.key).loaded for one in versions] == [1, 2, 1, 1, 1]


def test_a_pack_that_was_taken_back_is_gone(packed: PackedPack) -> None:
    packs = WorkerPacks()
    packs.receive(packed)
    packs.find(packed.key)
    packs.forget(packed.key)
    with pytest.raises(PackNotSent, match=packed.key.digest):
        packs.find(packed.key)


def test_a_process_with_another_tocsin_is_refused(packed: PackedPack) -> None:
    packs = WorkerPacks()
    other = replace(packed, key=replace(packed.key, tocsin="0.0.9"))
    packs.receive(other)
    with pytest.raises(OtherSoftware, match=r"began with Tocsin 0\.0\.9.*install the same"):
        packs.find(other.key)


def test_bytes_that_are_not_those_of_the_digest_are_refused(packed: PackedPack) -> None:
    packs = WorkerPacks()
    packs.receive(replace(packed, key=replace(packed.key, digest="0" * 64)))
    with pytest.raises(ValueError, match="not those of digest 0000"):
        packs.find(next(iter(packs.received)))


def test_a_pack_that_does_not_load_here_tells_its_problems(packed: PackedPack) -> None:
    packs = WorkerPacks()
    files = PackFiles(Path("harbour"), {**packed.files().contents, "facts.yaml": b"facts: 1"})
    packs.receive(broken := PackedPack.of(files, "reference"))
    with pytest.raises(PackRefused, match=r"harbour/facts\.yaml:1:"):
        packs.find(broken.key)


def test_a_packed_pack_is_small_and_arrives_as_it_was_sent(packed: PackedPack) -> None:
    sent = pickle.dumps(packed)
    assert len(sent) < len(packed.files().packed())
    assert pickle.loads(sent) == packed


def test_the_results_have_the_columns_of_the_input_but_the_incident() -> None:
    columns = result_columns(["id", "incident", "day"], "incident", None, [GRADE])
    assert columns == ResultColumns("incident", ("id", "day"), (GRADE,))
    assert columns.names() == ["id", "day", "answer", "problem", "grade"]


@pytest.mark.parametrize(
    ("present", "kept", "told"),
    [
        (["id", "body"], None, "there is no column 'incident'; there are: id, body"),
        (["id", "incident"], ["day"], "there is no column 'day'"),
        (["grade", "incident"], None, "two columns of the results would be called 'grade'"),
        (["answer", "incident"], None, "two columns of the results would be called 'answer'"),
    ],
)
def test_columns_that_cannot_be_had_are_refused(
    present: list[str], kept: list[str] | None, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        result_columns(present, "incident", kept, [GRADE])
