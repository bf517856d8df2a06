"""The code contains nothing about crises: no module names a fact, a value of a lifted output, a rule or an action of the pack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packs import loaded

ROOT = Path(__file__).parent.parent
PACK = loaded(ROOT / "rules" / "pr_crisis")
CODE = [
    path
    for folder in ("service", "schemas")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".lark", ".js", ".html", ".css")
]

ENGLISH = {"none"}
"""Values of the pack that are words of every text: they say nothing about crises."""


def names() -> Iterator[str]:
    yield from PACK.vocabulary.facts
    # `posted.calm` and `posted.watch` are names of the language, which makes these facts in every pack that reads them.
    yield from (name for item in PACK.derived if not (name := item.fact.name).startswith("posted."))
    yield from PACK.actions
    yield from (rule.id for rule in PACK.rules)
    for name in PACK.lifted:
        yield from set(PACK.outputs[name].type.values) - ENGLISH


def test_there_is_code_and_a_pack_to_check() -> None:
    assert len(CODE) > 30
    assert len(set(names())) > 150


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_contains_a_name_of_the_pack(path: Path) -> None:
    text = path.read_text("utf-8")
    found = [
        name for name in set(names()) if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text)
    ]
    assert found == []
