"""The folder through which the workers of one server share their figures: one file for each worker.

A file is written beside the old one and then renamed: a full disk costs new figures, and the old ones stay.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from service.metrics.snapshot import Snapshot, from_bytes, to_bytes

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


@dataclass(frozen=True, slots=True)
class Folder:
    """`lock` is the descriptor of a locked file. The lock ends when the master and all its workers have ended.

    Each worker has a number that no other worker of this server ever has.
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
        return self._read(_name(worker))

    def remove(self, worker: int) -> None:
        """Raises OSError."""
        for name in (_name(worker), _partial(_name(worker))):
            (self.path / name).unlink(missing_ok=True)

    def read_all(self, but: int) -> Found:
        """The figures of all workers except one, each worker's once."""
        found, by_number = Found(), dict[int, Snapshot]()
        for number in self._numbers():
            if number != but and (snapshot := self._read_into(found, _name(number))):
                by_number[number] = snapshot
        # The sum of the ended workers comes last: a worker's file is removed only after it was added there.
        ended = self._read_into(found, ENDED)
        added = ended.added if ended else ()
        found.snapshots = [one for number, one in by_number.items() if number not in added]
        found.snapshots += [ended] if ended else []
        return found

    def close(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):
            os.close(self.lock)

    def _numbers(self) -> Iterator[int]:
        with suppress(OSError):
            for name in os.listdir(self.path):
                number = name.removeprefix("worker-").removesuffix(".json")
                if number.isdecimal() and name == _name(int(number)):
                    yield int(number)

    def _write(self, name: str, snapshot: Snapshot) -> None:
        partial = self.path / _partial(name)
        try:
            partial.write_bytes(to_bytes(snapshot))
            partial.rename(self.path / name)
            os.utime(self.lock)  # a program that cleans temporary folders must not find it old
        except OSError:
            with suppress(OSError):
                partial.unlink()
            raise

    def _read(self, name: str) -> Snapshot | None:
        try:
            with (self.path / name).open("rb") as file:
                return from_bytes(file.read(MOST_BYTES))
        except FileNotFoundError:
            return None

    def _read_into(self, found: Found, name: str) -> Snapshot | None:
        try:
            return self._read(name)
        except (OSError, ValueError):
            found.broken += 1
            return None


def open_folder() -> Folder:
    """A new folder in the temporary folder. Raises OSError.

    It first removes the folders of servers that ended without removing theirs: no process holds their locks any more.
    """
    parent = Path(tempfile.gettempdir())
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
