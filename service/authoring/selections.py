"""Loads a pack with other selections of its parts than the one that it lists: a deployment may leave out any of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from service.authoring.cases import CaseResult, check_facts, run_cases
from service.engine.judging.cross_check import EngineName
from service.language.collector import Collector, FullError
from service.language.files.pack_files import PackFiles, read_files
from service.language.load import load_files
from service.language.model import Pack
from service.language.problem import Problem

Selection = tuple[str, ...]


def selections(parts: Collection[str], *, pairs: bool) -> Iterator[Selection]:
    """No part and each alone; with `pairs` each pair and all parts too."""
    found = [(), *((one,) for one in parts)]
    if pairs:
        found += [*combinations(sorted(parts), 2), tuple(sorted(parts))]
    yield from dict.fromkeys(found)


def in_words(chosen: Selection) -> str:
    match chosen:
        case ():
            return "without any part"
        case (one,):
            return f"with the part {one} alone"
    return f"with the parts {', '.join(chosen)} alone"


def check_selections(folder: Path, found: Collection[Problem], *, pairs: bool) -> list[Problem]:
    """The problems that only other selections have, each for the first one that has it. Warnings are told with `pairs` only.

    `found` are the problems of the selection that pack.yaml lists.
    """
    files = read_files(folder, with_cases=True)
    known = {_key(problem) for problem in found}
    told: list[Problem] = []
    for chosen in selections(files.known_parts, pairs=pairs) if files.known_parts else ():
        for problem in _loaded(files, chosen)[1]:
            if _key(problem) not in known and (pairs or problem.severity == "error"):
                known.add(_key(problem))
                told.append(_told(problem, chosen))
    return told


def run_selections(
    folder: Path, engine: EngineName
) -> Iterator[tuple[Selection, list[CaseResult]]]:
    """The results of the cases that count in each selection which loads."""
    files = read_files(folder, with_cases=True)
    for chosen in selections(files.known_parts, pairs=True):
        pack, _ = _loaded(files, chosen)
        if pack is not None:
            yield chosen, list(run_cases(pack, engine))


def _loaded(files: PackFiles, chosen: Selection) -> tuple[Pack | None, list[Problem]]:
    pack, problems = load_files(replace(files, chosen=chosen))
    if pack is None:
        return None, problems
    collector = Collector(problems)
    with suppress(FullError):
        check_facts(pack, pack.cases, collector)
    return pack, collector.listed()


def _key(problem: Problem) -> tuple[str, int, int, str]:
    return problem.file, problem.line, problem.column, problem.message


def _told(problem: Problem, chosen: Selection) -> Problem:
    hint = "; ".join(filter(None, [problem.hint, "every selection of parts must load"]))
    message = f"{in_words(chosen)}: {problem.code}: {problem.message}"
    return replace(problem, code="part-needed", message=message, hint=hint)
