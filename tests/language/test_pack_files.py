"""A pack's files are read once and as one version; what cannot be read is refused by name, and no folder hangs a reader."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from service.language.files import look as looks
from service.language.files import pack_files
from service.language.files.look import look
from service.language.files.pack_files import PackFiles, read_descriptor, read_files
from service.language.load import load_files, load_pack
from tests.packs import HARBOUR, copy_of_harbour
from tests.server import ROOT

HARBOUR_DIGEST = "a62bbd290a7446b4ef0415a1284524fd739a8d059d62ec026bb7e2da12afdec1"
SEED = 20265


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return copy_of_harbour(tmp_path)


def reasons(files: PackFiles) -> dict[str, str]:
    """By name, why a file is refused."""
    return {name: message.rpartition(": ")[2] for name, (_, message) in files.refused.items()}


# The digest


def digest_of_names_and_contents(folder: Path) -> str:
    sha = hashlib.sha256()
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*.yaml")}
    for name, path in sorted(found.items()):
        if "cases" in Path(name).parts:
            continue
        content = path.read_bytes()
        sha.update(f"{name}\0{len(content)}\0".encode() + content)
    return sha.hexdigest()


def test_the_digest_of_a_pack_is_that_of_earlier_releases() -> None:
    pr_crisis = ROOT / "rules" / "pr_crisis"
    assert read_files(HARBOUR).digest() == HARBOUR_DIGEST
    assert read_files(pr_crisis).digest() == digest_of_names_and_contents(pr_crisis)


def test_the_digest_of_a_loaded_pack_is_that_of_the_bytes_it_was_loaded_from(pack: Path) -> None:
    files = read_files(pack)
    shutil.rmtree(pack)
    loaded, problems = load_files(files)
    assert (loaded and loaded.digest, problems) == (HARBOUR_DIGEST, [])


@pytest.mark.parametrize(
    "name", ["README.md", "10_alert.yaml~", "cases/more.yaml", "drafts/cases/more.yaml", ".x.yaml"]
)
def test_cases_hidden_files_and_files_that_no_reader_takes_do_not_belong_to_the_digest(
    name: str, pack: Path
) -> None:
    (pack / name).parent.mkdir(parents=True, exist_ok=True)
    (pack / name).write_text("x: 1", "utf-8")
    assert read_files(pack).digest() == HARBOUR_DIGEST


def test_a_sub_folder_belongs_to_the_digest_by_its_name_and_its_contents(pack: Path) -> None:
    digests = {read_files(pack).digest()}
    for name, text in (("a/x.yaml", "1"), ("a/x.yaml", "2"), ("b/c/x.yaml", "2")):
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        (pack / name).write_text(text, "utf-8")
        digests.add(read_files(pack).digest())
    assert len(digests) == 4


def test_nothing_in_a_sub_folder_is_a_rule(pack: Path) -> None:
    (pack / "notes").mkdir()
    (pack / "notes" / "x.yaml").write_text("this: [is, no, rule]", "utf-8")
    assert load_pack(pack)[1] == []


def test_cases_are_read_only_if_they_are_asked_for(pack: Path) -> None:
    assert read_files(pack).cases == []
    assert read_files(pack, with_cases=True).cases == ["cases/gale.yaml"]


# Unreadable files


def folder(path: Path) -> None:
    path.mkdir()


def queue(path: Path) -> None:
    os.mkfifo(path)


def endpoint(path: Path) -> None:
    short = os.open(path.parent, os.O_RDONLY)  # the path of a socket has at most 107 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"/proc/self/fd/{short}/{path.name}")
    os.close(short)


def links_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def of_bytes(size: int) -> Callable[[Path], None]:
    """A file with a hole: it takes no room on the disk."""
    return lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), size)


UNREADABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a folder": (folder, "Is a directory"),
    "a queue": (queue, "it is not a regular file"),
    "a socket": (endpoint, "it is not a regular file"),
    "a link to a device without an end": (
        links_to("/dev/zero"),
        "the link leads out of the pack's folder",
    ),
    "a link out of the folder": (
        links_to("../../other"),
        "the link leads out of the pack's folder",
    ),
    "a link to a secret": (links_to("/etc/passwd"), "the link leads out of the pack's folder"),
    "a link to nothing": (links_to("nothing.yaml"), "No such file or directory"),
    "a link to itself": (links_to("facts.yaml"), "Too many levels of symbolic links"),
    "a file of 2 GiB": (of_bytes(2**31), "a pack file may have at most 4 MiB"),
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("name", ["facts.yaml", "90_more.yaml", "drafts/one.yaml"])
def test_an_unreadable_file_is_refused_by_its_name_and_the_others_are_read(
    what: str, name: str, pack: Path
) -> None:
    make, reason = UNREADABLE[what]
    if what == "a link to itself":
        make, reason = links_to(Path(name).name), reason
    others = read_files(pack).contents.keys() - {name}
    (pack / name).parent.mkdir(exist_ok=True)
    (pack / name).unlink(missing_ok=True)
    make(pack / name)
    files = read_files(pack)
    assert reasons(files) == {name: reason}
    assert files.contents.keys() == others
    loaded, problems = load_files(files)
    assert loaded is None
    assert [(p.file, p.line, p.column) for p in problems] == [(str(pack / name), 1, 1)]


@contextmanager
def as_another_user() -> Iterator[None]:
    """Root may read every file, so tests that run as root do without its rights for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", ["facts.yaml", "drafts", ""])
def test_a_file_or_folder_without_permission_is_refused_until_it_has_it(name: str) -> None:
    """In a folder that every user may enter."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        pack = copy_of_harbour(Path(made))
        (pack / "drafts").mkdir()
        (pack / name).chmod(0)
        with as_another_user():
            refused = read_files(pack)
        (pack / name).chmod(0o755)
        with as_another_user():
            again = read_files(pack)
        assert reasons(refused) == {name: "Permission denied"}
        assert (again.refused, again.digest()) == ({}, HARBOUR_DIGEST)


def test_a_missing_declaration_is_refused(pack: Path) -> None:
    (pack / "facts.yaml").unlink()
    assert reasons(read_files(pack)) == {"facts.yaml": "No such file or directory"}


def test_a_name_that_is_not_utf8_is_refused_and_shown_with_escapes(pack: Path) -> None:
    (pack / os.fsdecode(b"\xff\xfe.yaml")).touch()
    (pack / os.fsdecode(b"\xff")).mkdir()
    (pack / os.fsdecode(b"\xff.txt")).touch()
    reason = "its name is not UTF-8"
    assert reasons(read_files(pack)) == {r"\xff\xfe.yaml": reason, r"\xff": reason}
    assert {p.file.rpartition("/")[2] for p in load_pack(pack)[1]} == {r"\xff\xfe.yaml", r"\xff"}


def test_an_error_of_the_disk_while_a_file_is_read_is_an_error_of_the_system() -> None:
    """The memory of a process cannot be read at its beginning: the system answers EIO."""
    memory = os.open("/proc/self/mem", os.O_RDONLY)
    with pytest.raises(OSError, match="Input/output error"):
        read_descriptor(memory, 10)
    os.close(memory)


def test_a_folder_that_is_missing_is_refused_as_a_whole(tmp_path: Path) -> None:
    files = read_files(tmp_path / "nothing")
    assert reasons(files) == {"": "No such file or directory"}
    loaded, (problem,) = load_files(files)
    assert (loaded, problem.file) == (None, str(tmp_path / "nothing"))


@contextmanager
def no_more_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_without_descriptors_the_folder_is_refused_and_read_when_there_are_some_again(
    pack: Path,
) -> None:
    with no_more_descriptors():
        assert reasons(read_files(pack)) == {"": "Too many open files"}
        refused = look(pack)
    assert read_files(pack).refused == {}
    assert look(pack) != refused


# Links


def test_links_inside_the_folder_are_followed_also_through_hidden_names(tmp_path: Path) -> None:
    """So does Kubernetes mount a ConfigMap."""
    pack = tmp_path / "pack"
    shutil.copytree(HARBOUR, pack / "..2026_11")
    (pack / "..data").symlink_to("..2026_11")
    for path in (pack / "..2026_11").iterdir():
        (pack / path.name).symlink_to(f"..data/{path.name}")
    files = read_files(pack, with_cases=True)
    assert (files.digest(), files.cases) == (HARBOUR_DIGEST, ["cases/gale.yaml"])


@pytest.mark.parametrize("target", ["PACK/.kept/f", "../harbour/.kept/f", ".kept/../.kept/f"])
def test_a_link_is_judged_by_where_it_leads_in_the_end(target: str, pack: Path) -> None:
    (pack / ".kept").mkdir()
    (pack / "facts.yaml").rename(pack / ".kept" / "f")
    (pack / "facts.yaml").symlink_to(target.replace("PACK", str(pack)))
    assert read_files(pack).digest() == HARBOUR_DIGEST


def test_the_folder_of_a_pack_may_itself_be_a_link(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("harbour")
    (tmp_path / "latest").symlink_to(tmp_path / "current")
    assert read_files(tmp_path / "latest").digest() == HARBOUR_DIGEST


def test_a_link_to_a_folder_that_contains_it_is_refused(pack: Path) -> None:
    (pack / "a").mkdir()
    (pack / "a" / "again").symlink_to("..")
    assert reasons(read_files(pack)) == {
        "a/again": "the link leads to a folder that contains it",
    }


def test_a_linked_folder_is_read_under_the_name_of_the_link(pack: Path) -> None:
    (pack / ".kept").mkdir()
    (pack / ".kept" / "x.yaml").write_text("1", "utf-8")
    (pack / "drafts").symlink_to(".kept")
    assert read_files(pack).contents["drafts/x.yaml"] == b"1"


# Limits


def test_a_pack_has_at_most_as_many_names_as_the_limit_whatever_they_are(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "MOST_NAMES", 100)
    for number in range(100):
        (pack / f"{number}.txt").touch()
    assert reasons(read_files(pack)) == {"": "a pack may have at most 100 files and folders"}


def test_a_pack_has_at_most_eight_levels_of_folders(pack: Path) -> None:
    deep = pack.joinpath(*"12345678")
    deep.mkdir(parents=True)
    (deep / "x.yaml").touch()
    assert reasons(read_files(pack)) == {}
    (deep / "9").mkdir()
    assert reasons(read_files(pack)) == {"": "a pack may have at most 8 levels of folders"}


def test_the_files_of_a_pack_have_at_most_16_mib_together(pack: Path) -> None:
    for number in range(5):
        of_bytes(4 * 1024**2)(pack / f"{number}.yaml")
    assert reasons(read_files(pack)) == {"": "the files of a pack may have at most 16 MiB"}


# Changes


def restore_times(path: Path, before: os.stat_result) -> None:
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "replaced"])
def test_a_look_sees_a_change_that_keeps_size_and_modification_time(
    in_place: bool, pack: Path
) -> None:
    """As `rsync --inplace --times` and `cp --preserve` do."""
    path = pack / "pack.yaml"
    before, status = look(pack), path.stat()
    text = path.read_text("utf-8").replace("0.1.0", "0.2.0")
    time.sleep(0.01)  # the clock of a file system is coarse
    if not in_place:
        path.unlink()
    path.write_text(text, "utf-8")
    restore_times(path, status)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert look(pack) != before


def test_a_look_does_not_see_what_does_not_belong_to_the_pack(pack: Path) -> None:
    before = look(pack)
    for name in ("README.md", ".swp", "cases/more.yaml", ".x.yaml"):
        (pack / name).write_text("x", "utf-8")
    (pack / "facts.yaml").read_text("utf-8")
    assert look(pack) == before


def test_a_look_sees_a_file_that_comes_goes_or_becomes_a_folder(pack: Path) -> None:
    seen = [look(pack)]
    for change in (
        lambda: (pack / "90.yaml").touch(),
        lambda: (pack / "90.yaml").unlink(),
        lambda: (pack / "90.yaml").mkdir(),
        lambda: (pack / "90.yaml").rmdir(),
        lambda: (pack / "facts.yaml").rename(pack / "facts.txt"),
    ):
        change()
        seen.append(look(pack))
    assert [one == seen[0] for one in seen] == [True, False, True, False, True, False]


def test_files_that_keep_changing_are_refused(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_files, "MOST_READINGS", 2)
    (pack / "facts.yaml").touch()
    files = read_files(pack, seconds_at_rest=60)
    assert reasons(files) == {"pack.yaml": "the files keep changing"}
    assert (files.contents, files.look) == ({}, None)


def version(folder: Path, letter: str) -> Path:
    """A pack whose files all have this letter."""
    folder.mkdir()
    for name in ("pack", "facts", "actions", *map(str, range(20))):
        (folder / f"{name}.yaml").write_text(letter * 1000, "utf-8")
    return folder


def swap(link: Path, target: str) -> None:
    new = link.with_name(".new")
    new.symlink_to(target)
    new.replace(link)


@contextmanager
def swapped_all_the_time(
    link: Path, targets: tuple[str, str], longest_pause: float
) -> Iterator[None]:
    """The link leads to one of the two targets, each for a random time."""
    done, random = threading.Event(), Random(SEED)

    def swap_all_the_time() -> None:
        while True:
            for target in targets:
                swap(link, target)
                if done.wait(random.uniform(0, longest_pause)):
                    return

    swapper = threading.Thread(target=swap_all_the_time)
    swap(link, targets[0])
    swapper.start()
    try:
        yield
    finally:
        done.set()
        swapper.join()


def letters(files: PackFiles) -> str:
    return "".join(sorted({chr(letter) for raw in files.contents.values() for letter in raw}))


def test_while_the_link_to_a_pack_is_swapped_each_reading_is_one_version(tmp_path: Path) -> None:
    version(tmp_path / "A", "a")
    version(tmp_path / "B", "b")
    with swapped_all_the_time(tmp_path / "link", ("A", "B"), 0.002):
        found = [read_files(tmp_path / "link") for _ in range(200)]
    assert {letters(files) for files in found if not files.refused} == {"a", "b"}
    assert all(files.digest() for files in found)


def test_while_a_link_inside_a_pack_is_swapped_each_reading_is_one_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as ..data of a ConfigMap: only a link that was at rest tells that the files belong together."""
    monkeypatch.setattr(pack_files, "SECONDS_BETWEEN_READINGS", 0.005)
    monkeypatch.setattr(pack_files, "MOST_READINGS", 1000)
    pack = tmp_path / "pack"
    pack.mkdir()
    for path in version(pack / ".A", "a").iterdir():
        (pack / path.name).symlink_to(f"..data/{path.name}")
    version(pack / ".B", "b")
    with swapped_all_the_time(pack / "..data", (".A", ".B"), 0.1):
        found = [read_files(pack, seconds_at_rest=0.03) for _ in range(25)]
    assert all(letters(files) in ("a", "b") for files in found)
    assert {letters(files) for files in found} == {"a", "b"}
