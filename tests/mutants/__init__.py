"""Mistakes of one line each, as patches: the suite must catch every one of them.

A patch begins with a sentence that describes the mistake, and a line `tests:` with the tests that fail.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
COPIED = (
    *("service", "schemas", "client", "tests", "rules", "examples", "docs"),
    *(
        "pyproject.toml",
        "requirements-build.txt",
        "requirements.txt",
        "Makefile",
        "gunicorn.conf.py",
    ),
)


@dataclass(frozen=True)
class Mutant:
    """`path` is the file of its diff. `tests` are the files of tests that must fail when it is applied."""

    path: Path
    mistake: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path.stem

    def apply(self, tree: Path) -> None:
        """Raises CalledProcessError if the diff no longer applies to the tree."""
        subprocess.run(
            ["git", "apply", "--whitespace=nowarn", str(self.path)],
            cwd=tree,
            check=True,
            capture_output=True,
        )


def read(path: Path) -> Mutant:
    mistake, tests = re.findall(r"\A(.+)\ntests: (.+)\n", path.read_text("utf-8"))[0]
    return Mutant(path, mistake, tuple(tests.split()))


def all_mutants() -> list[Mutant]:
    return [read(path) for path in sorted(FOLDER.glob("*.patch"))]


def copy_of_tree(folder: Path) -> Path:
    """A copy of the files that tests and their servers need, outside of any repository.

    The files of the root are as old as can be: so `make run` there does not install the copy into the environment that it shares.
    """
    tree = folder / "tree"
    tree.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tree / name)
            os.utime(tree / name, (0, 0))
    return tree
