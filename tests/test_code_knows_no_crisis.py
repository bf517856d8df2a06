"""The code contains nothing about crises: no module names a fact, a value of a lifted output, a rule or an action of the pack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from service.language.model import Pack
from tests.packs import default_pack

ROOT = Path(__file__).parent.parent
CODE = [
    path
    for folder in ("service", "schemas")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".lark", ".js", ".html", ".css")
]

ENGLISH = {"none"}
"""Values of the pack that are words of every text: they say nothing about crises."""


@cache
def names() -> frozenset[str]:
    return frozenset(_names(default_pack()))


def _names(pack: Pack) -> Iterator[str]:
    yield from pack.vocabulary.facts
    # `posted.calm` and `posted.watch` are names of the language, which makes these facts in every pack that reads them.
    yield from (name for item in pack.derived if not (name := item.fact.name).startswith("posted."))
    yield from pack.actions
    yield from (rule.id for rule in pack.rules)
    for name in pack.lifted:
        yield from set(pack.outputs[name].type.values) - ENGLISH


def test_there_is_code_and_a_pack_to_check() -> None:
    assert len(CODE) > 30
    assert len(names()) > 150


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_contains_a_name_of_the_pack(path: Path) -> None:
    assert names() & set(re.findall(r"[\w.]+", path.read_text("utf-8"))) == set()
