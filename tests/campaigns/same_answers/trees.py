"""The two trees: this working tree, and an earlier commit unpacked into a folder; and their recorders, one process for each."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.campaigns.same_answers.incidents import DEFAULT, PACKS

RECORDER = Path(__file__).with_name("recorder.py")


@dataclass(frozen=True, slots=True)
class Tree:
    """`folder` has the sources; `work` has the packs that serve, the server's state and its log."""

    name: str
    folder: Path
    work: Path

    @property
    def packs(self) -> Path:
        return self.work / "packs"

    @property
    def log(self) -> Path:
        return self.work / "log"


def unpack(commit: str, repository: Path, folder: Path) -> str:
    """Unpacks the whole tree of the commit and returns the commit's full name. Raises CalledProcessError if there is none."""
    found = _git(repository, "rev-parse", "--verify", "--end-of-options", f"{commit}^{{commit}}")
    name = found.decode().strip()
    with tarfile.open(fileobj=io.BytesIO(_git(repository, "archive", name))) as archive:
        archive.extractall(folder, filter="data")
    return name


def _git(repository: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, check=True)
    return done.stdout


def with_packs(name: str, folder: Path, work: Path, more: Path) -> Tree:
    """A tree ready to serve its own packs, and those of the folder `more`."""
    tree = Tree(name, folder, work)
    shutil.copytree(more, tree.packs)
    for pack in PACKS:
        shutil.copytree(folder / pack, tree.packs / pack.name)
    return tree


@contextmanager
def recorder(tree: Tree, requests: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A process that writes a line for each request. It imports the project from the tree, not from an installed copy."""
    command = [sys.executable, "-P", str(RECORDER), str(tree.folder), str(requests), *options]
    with tree.log.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=tree.folder, env=_environment(tree), stdout=subprocess.PIPE, stderr=log, text=True
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _environment(tree: Tree) -> dict[str, str]:
    """The settings of the caller do not reach the application. The hash seed fixes the order of methods in `Allow`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return kept | {
        "PYTHONPATH": str(tree.folder),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TOCSIN_PACKS": str(tree.packs),
        "TOCSIN_PACK": DEFAULT,
        "TOCSIN_STATE": str(tree.work / "state"),
        "TOCSIN_LOG_LEVEL": "error",
    }
