"""Everything that can be said about a pack without running its cases."""

from __future__ import annotations

from pathlib import Path

from service.authoring.cases import fact_problems
from service.engine.cross_check import prove
from service.engine.packs import refused_by_engine
from service.engine.rete import ReteError, available
from service.language.model import Pack
from service.language.pack import load_pack
from service.language.problem import Problem


def check_pack(folder: Path) -> tuple[Pack | None, list[Problem]]:
    """The pack with its cases if its files have no error, and all problems sorted by place.

    The rules are compiled in a child process too: what crashes there must not crash a server.
    """
    pack, problems = load_pack(folder, with_cases=True)
    if pack is None:
        return None, problems
    problems += fact_problems(pack, pack.cases)
    if available():
        try:
            prove(pack)
        except ReteError as error:
            problems.append(refused_by_engine(folder, error))
    return pack, sorted(set(problems))
