"""The folder through which the workers of one server share their figures: one file for each worker.

A file is written beside the old one and then renamed: a full disk costs new figures, and the old ones stay.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from service.metrics.snapshot import Snapshot, from_bytes, to_bytes
from service.private_folder import open_file, opened_folder, own_folder, read_file, write_file

PREFIX = "tocsin-metrics-"
LOCK = "lock"
ENDED = "ended.json"
"""The sum of all workers that have ended."""
MOST_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class Found:
    """The snapshots of a folder, and the number of files that are broken or could not be read."""

    snapshots: list[Snapshot] = field(default_factory=list)
    broken: int = 0


@dataclass(slots=True)
class Folder:
    """`lock` is the descriptor of a locked file. The lock ends when the master and all its workers have ended.

    Each worker has a number that no other worker of this server ever has. `lock` is -1 once the folder is closed.
    """

    path: Path
    lock: int

    def write(self, worker: int, snapshot: Snapshot) -> None:
        """Raises OSError; then the worker's last figures stay."""
        self._write(_name(worker), snapshot)

    def write_ended(self, snapshot: Snapshot) -> None:
        """Raises OSError; then the last sum stays."""
        self._write(ENDED, snapshot)

    def read(self, worker: int) -> Snapshot | None:
        """A worker's figures, or None if it never wrote any. Raises OSError, and ValueError if they are broken."""
        with suppress(FileNotFoundError), self._opened() as folder:
            return _read(folder, _name(worker))
        return None

    def remove(self, worker: int) -> None:
        """Raises OSError."""
        with suppress(FileNotFoundError), self._opened() as folder:
            for name in (_name(worker), _partial(_name(worker))):
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)

    def read_all(self, but: int) -> Found:
        """The figures of all workers except one, each worker's once. There are none if the folder cannot be opened."""
        with suppress(OSError), self._opened() as folder:
            return _read_all(folder, but)
        return Found()

    def close(self) -> None:
        """Removes the folder."""
        lock, self.lock = self.lock, -1
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):
            os.close(lock)

    @contextmanager
    def _opened(self, *, make: bool = False) -> Iterator[int]:
        """Another user of the temporary folder may have put another one here: it is checked. Raises OSError."""
        with (
            opened_folder(self.path.parent) as parent,
            own_folder(parent, self.path.name, make=make) as folder,
        ):
            yield folder

    def _write(self, name: str, snapshot: Snapshot) -> None:
        """If the folder was deleted while the server runs, it is made again."""
        if self.lock < 0:
            raise OSError(errno.EBADF, "the folder is closed")
        with self._opened(make=True) as folder:
            self._hold(folder)
            write_file(folder, name, to_bytes(snapshot), partial=_partial(name))
            os.utime(self.lock)  # a program that cleans temporary folders must not find it old

    def _hold(self, folder: int) -> None:
        """Holds the lock of a folder that was made again: `lock` is then that of the deleted one. Raises OSError."""
        with suppress(FileNotFoundError):
            there = os.stat(LOCK, dir_fd=folder, follow_symlinks=False)
            if os.path.samestat(there, os.fstat(self.lock)):
                return
        lock = open_file(folder, LOCK, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # each worker holds it for itself
        except OSError:
            os.close(lock)
            raise
        old, self.lock = self.lock, lock
        os.close(old)


def _read_all(folder: int, but: int) -> Found:
    found, by_number = Found(), dict[int, Snapshot]()
    for number in _numbers(folder):
        if number != but and (snapshot := _read_into(found, folder, _name(number))):
            by_number[number] = snapshot
    # The sum of the ended workers comes last: a worker's file is removed only after it was added there.
    ended = _read_into(found, folder, ENDED)
    added = ended.added if ended else ()
    found.snapshots = [one for number, one in by_number.items() if number not in added]
    found.snapshots += [ended] if ended else []
    return found


def _numbers(folder: int) -> Iterator[int]:
    for name in os.listdir(folder):
        number = name.removeprefix("worker-").removesuffix(".json")
        if number.isdecimal() and name == _name(int(number)):
            yield int(number)


def _read(folder: int, name: str) -> Snapshot | None:
    """Raises OSError and ValueError."""
    try:
        return from_bytes(read_file(folder, name, MOST_BYTES))
    except FileNotFoundError:
        return None


def _read_into(found: Found, folder: int, name: str) -> Snapshot | None:
    try:
        return _read(folder, name)
    except (OSError, ValueError):
        found.broken += 1
        return None


def open_folder() -> Folder:
    """A new folder in the temporary folder. Raises OSError.

    It first removes the folders of servers that ended without removing theirs: no process holds their locks any more.
    """
    parent = Path(tempfile.gettempdir()).resolve()
    for left in _left_behind(parent):
        shutil.rmtree(left, ignore_errors=True)
    # It gets its final name once it is locked: another server that starts now must not remove it.
    hidden = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent))
    try:
        lock = os.open(hidden / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return Folder(hidden.rename(parent / hidden.name[1:]), lock)
    except OSError:
        shutil.rmtree(hidden, ignore_errors=True)
        raise


def _left_behind(parent: Path) -> list[Path]:
    found = []
    for path in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if not path.is_symlink() and path.stat().st_uid == os.geteuid() and not _is_held(path):
                found.append(path)
    return found


def _is_held(folder: Path) -> bool:
    """Whether a process of the folder's server still runs. Raises OSError if the folder has no lock."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _name(worker: int) -> str:
    return f"worker-{worker}.json"


def _partial(name: str) -> str:
    return f"{name}.partial"
