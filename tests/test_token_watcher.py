"""A changed file of tokens takes force once it is whole; a wrong one never does, in no worker."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from service.access.token_watcher import TokenWatcher
from tests.tokens import TOKENS, UNKNOWN, line

OLD = line("old", "post", TOKENS["post"])
NEW = line("new", "read", TOKENS["read"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    path.write_text(OLD)
    return path


def names(watcher: TokenWatcher) -> list[str]:
    return [holder.name for holder in watcher.present.holders.values()]


def look(watcher: TokenWatcher, times: int = 2) -> None:
    for _ in range(times):
        watcher.look()


def test_a_changed_file_takes_force_when_two_looks_agree(file: Path) -> None:
    watcher = TokenWatcher(file)
    file.write_text(NEW)
    look(watcher, 1)
    assert names(watcher) == ["old"]
    file.write_text(NEW + OLD)  # the file was being written
    look(watcher, 1)
    assert names(watcher) == ["old"]
    look(watcher, 1)
    assert names(watcher) == ["new", "old"]
    assert watcher.fault == ""


@pytest.mark.parametrize("wrong", ["", "# none", "old post\n", None])
def test_while_the_file_is_wrong_or_gone_the_last_list_stays_and_the_fault_is_said(
    file: Path, wrong: str | None
) -> None:
    watcher = TokenWatcher(file)
    file.write_text(NEW)
    look(watcher)
    if wrong is None:
        file.unlink()
    else:
        file.write_text(wrong)
    look(watcher, 3)
    assert names(watcher) == ["new"]
    assert watcher.fault.startswith("the file ")
    assert str(file) not in watcher.fault
    file.write_text(NEW)  # as it was before
    look(watcher)
    assert (names(watcher), watcher.fault) == (["new"], "")


def test_links_that_are_swapped_are_followed(file: Path, tmp_path: Path) -> None:
    for name, text in (("one", OLD), ("two", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tokens").write_text(text)
    link = tmp_path / "..data"
    link.symlink_to("one")
    (tmp_path / "mounted").symlink_to("..data/tokens")
    watcher = TokenWatcher(tmp_path / "mounted")
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").rename(link)
    look(watcher)
    assert names(watcher) == ["new"]


def test_a_worker_that_starts_or_missed_a_change_has_the_list_that_another_read_last(
    file: Path,
) -> None:
    master = TokenWatcher(file)
    master.share()
    worker, other = copy.copy(master), copy.copy(master)
    look(worker)
    file.write_text(NEW)
    look(worker)
    file.write_text("wrong")
    look(worker)
    look(other)  # it never saw the new list in the file
    later = copy.copy(master)
    look(later)
    assert [names(one) for one in (worker, other, later)] == [["new"]] * 3
    assert names(master) == ["old"]
    file.write_text(line("third", "post", UNKNOWN))
    for one in (worker, other, later):
        look(one)
        assert (names(one), one.fault) == (["third"], "")
