"""Looks at a pack's folder without reading any file: the files to read, their identity, and what is refused.

No look can hang, and each is bounded: it opens folders only, and it stops beyond MOST_NAMES names.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import NamedTuple

from service.language.files.active_parts import inside_part
from service.language.files.pack_folder import (
    OPEN_FOLDER,
    Identity,
    LinkFollower,
    Refusal,
    RefusedError,
    open_inside,
    opened_folder,
    unreadable,
)

PACK_FILE, FACTS_FILE, ACTIONS_FILE = "pack.yaml", "facts.yaml", "actions.yaml"
DECLARATIONS = (PACK_FILE, FACTS_FILE, ACTIONS_FILE)
CONSTANTS_FILE = "constants.yaml"
GROUNDS_FILE = "grounds.yaml"
"""A pack can be without these."""
CASES_FOLDER = "cases"
BRANDS_FOLDER = "brands"
DRAFTS_FOLDER = "drafts"
ENDING = ".yaml"
"""The ending of the files that are read. Files with other endings are ignored."""

MAX_BYTES = 4 * 1024 * 1024
MAX_PACK_BYTES = 16 * 1024 * 1024
MOST_NAMES = 2_000
MOST_LEVELS = 8


class FoundFile(NamedTuple):
    """A file to read: its path inside the pack's folder, after all links, and its identity."""

    path: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class Look:
    """What a pack's folder is at one moment. Two looks are equal if nothing changed that affects the pack.

    `folder` is the device and the inode of the real folder. `files` and `refused` are keyed by the name relative to the
    folder, with slashes; the key "" is the folder itself. `links` are the links that lead to files and folders.
    `last_change` is the time, in nanoseconds, of the newest change of all that was met, folders included.
    """

    folder: tuple[int, int] = (0, 0)
    files: Mapping[str, FoundFile] = field(default_factory=dict)
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    links: Mapping[str, Identity] = field(default_factory=dict)
    last_change: int = field(default=0, compare=False)


def look(folder: FilePath, *, with_cases: bool = False) -> Look:
    """Looks at a pack's folder, which may be a link."""
    try:
        with opened_folder(folder) as root:
            return look_inside(root, folder, with_cases=with_cases)
    except OSError as error:
        return Look(refused={"": unreadable(error, "folder")})


def look_inside(root: int, folder: FilePath, *, with_cases: bool) -> Look:
    """Looks at the open folder `root`. `folder` is its name."""
    follower = LinkFollower(root, os.path.realpath(folder))
    finder = _Finder(follower, with_cases)
    key = (0, 0)
    try:
        key = _key(follower.status(""))
        finder.find(root, "", "", (key,))
    except RefusedError as error:
        return Look(key, refused={"": error.refusal}, last_change=follower.last_change)
    except OSError as error:
        refused = {"": unreadable(error, "folder")}
        return Look(key, refused=refused, last_change=follower.last_change)
    missing = set(DECLARATIONS) - finder.files.keys() - finder.refused.keys()
    refused = finder.refused | {name: unreadable(errno.ENOENT) for name in missing}
    return Look(key, finder.files, refused, follower.links, follower.last_change)


def printable(path: str | FilePath) -> str:
    """The path as text. Bytes that are not UTF-8 become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _key(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


class _TooMuchError(RefusedError):
    """The folder has more than a pack can have."""

    def __init__(self, message: str) -> None:
        super().__init__(Refusal("pack-too-large", message))


@dataclass(slots=True)
class _Finder:
    """Finds the files of one pack."""

    follower: LinkFollower
    with_cases: bool
    files: dict[str, FoundFile] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    names: int = 0
    bytes: int = 0

    def find(self, folder: int, name: str, path: str, above: tuple[tuple[int, int], ...]) -> None:
        """Finds the files of an open folder and of the folders inside it.

        `name` and `path`, its path after links, end in a slash, or are "" for the pack's folder. `above` has the keys of
        the folders that contain it, and its own. Raises OSError, and RefusedError for the whole pack.
        """
        for entry in self._listed(folder):
            inner, path_inside = f"{name}{entry.name}", f"{path}{entry.name}"
            if self._is_ignored(entry, inner):
                continue
            if (escaped := printable(inner)) != inner:
                self.refused[escaped] = unreadable("its name is not UTF-8")
                continue
            try:
                self._take(inner, path_inside, above, entry.is_symlink())
            except _TooMuchError:
                raise
            except RefusedError as error:
                self.refused[inner] = error.refusal
            except OSError as error:
                self.refused[inner] = unreadable(error)

    def _listed(self, folder: int) -> list[os.DirEntry[str]]:
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                self.names += 1
                if self.names > MOST_NAMES:
                    raise _TooMuchError(f"a pack may have at most {MOST_NAMES} files and folders")
                found.append(entry)
        return sorted(found, key=lambda entry: entry.name)

    def _is_ignored(self, entry: os.DirEntry[str], name: str) -> bool:
        """Whether this is hidden, cases that are not asked for, or neither a folder nor a file that is read."""
        if entry.name.startswith("."):
            return True
        if entry.name.endswith(ENDING):
            return False
        inside = inside_part(name)
        if entry.name == CASES_FOLDER and not (self.with_cases and inside == CASES_FOLDER):
            return True
        try:
            return not entry.is_dir() or inside.startswith(f"{CASES_FOLDER}/")
        except OSError:
            return True

    def _take(
        self, name: str, path: str, above: tuple[tuple[int, int], ...], is_link: bool
    ) -> None:
        if is_link:
            path = self.follower.resolved(path)
        status = self.follower.status(path)
        is_folder = stat.S_ISDIR(status.st_mode)
        if is_folder and name.endswith(ENDING):
            self.refused[name] = unreadable(errno.EISDIR)
        elif is_folder:
            self._enter(name, path, _key(status), above)
        elif not stat.S_ISREG(status.st_mode):
            self.refused[name] = unreadable("it is not a regular file")
        elif status.st_size > MAX_BYTES:
            message = f"a pack file may have at most {MAX_BYTES // 1024**2} MiB"
            self.refused[name] = Refusal("file-too-large", message)
        else:
            self._add(name, FoundFile(path, Identity.of(status)))

    def _add(self, name: str, found: FoundFile) -> None:
        self.bytes += found.identity.size
        if self.bytes > MAX_PACK_BYTES:
            raise _TooMuchError(
                f"the files of a pack may have at most {MAX_PACK_BYTES // 1024**2} MiB"
            )
        self.files[name] = found

    def _enter(
        self, name: str, path: str, key: tuple[int, int], above: tuple[tuple[int, int], ...]
    ) -> None:
        if key in above:
            raise RefusedError(unreadable("the link leads to a folder that contains it"))
        if len(above) > MOST_LEVELS:
            raise _TooMuchError(f"a pack may have at most {MOST_LEVELS} levels of folders")
        folder = open_inside(self.follower.root, path, OPEN_FOLDER)
        try:
            self.find(folder, f"{name}/", f"{path}/", (*above, key))
        finally:
            os.close(folder)
