"""The golden rows of `problems/*.yaml`: each has one change of the harbour pack, and all problems then reported."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from service.language.problem import Problem
from tests.packs import copy_of_harbour, problems_of

ROWS = Path(__file__).parent / "problems"


@dataclass(frozen=True, slots=True)
class Row:
    """In `file`, `old` is replaced by `new`, repeated `times` times. `beside` has the texts of further files.

    Without `old` the whole file is replaced. Without `new` the file is deleted.
    """

    group: str
    says: str
    file: str
    reports: str
    old: str | None = None
    new: str | None = None
    times: int = 1
    encoding: str = "utf-8"
    beside: Mapping[str, str] = field(default_factory=dict)

    def changed(self, folder: Path) -> Path:
        """A copy of the harbour pack with this row's change."""
        copy = copy_of_harbour(folder)
        for name, text in self.beside.items():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_text(text, "utf-8")
        target = copy / self.file
        if self.new is None:
            target.unlink()
            return copy
        before = target.read_text("utf-8") if target.exists() else ""
        if self.old is not None:
            assert before.count(self.old) == 1, f"'{self.old}' must stand once in {self.file}"
        new = self.new * self.times
        after = new if self.old is None else before.replace(self.old, new)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(after.encode(self.encoding))
        return copy


def rows() -> list[Row]:
    return [
        Row(group=path.stem, **row)
        for path in sorted(ROWS.glob("*.yaml"))
        for row in yaml.safe_load(path.read_text("utf-8"))
    ]


def reported(row: Row, folder: Path) -> str:
    """Every problem of the changed pack, in the form of the golden files. Cases are read only if they changed."""
    copy = row.changed(folder)
    if not row.file.startswith("cases/"):
        shutil.rmtree(copy / "cases")
    return shown(problems_of(copy), copy, row.file)


def shown(problems: Iterable[Problem], folder: Path, file: str) -> str:
    """`line:column: code: message`, then the text that is underlined, and the hint.

    If a problem is in another file than `file`, the name of that file comes before the line.
    """
    lines: list[str] = []
    for problem in problems:
        name = Path(problem.file).relative_to(folder).as_posix()
        place = "" if name == file else f"{name}:"
        severity = " (warning)" if problem.severity == "warning" else ""
        lines.append(
            f"{place}{problem.line}:{problem.column}: {problem.code}{severity}: {problem.message}"
        )
        lines.append(f"  at: {_underlined(problem)}".rstrip())
        if problem.hint:
            lines.append(f"  hint: {problem.hint}")
    return "\n".join(lines).replace(f"{folder}/", "") + "\n"


def _underlined(problem: Problem) -> str:
    path = Path(problem.file)
    lines: list[Any] = path.read_bytes().split(b"\n") if path.exists() else [b""]
    line = str(lines[problem.line - 1], "utf-8", "replace")
    start = problem.column - 1
    return line[start : start + min(problem.length, 60)]
