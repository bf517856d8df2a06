"""The watcher continues after faults of the disk, and the good versions that it keeps are complete."""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.config import Config
from service.language.files.pack_files import PackFiles, read_files
from service.language.load import load_files
from service.logs import configure_logs
from service.serving import pack_watcher
from service.serving.deployment import SECONDS_AT_REST, keep_good, load_packs
from service.serving.pack_watcher import PackWatcher
from service.serving.packs import Packs
from tests.packs import copy_of_harbour
from tests.waiting import eventually


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "packs").mkdir()
    return copy_of_harbour(tmp_path / "packs")


LAST, PAUSE = 12, 0.1


def config(folder: Path) -> Config:
    return Config(packs=folder.parent, state=folder.parent.parent / "state")


def digest_of(packs: Packs) -> str:
    return packs.find(None).pack.digest


def write_version(folder: Path, number: int) -> None:
    text = (folder / "pack.yaml").read_text("utf-8")
    start, _, rest = text.partition("version: ")
    _, _, rest = rest.partition("\n")
    new = folder / ".new"  # a hidden file is never read; renamed, it is whole at once
    new.write_text(f"{start}version: 0.{number}.0\n{rest}", "utf-8")
    new.replace(folder / "pack.yaml")


def kept(folder: Path) -> list[Path]:
    """The good versions of the pack, oldest first."""
    return sorted((folder.parent.parent / "state").glob(f"*/*/{folder.name}/0*"))


def digest_in_name(version: Path) -> str:
    return version.name.partition("-")[2]


def are_whole(versions: list[Path]) -> bool:
    """Whether there is a version, and its file is whole."""
    return len(versions) == 1 and is_whole(versions[0])


def is_whole(version: Path) -> bool:
    return hashlib.sha256(version.read_bytes()).hexdigest() == digest_in_name(version)


def test_a_change_is_loaded_although_it_cannot_be_kept_and_it_is_kept_when_the_fault_is_gone(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in the place of the folder for state stands for a full disk."""
    monkeypatch.setattr(pack_watcher, "SECONDS_BETWEEN_KEEPINGS", 0.5)
    configure_logs("info")
    watcher = PackWatcher(config(folder).deployment(), lambda packs, before: None)
    before = digest_of(watcher.packs)
    (state,) = (folder.parent.parent / "state").iterdir()
    shutil.rmtree(state)
    state.write_text("in the way", "utf-8")
    write_version(folder, 2)
    eventually(lambda: digest_of(watcher.packs) != before)
    eventually(lambda: "keep-failed" in capsys.readouterr().err)
    assert list(watcher.faults.now) == [""]
    assert watcher.faults.count > 0
    state.unlink()
    eventually(lambda: are_whole(kept(folder)))
    assert digest_in_name(kept(folder)[0]) == digest_of(watcher.packs)
    eventually(lambda: watcher.faults.now == {})


def test_a_fault_of_the_folder_for_state_is_over_when_it_can_be_used_again_with_all_that_was_kept(
    folder: Path,
) -> None:
    deployment = config(folder).deployment()
    packs = load_packs(deployment)
    state = folder.parent.parent / "state"
    state.rename(state.with_name("away"))
    state.write_text("in the way", "utf-8")
    assert list(keep_good(packs, deployment)) == [""]
    state.unlink()
    state.with_name("away").rename(state)
    assert keep_good(packs, deployment) == {}


def test_a_change_that_the_machine_cannot_prove_now_is_loaded_as_soon_as_it_can(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_watcher, "SECONDS_AFTER_A_FAULT", 0.1)
    watcher = PackWatcher(config(folder).deployment(), lambda packs, before: None)
    before = digest_of(watcher.packs)
    with monkeypatch.context() as machine:
        machine.setattr(sys, "executable", str(folder / "no-such-python"))
        write_version(folder, 2)
        eventually(lambda: [problem.code for problem in watcher.problems()] == ["not-proven"])
        assert digest_of(watcher.packs) == before
    eventually(lambda: digest_of(watcher.packs) != before)
    assert watcher.problems() == []


def test_an_incomplete_good_version_is_skipped(folder: Path) -> None:
    deployment = config(folder).deployment()
    first = digest_of(load_packs(deployment))
    write_version(folder, 2)
    load_packs(deployment)
    older, newer = kept(folder)
    assert digest_in_name(older) == first
    newer.write_bytes(newer.read_bytes()[:-1])
    (folder / "pack.yaml").write_text("broken: ", "utf-8")
    assert digest_of(load_packs(deployment)) == first


def test_a_good_version_that_lost_a_rule_is_skipped_although_it_loads(folder: Path) -> None:
    deployment = config(folder).deployment()
    first = digest_of(load_packs(deployment))
    write_version(folder, 2)
    load_packs(deployment)
    files = read_files(folder)
    without = {name: raw for name, raw in files.contents.items() if name != "20_guards.yaml"}
    kept(folder)[-1].write_bytes(PackFiles(folder, without).packed())
    (folder / "pack.yaml").write_text("broken: ", "utf-8")
    assert digest_of(load_packs(deployment)) == first


@pytest.mark.parametrize("lost", ["", "*/harbour/0*"], ids=["everything", "one file"])
def test_good_versions_that_a_cleaner_of_temporary_folders_deletes_are_stored_again(
    folder: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_watcher, "SECONDS_BETWEEN_KEEPINGS", 0.5)
    deployment = config(folder).deployment()
    watcher = PackWatcher(deployment, lambda packs, before: None)
    watcher.watch()
    (state,) = (folder.parent.parent / "state").iterdir()
    for path in state.glob(lost) if lost else [state]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    eventually(lambda: are_whole(kept(folder)))
    (folder / "pack.yaml").write_text("broken: ", "utf-8")
    assert digest_of(load_packs(deployment)) == digest_of(watcher.packs)


def test_versions_are_stored_again_although_a_folder_became_unreadable(folder: Path) -> None:
    """They are stored as they were read."""
    shutil.copytree(folder, folder.parent / "zoo")
    pack_yaml = folder.parent / "zoo" / "pack.yaml"
    pack_yaml.write_text(pack_yaml.read_text("utf-8").replace("harbour", "zoo"), "utf-8")
    deployment = config(folder).deployment()
    packs = load_packs(deployment)
    (state,) = (folder.parent.parent / "state").iterdir()
    shutil.rmtree(state)
    (folder / "facts.yaml").unlink()
    (folder / "facts.yaml").mkdir()
    assert keep_good(packs, deployment) == {}
    assert are_whole(kept(folder))
    assert are_whole(list(state.glob("*/zoo/0*")))


def test_an_error_with_one_good_version_does_not_stop_the_next_one_from_being_stored(
    folder: Path,
) -> None:
    """The folders are in order of their names."""
    shutil.copytree(folder, folder.parent / "zoo")
    pack_yaml = folder.parent / "zoo" / "pack.yaml"
    pack_yaml.write_text(pack_yaml.read_text("utf-8").replace("harbour", "zoo"), "utf-8")
    deployment = config(folder).deployment()
    packs = load_packs(deployment)
    (state,) = (folder.parent.parent / "state").glob("*/*")
    shutil.rmtree(state)
    state.mkdir()
    (state / "harbour").write_text("in the way", "utf-8")
    assert list(keep_good(packs, deployment)) == ["harbour"]
    assert are_whole(list(state.glob("zoo/0*")))


def test_a_version_is_stored_as_it_was_read_although_its_files_change_while_it_is_proven(
    folder: Path,
) -> None:
    deployment = config(folder).deployment()
    files = read_files(folder)
    pack, _ = load_files(files)
    assert pack is not None
    write_version(folder, 2)
    deployment.good.prove_once(files, pack, "both")
    (version,) = kept(folder)
    assert digest_in_name(version) == pack.digest
    assert are_whole([version])


def test_loading_while_files_are_written_one_by_one_waits_for_the_last(folder: Path) -> None:
    """For example a worker that starts then. It may also load a version that did not change for long enough."""
    with ThreadPoolExecutor(1) as writer:
        writing = writer.submit(write_one_by_one, folder)
        time.sleep(PAUSE)
        taken = load_packs(config(folder).deployment()).find(None).pack.version
        assert taken in writing.result()


def test_a_watcher_loads_nothing_while_files_are_written_one_by_one(folder: Path) -> None:
    taken: list[str] = []
    watcher = PackWatcher(
        config(folder).deployment(),
        lambda packs, before: taken.append(packs.find(None).pack.version),
    )
    watcher.watch()
    at_rest = write_one_by_one(folder)
    eventually(lambda: f"0.{LAST}.0" in taken)
    assert set(taken) <= at_rest


def write_one_by_one(folder: Path) -> set[str]:
    """Writes new versions. Returns those that did not change for long enough by its own clock; often only the last."""
    at_rest = {f"0.{LAST}.0"}
    for number in range(1, LAST + 1):
        write_version(folder, number)
        written = time.monotonic()
        time.sleep(PAUSE)
        if time.monotonic() - written > SECONDS_AT_REST / 1.1:
            at_rest.add(f"0.{number}.0")
    return at_rest
