"""What a scene needs of the machine: a tiny disk, a process without privileges, few file descriptors."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BLOCK = 4096
UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]


class Impossible(Exception):
    """This machine cannot play the scene. The message says why."""


@contextmanager
def tiny_disk(folder: Path, kilobytes: int, inodes: int = 256) -> Iterator[Path]:
    """The folder, made as a file system of its own. Raises Impossible."""
    folder.mkdir(exist_ok=True)
    options = f"size={kilobytes}k,nr_inodes={inodes}"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    with suppress(OSError):
        subprocess.run(command, capture_output=True)
    if not folder.is_mount():
        raise Impossible("this user may not mount a tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def without_privileges() -> list[str]:
    """A command that runs another one without privileges, so that modes of files hold for it. Raises Impossible.

    The user stays: the interpreter may lie in a folder that only this user can read.
    """
    if os.geteuid() != 0:
        return []
    with suppress(OSError):
        if subprocess.run([*UNPRIVILEGED, "true"], capture_output=True).returncode == 0:
            return UNPRIVILEGED
    raise Impossible("root cannot give up its privileges with setpriv")


def with_descriptors(most: int) -> list[str]:
    """A command that runs another one with at most so many open files in each process."""
    return ["sh", "-c", f'ulimit -n {most} && exec "$@"', "sh"]


class Filler:
    """Files that leave neither a block nor an inode in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []

    def fill(self) -> bool:
        """Takes what is free now, with new files until none can be made. Whether anything was free."""
        before = len(self._files)
        with suppress(OSError):
            while True:
                path = self._folder / f"filler-{len(self._files)}"
                path.touch()
                self._files.append(path)
                with suppress(OSError), path.open("wb", buffering=0) as file:
                    while file.write(bytes(BLOCK)):
                        pass
        return len(self._files) > before

    def remove(self) -> None:
        for path in self._files:
            path.unlink(missing_ok=True)
        self._files.clear()


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """The folder's disk has neither a block nor an inode left until the block of code ends."""
    filler = Filler(folder)
    filler.fill()
    try:
        yield
    finally:
        filler.remove()
