"""Checks mutated and generated packs: loads them, renders their problems, and asks those that load for everything."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from flask import Flask

from service.authoring.cases import check_facts, run_cases
from service.authoring.render import FORMATS, render
from service.engine.rete.matcher import ReteError
from service.language.collector import Collector
from service.language.load import load_pack
from service.language.model import Pack
from service.language.problem import Problem, has_errors
from service.language.problem_codes import PROBLEM_CODES
from tests.faults.every_incident import application, complaint
from tests.faults.packs import PACKS, Mutant
from tests.faults.watched import Judge
from tests.server import ROOT

TOCSIN = Path(sys.executable).with_name("tocsin")
SECONDS = 180
"""For one pack and all that it is asked. Long, so that a slow machine does not count as a hang."""


def in_folder(folder: Path) -> Judge:
    """Judges one mutant after another, each written over a copy of its pack in `folder`."""
    home, app = _copies(folder), application(folder / "state")

    def judge(mutant: Mutant) -> str:
        with_mutant(mutant, home)
        try:
            return judge_pack(home / mutant.pack, app).complaint
        except Exception:
            return traceback.format_exc(limit=-6)
        finally:
            without_mutant(mutant, home)

    return judge


def by_command(folder: Path) -> Judge:
    """Judges the output of `tocsin check` for a mutant, in one of its formats."""
    home = _copies(folder)

    def judge(mutant: Mutant) -> str:
        pack = with_mutant(mutant, home)
        style = FORMATS[sum(map(len, mutant.files.values())) % len(FORMATS)]
        command = [str(TOCSIN), "check", str(pack), "--format", style]
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return f"hang: no end within {SECONDS} s"
        finally:
            without_mutant(mutant, home)
        if done.returncode not in (0, 1) or b"Traceback" in done.stdout + done.stderr:
            return f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}"
        told = done.stdout.strip() not in (b"", b"[]")
        return "" if told or done.returncode == 0 else "exit 1 without a problem"

    return judge


def _copies(folder: Path) -> Path:
    home = Path(tempfile.mkdtemp(dir=folder))
    for name, pack in PACKS.items():
        shutil.copytree(pack, home / name)
    return home


def with_mutant(mutant: Mutant, home: Path) -> Path:
    """The folder of the mutated pack, with its changed files written."""
    for name, raw in mutant.files.items():
        (home / mutant.pack / name).write_bytes(raw)
    return home / mutant.pack


def without_mutant(mutant: Mutant, home: Path) -> None:
    for name in mutant.files:
        shutil.copy(PACKS[mutant.pack] / name, home / mutant.pack / name)


class Judged(NamedTuple):
    """Whether the pack loads, and what is wrong with it, or "" if nothing is."""

    loads: bool
    complaint: str


def judge_pack(folder: Path, app: Flask, seed: str = "") -> Judged:
    """Every problem must have an existing place. Without errors there must be a pack, and it must answer every incident.

    `seed` is that of the incidents; without one the pack's digest is.
    """
    pack, problems = load_pack(folder, with_cases=True)
    for style in FORMATS:
        render(problems, style)
    if (pack is None) != has_errors(problems):
        return Judged(pack is not None, "a pack with errors, or neither")
    wrong = _misplaced_first(problems)
    return Judged(pack is not None, wrong or (_answers(pack, app, seed) if pack else ""))


def misplaced(problem: Problem) -> str:
    """What is wrong with a problem, or "": it must have an existing place, a known code and a message."""
    path = Path(problem.file)
    if not path.is_file():
        return f"no such file: {problem}"
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    if not 1 <= problem.line <= len(lines):
        return f"no such line: {problem}"
    # If a file is not UTF-8, a column counts bytes instead of characters.
    width = max(len(lines[problem.line - 1]), len(lines[problem.line - 1].encode()))
    if not 1 <= problem.column <= width + 1 or problem.length < 1:
        return f"no such column: {problem}"
    if problem.code not in PROBLEM_CODES or not problem.message:
        return f"no such code, or no message: {problem}"
    return ""


def _answers(pack: Pack, app: Flask, seed: str) -> str:
    """Asks the pack for everything, and runs its cases."""
    try:
        wrong = complaint(pack, seed or pack.digest, app)
    except ReteError:  # the author gets a problem: engine-refused
        return ""
    if wrong:
        return wrong
    collector = Collector()
    check_facts(pack, pack.cases, collector)
    return _misplaced_first([*collector.problems, *_failed(pack)])


def _failed(pack: Pack) -> Iterable[Problem]:
    return (problem for result in run_cases(pack) for problem in result.problems)


def _misplaced_first(problems: Iterable[Problem]) -> str:
    return next(filter(None, map(misplaced, problems)), "")
