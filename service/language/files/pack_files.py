"""Reads the files of a pack: each once, within limits, and only if none changed meanwhile.

All else works on the bytes read here: digest, loading, proving and the kept copy. No other module opens a pack's files.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from service.language.files.active_parts import (
    PARTS_FOLDER,
    inside_part,
    listed_parts,
    part_of,
)
from service.language.files.look import (
    ACTIONS_FILE,
    CASES_FOLDER,
    CONSTANTS_FILE,
    DECLARATIONS,
    FACTS_FILE,
    GROUNDS_FILE,
    MAX_BYTES,
    PACK_FILE,
    FoundFile,
    Look,
    look,
    look_inside,
    printable,
)
from service.language.files.pack_folder import (
    Identity,
    Refusal,
    open_inside,
    opened_folder,
    unreadable,
)
from service.language.place import Place

MOST_READINGS = 20
SECONDS_BETWEEN_READINGS = 0.2
BEING_WRITTEN = Refusal("being-written", "the files keep changing")

_OPEN_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class PackFiles:
    """The files of a pack as they were at one moment. `folder` is the folder as it was named.

    `contents` and `refused` are keyed by the name relative to the folder, with slashes; the key "" is the folder itself.
    `look` is the folder at that moment. It is None if a later reading could differ although no look does: if files kept
    changing, or if the system failed to read one, which `unread` tells.
    """

    folder: FilePath
    contents: Mapping[str, bytes] = field(default_factory=dict)
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    look: Look | None = None
    unread: bool = False
    chosen: tuple[str, ...] | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that count, sorted: those that pack.yaml lists, or those that were `chosen` to try another selection."""
        if self.chosen is not None:
            return tuple(sorted(self.chosen))
        return listed_parts(self.contents.get(PACK_FILE, b""))

    @property
    def known_parts(self) -> list[str]:
        """The parts that have a file, whether they count or not."""
        return sorted({part for name in self.contents if (part := part_of(name)) is not None})

    @property
    def meaning(self) -> dict[str, bytes]:
        """The files that affect answers: all but the cases, and but those of parts that do not count.

        A declaration that is missing is empty.
        """
        found = dict.fromkeys(DECLARATIONS, b"")
        parts = (None, *self.parts)
        found |= {
            name: raw
            for name, raw in self.contents.items()
            if not _is_case(name) and part_of(name) in parts
        }
        return dict(sorted(found.items()))

    @property
    def cases(self) -> list[str]:
        """The names of the files with cases, those of the base first."""
        parts = (None, *self.parts)
        found = [name for name in self.contents if _is_case(name) and part_of(name) in parts]
        return sorted(found, key=lambda name: (part_of(name) or "", name))

    def of_part(self, part: str | None, file: str) -> str:
        """The name of a file of the base, or of a part."""
        return file if part is None else f"{PARTS_FOLDER}/{part}/{file}"

    def rule_files(self) -> list[str]:
        """The names of the files with rules, those of the base first. What lies in other folders has no rules."""
        parts = (None, *self.parts)
        found = [
            name
            for name in self.contents
            if part_of(name) in parts
            and "/" not in (file := inside_part(name))
            and file not in (FACTS_FILE, ACTIONS_FILE, CONSTANTS_FILE, GROUNDS_FILE)
            and name != PACK_FILE
        ]
        return sorted(found, key=lambda name: (part_of(name) or "", name))

    def digest(self) -> str:
        """SHA-256 of the names and contents of the files that affect answers."""
        sha = hashlib.sha256()
        for block in self._blocks():
            sha.update(block)
        return sha.hexdigest()

    def packed(self) -> bytes:
        """The names and contents as one text. Its SHA-256 is the digest."""
        return b"".join(self._blocks())

    def _blocks(self) -> Iterator[bytes]:
        for name, content in self.meaning.items():
            yield f"{name}\0{len(content)}\0".encode() + content

    def path(self, name: str) -> str:
        """The path of a file as its problems show it."""
        return printable(self.folder / name)

    def place(self, name: str = PACK_FILE) -> Place:
        """The place of problems with a whole file. The pack's file stands for the pack."""
        return Place(self.path(name))


def unpacked(folder: FilePath, packed: bytes) -> PackFiles:
    """The files that `packed` gave. Raises ValueError for other bytes."""
    contents, at = {}, 0
    while at < len(packed):
        name, size, _ = packed[at:].split(b"\0", 2)
        start = at + len(name) + len(size) + 2
        at = start + int(size)
        contents[name.decode()] = packed[start:at]
    return PackFiles(folder, contents)


def _is_case(name: str) -> bool:
    return inside_part(name).startswith(f"{CASES_FOLDER}/")


def read_files(
    folder: FilePath, *, with_cases: bool = False, seconds_at_rest: float = 0
) -> PackFiles:
    """Reads a pack's folder, which may be a link.

    If a file changes meanwhile, or changed in the last `seconds_at_rest`, all are read again, MOST_READINGS times at most.
    """
    for reading in range(MOST_READINGS):
        if reading:
            time.sleep(SECONDS_BETWEEN_READINGS if seconds_at_rest else 0.01)
        files = _read_once(folder, with_cases, round(seconds_at_rest * 1e9))
        if files is not None:
            return files
    return PackFiles(folder, refused={PACK_FILE: BEING_WRITTEN})


class _ChangedError(Exception):
    """A file is no longer what the look found."""


def _read_once(folder: FilePath, with_cases: bool, rest: int) -> PackFiles | None:
    """None if anything changed between the look before and the look after, or too short a time before them."""
    begun = time.time_ns()
    try:
        with opened_folder(folder) as root:
            before = look_inside(root, folder, with_cases=with_cases)
            if _is_recent(before, begun - rest):
                return None
            contents, refused = _read_all(root, before.files)
    except OSError as error:
        return PackFiles(folder, refused={"": unreadable(error, "folder")}, look=look(folder))
    except _ChangedError:
        return None
    after = look(folder, with_cases=with_cases)
    if after != before or _is_recent(after, begun - rest):
        return None
    if refused:
        return PackFiles(folder, contents, {**before.refused, **refused}, unread=True)
    return PackFiles(folder, contents, before.refused, after)


def _is_recent(look: Look, since: int) -> bool:
    """A time that is still to come is that of a clock that is wrong."""
    return since < look.last_change <= time.time_ns()


def _read_all(
    root: int, files: Mapping[str, FoundFile]
) -> tuple[dict[str, bytes], dict[str, Refusal]]:
    contents: dict[str, bytes] = {}
    refused: dict[str, Refusal] = {}
    for name, found in files.items():
        try:
            contents[name] = _read(root, found)
        except (FileNotFoundError, NotADirectoryError):
            raise _ChangedError from None
        except OSError as error:
            refused[name] = unreadable(error)
    return contents, refused


def _read(root: int, found: FoundFile) -> bytes:
    """Raises OSError, and _ChangedError."""
    opened = open_inside(root, found.path, _OPEN_FILE)
    try:
        if Identity.of(os.fstat(opened)) != found.identity:
            raise _ChangedError
        content = read_descriptor(opened, found.identity.size)
        if Identity.of(os.fstat(opened)) != found.identity or len(content) != found.identity.size:
            raise _ChangedError
        return content
    finally:
        os.close(opened)


def read_regular_file(path: FilePath) -> bytes:
    """A file of at most MAX_BYTES that is not part of a reading. Raises OSError, also for anything but a regular file."""
    opened = os.open(path, _OPEN_FILE)
    try:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return read_descriptor(opened, status.st_size)
    finally:
        os.close(opened)


def read_descriptor(opened: int, size: int) -> bytes:
    """At most one byte more than `size`. Raises OSError."""
    blocks: list[bytes] = []
    missing = size + 1
    while missing and (block := os.read(opened, missing)):
        blocks.append(block)
        missing -= len(block)
    return b"".join(blocks)
