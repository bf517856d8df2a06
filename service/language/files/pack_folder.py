"""Opens a pack's folder and what is inside it, and follows links, without ever leaving the folder. It reads no file."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import NamedTuple

from service.language.problem_codes import ProblemCode

MOST_LINKS = 40
"""The most links on the way to one file, as in Linux."""

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NONBLOCK


class Identity(NamedTuple):
    """Differs after a file was written or replaced. Times are in nanoseconds.

    Only the system sets `changed`: it differs even if a writer restores size and modification time.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )


class Refusal(NamedTuple):
    """Why a file or folder is not read, for the author."""

    code: ProblemCode
    message: str


class RefusedError(Exception):
    """A file or folder of the pack cannot be used."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def unreadable(why: OSError | int | str, what: str = "file") -> Refusal:
    """`why` is an error, its number or words."""
    if isinstance(why, OSError):
        why = why.errno or errno.EIO
    reason = os.strerror(why) if isinstance(why, int) else why
    return Refusal("unreadable-file", f"the {what} cannot be read: {reason}")


LEADS_OUT = unreadable("the link leads out of the pack's folder")


@contextmanager
def opened_folder(folder: FilePath) -> Iterator[int]:
    """A descriptor of the folder, which may be a link. Raises OSError."""
    root = os.open(folder, OPEN_FOLDER)
    try:
        yield root
    finally:
        os.close(root)


def open_inside(root: int, path: str, flags: int) -> int:
    """Opens a path inside the open folder `root`. Raises OSError, also if a part of the path is a link."""
    *folders, last = path.split("/")
    above = root
    try:
        for name in folders:
            inner = os.open(name, OPEN_FOLDER | os.O_NOFOLLOW, dir_fd=above)
            if above != root:
                os.close(above)
            above = inner
        return os.open(last, flags | os.O_NOFOLLOW, dir_fd=above)
    finally:
        if above != root:
            os.close(above)


@dataclass(slots=True)
class LinkFollower:
    """Follows the links of one pack. `real` is the path of its real folder, `root` the open folder.

    It notes the links that it follows, and `last_change`: the time, in nanoseconds, of the newest change of all it meets.
    """

    root: int
    real: str
    links: dict[str, Identity] = field(default_factory=dict)
    last_change: int = 0

    def status(self, path: str) -> os.stat_result:
        """The status of a path, of the link itself if it is one. Raises OSError."""
        found = os.lstat(path or ".", dir_fd=self.root)
        self.last_change = max(self.last_change, found.st_ctime_ns)
        return found

    def resolved(self, path: str) -> str:
        """The path without links; "" for the folder itself. Raises OSError, and RefusedError if it leads out of the folder."""
        done: list[str] = []
        waiting = path.split("/")[::-1]
        followed = 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if done:
                    done.pop()
                else:
                    waiting = self._inside("/".join([self.real, "..", *waiting[::-1]]))
                continue
            step = "/".join([*done, part])
            status = self.status(step)
            if not stat.S_ISLNK(status.st_mode):
                done.append(part)
                continue
            followed += 1
            if followed > MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            self.links[step] = Identity.of(status)
            target = os.readlink(step, dir_fd=self.root)
            if target.startswith("/"):
                done, waiting = [], self._inside("/".join([target, *waiting[::-1]]))
            else:
                waiting += target.split("/")[::-1]
        return "/".join(done)

    def _inside(self, path: str) -> list[str]:
        """The parts of an absolute path below the real folder, the last one first. Raises RefusedError."""
        real = os.path.realpath(path)
        if real != self.real and not real.startswith(f"{self.real}/"):
            raise RefusedError(LEADS_OUT)
        return real.removeprefix(self.real).split("/")[::-1]
