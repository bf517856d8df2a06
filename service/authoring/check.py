"""Everything that can be said about a pack without running its cases."""

from __future__ import annotations

from pathlib import Path

from service.authoring.cases import fact_problems
from service.language.model import Pack
from service.language.pack import load_pack
from service.language.problem import Problem


def check_pack(folder: Path) -> tuple[Pack | None, list[Problem]]:
    """The pack with its cases if it has no error, and all problems sorted by place."""
    pack, problems = load_pack(folder, with_cases=True)
    if pack is not None:
        problems = sorted({*problems, *fact_problems(pack, pack.cases)})
    return pack, problems
