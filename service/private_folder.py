"""Opens folders that only this user can change, and the files in them.

What was checked is what is used: a folder is checked after it is open, and everything in it is reached from its descriptor,
without following a link and without truncating. It must not know what the files are for.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

SECONDS_BETWEEN_TRIES = 0.05
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class ForeignFolderError(PermissionError):
    """Another user could have made or changed what is in the folder."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.EPERM, message)


@contextmanager
def trusted_folder(path: Path) -> Iterator[int]:
    """A folder in which this user may have one of its own. It may be a link, and is made if it is missing.

    Raises OSError, and ForeignFolderError unless it is this user's or root's, and not writable by all or sticky.
    """
    real = Path(os.path.realpath(path))
    for missing in reversed(list(takewhile(lambda one: not os.path.lexists(one), _upwards(real)))):
        with suppress(FileExistsError):
            missing.mkdir(mode=0o700)
    with opened_folder(real) as folder:
        status = os.fstat(folder)
        if status.st_uid not in (0, os.geteuid()):
            raise ForeignFolderError("it belongs to another user")
        if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
            raise ForeignFolderError("every user may write to it, and it is not sticky")
        yield folder


@contextmanager
def opened_folder(path: Path) -> Iterator[int]:
    """A folder with a path that has no link at its end. Raises OSError."""
    folder = os.open(path, _FOLDER)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def own_folder(parent: int, name: str, *, make: bool = True) -> Iterator[int]:
    """A folder of this user alone, inside an open folder. With `make` it is made if it is missing.

    Raises OSError, and ForeignFolderError if it is a link or a file, another user's, or writable by others.
    """
    folder = _opened(parent, name, make)
    try:
        _check_own(folder, parent, name)
        yield folder
    finally:
        os.close(folder)


def open_file(folder: int, name: str, flags: int) -> int:
    """A regular file of an open folder. Raises OSError, also for anything else."""
    opened = os.open(name, flags | _FILE, 0o600, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise OSError(errno.EINVAL, "it is not a regular file", name)
    return opened


def read_file(folder: int, name: str, most: int) -> bytes:
    """The first `most` bytes of a file. Raises OSError."""
    with os.fdopen(open_file(folder, name, os.O_RDONLY), "rb") as file:
        return file.read(most)


def write_file(folder: int, name: str, data: bytes, *, partial: str) -> None:
    """Writes a whole file beside the old one, as `partial`, and then renames it.

    Raises OSError. Then the old file stays and nothing else is left behind.
    """
    try:
        with os.fdopen(open_file(folder, partial, os.O_WRONLY | os.O_CREAT), "wb") as file:
            file.write(data)
            file.truncate()
        os.rename(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(OSError):
            os.unlink(partial, dir_fd=folder)
        raise


@contextmanager
def locked(folder: int, name: str, seconds: float) -> Iterator[bool]:
    """Yields whether this process got the lock within this time. Raises OSError if there can be no lock."""
    lock = open_file(folder, name, os.O_RDWR | os.O_CREAT)
    try:
        yield _locks(lock, time.monotonic() + seconds)
    finally:
        os.close(lock)


def _locks(lock: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(SECONDS_BETWEEN_TRIES)
        else:
            return True


def _upwards(path: Path) -> Iterator[Path]:
    yield path
    yield from path.parents


def _opened(parent: int, name: str, make: bool) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except FileNotFoundError:
        if not make:
            raise
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=parent)
        return _opened(parent, name, make=False)
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            raise ForeignFolderError(f"'{name}' in it is a link or a file") from None
        raise


def _check_own(folder: int, parent: int, name: str) -> None:
    status = os.fstat(folder)
    if status.st_uid != os.geteuid():
        raise ForeignFolderError(f"'{name}' in it belongs to another user")
    if not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return
    if not _is_of_volume(status, os.fstat(parent)):
        raise ForeignFolderError(f"other users may write to '{name}' in it")
    os.fchmod(folder, 0o700)


def _is_of_volume(status: os.stat_result, parent: os.stat_result) -> bool:
    """Kubernetes lets a volume's group write to every folder of it (fsGroup), each time it mounts the volume."""
    for one in (status, parent):
        if one.st_mode & stat.S_IWOTH or not one.st_mode & stat.S_ISGID:
            return False
    return bool(parent.st_mode & stat.S_IWGRP) and status.st_gid == parent.st_gid
