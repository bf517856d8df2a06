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
        "final",
        "finals",
        "gifts",
        "governed",
        "possible",
        "quarrelsome",
        "reporter",
        "reserve",
        "shelf",
        "shown",
        "slice",
    ]
)
"""Words that meant several things, or none. `answer`, `plan`, `report`, `kind`, `bounds` keep one meaning."""
ONE_MEANING = {
    "report": (
        "schemas/files",
        "schemas/pack_views.py",
        "service/answering.py",
        "service/assess_lines.py",
        "service/cli.py",
        "service/language/model",
        "service/language/texts",
        "service/reporting",
    ),
    "kind": (
        "schemas/assessment.py",
        "schemas/files",
        "schemas/pack_views.py",
        "service/authoring/description.py",
        "service/authoring/description_of_brief.py",
        "service/language/declarations.py",
        "service/language/defaults.py",
        "service/language/reading.py",
        "service/language/declared/actions.py",
        "service/language/declared/briefing",
        "service/language/declared/roles.py",
        "service/language/model",
        "service/language/rules/consequences.py",
    ),
}
"""Where a word may be in a name: `report` is the Markdown that a manager reads, `kind` is a group of actions."""
OTHER_KINDS = {
    "service/engine/expressions/closures.py": {"kind"},
    "service/language/syntax.py": {"QuantifierKind", "kind"},
    "service/metrics/families.py": {"kind"},
}
"""Of a quantifier, exists or all; and of a metric, for Prometheus."""
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
    wrong = [f"{place}:{line}: {name}" for place, name, line in all_names() if lost_words(name)]
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
        "finals = final = reporter = 0\n"
        "match 1:\n"
        "    case {'a': quarrelsome, **reserve}:\n"
        "        pass\n"
    )
    found = {name.casefold() for name, _ in names_bound(tree)}
    assert found >= LOST_WORDS


@pytest.mark.parametrize("word", ONE_MEANING)
def test_a_word_with_one_meaning_is_in_no_name_with_another(word: str) -> None:
    wrong = [
        f"{place}:{line}: {name}"
        for place, name, line in all_names()
        if {word, f"{word}s"} & words(name)
        and not place.startswith(ONE_MEANING[word])
        and name not in OTHER_KINDS.get(place, ())
    ]
    assert wrong == []


def all_names() -> Iterator[tuple[str, str, int]]:
    """The file of each name, the name and its line."""
    for path, tree in sources():
        for name, line in names_bound(tree):
            yield path.relative_to(ROOT).as_posix(), name, line


def test_the_name_of_a_type_stands_once() -> None:
    places: dict[str, list[str]] = {}
    for path, tree in sources():
        for name in types_defined(tree):
            places.setdefault(name, []).append(str(path.relative_to(ROOT)))
    twice = {name: found for name, found in places.items() if len(found) > 1 and name != "Meta"}
    assert twice == {}


def lost_words(name: str) -> frozenset[str]:
    return LOST_WORDS & words(name)


def words(name: str) -> set[str]:
    return {word.casefold() for word in ONE_WORD.findall(name)}


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
