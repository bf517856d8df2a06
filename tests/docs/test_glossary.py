"""docs/glossary.md leads to what is there, and names that had lost every meaning do not come back."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT

ROWS = re.findall(
    r"^\| ([^|]+) \| (.+) \| `([\w.]+):([\w.]+)` \|$",
    (ROOT / "docs" / "glossary.md").read_text("utf-8"),
    re.MULTILINE,
)
LOST_WORDS = frozenset(
    [
        "barring",
        "doubt",
        "gifts",
        "governed",
        "possible",
        "quarrelsome",
        "reserve",
        "shelf",
        "shown",
        "slice",
    ]
)
"""Words that meant several things, or none. `answer`, `plan`, `report`, `kinds`, `bounds` keep one meaning."""
ONE_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def test_the_glossary_has_every_line_of_its_tables() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    headings = [line for line in lines if line == "| word | meaning | where |"]
    assert len(ROWS) == len(lines) - len(headings)
    assert len({word for word, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_word_lives_where_the_glossary_says(row: tuple[str, str, str, str]) -> None:
    _, _, module, identifier = row
    found: Any = importlib.import_module(module)
    for name in identifier.split("."):
        annotated = getattr(found, "__annotations__", {})
        assert hasattr(found, name) or name in annotated, (module, identifier)
        found = getattr(found, name, annotated.get(name))


def test_no_name_is_a_word_that_lost_its_meaning() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path, tree in sources()
        for name, line in names_bound(tree)
        if lost_words(name)
    ]
    assert wrong == []


def test_no_folder_or_module_is_called_by_a_word_that_lost_its_meaning() -> None:
    names = [path.relative_to(ROOT).with_suffix("").as_posix() for path, _ in sources()]
    assert "service/engine/answer/parts" in names
    assert [name for name in names if lost_words(name)] == []


@pytest.mark.parametrize("name", ["service/shelf", "service/engine/possible/values", "is_shown"])
def test_a_lost_word_is_found_in_any_part_of_a_name(name: str) -> None:
    assert lost_words(name)


def test_the_search_for_names_finds_each_way_of_binding_one() -> None:
    tree = ast.parse(
        "import a as shelf\n"
        "class Shelf:\n"
        "    shown: int\n"
        "    def doubt(self, slice, /, *gifts, **governed):\n"
        "        self.barring = 1\n"
        "        for possible in ():\n"
        "            pass\n"
        "match 1:\n"
        "    case {'a': quarrelsome, **reserve}:\n"
        "        pass\n"
    )
    found = {name.casefold() for name, _ in names_bound(tree)}
    assert found >= LOST_WORDS


def test_the_name_of_a_type_stands_once() -> None:
    places: dict[str, list[str]] = {}
    for path, tree in sources():
        for name in types_defined(tree):
            places.setdefault(name, []).append(str(path.relative_to(ROOT)))
    twice = {name: found for name, found in places.items() if len(found) > 1 and name != "Meta"}
    assert twice == {}


def lost_words(name: str) -> frozenset[str]:
    return LOST_WORDS & {word.casefold() for word in ONE_WORD.findall(name)}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("service", "schemas"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def names_bound(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Each name that the code gives to something, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name):
                yield name, node.lineno
            case ast.alias(asname=str() as name):
                yield name, node.lineno
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name, node.lineno
            case ast.MatchMapping(rest=str() as name):
                yield name, node.lineno


def types_defined(tree: ast.Module) -> Iterator[str]:
    """Classes anywhere, and the names that stand for types at the top of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        target = node.target if isinstance(node, ast.AnnAssign) else target
        if isinstance(target, ast.Name) and re.fullmatch(r"_?[A-Z]\w*[a-z]\w*", target.id):
            yield target.id
