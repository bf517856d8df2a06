"""Docstrings, comments, messages and pages use no image and no word that a reader with little English stumbles over."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants import FOLDER, read
from tests.server import ROOT

REFUSED = re.compile(
    r"\b(?:"
    + "|".join(
        (
            "afresh",
            "anew",
            r"at the door",
            r"decides? nothing",
            r"hang(?:s|ing)? on",
            r"hung on",
            r"in the house",
            r"judges? nothing",
            r"keeps? nobody",
            r"last answer",
            r"nobody",
            r"part(?:s|ed|ing)? from",
            r"plan in reserve",
            r"quarrel\w*",
            r"serves? nothing",
            r"shelf",
            r"shelves",
            r"tak(?:e|es|en|ing) in",
            r"took in",
            r"to blame",
            r"whoever",
            r"woken?",
            r"writes? none",
        )
    )
    + r")\b",
    re.IGNORECASE,
)
CODE = ("service", "schemas", "client", "bench", "tests", "docs", "examples")
NOT_READ = ("tests/docs/test_plain_words.py", "tests/docs/test_glossary.py")
"""They list the words."""
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(page for page in (ROOT / "docs").glob("*.md") if page.name != "law.md"),
        *(ROOT / "examples").rglob("*.md"),
        *(ROOT / "client").glob("*.md"),
    ]
)
"""docs/law.md is left out: its words are those of the default pack, whose authors write as their field does."""
OTHERS = (
    *("service/**/*.html", "service/**/*.js", "service/**/*.css", "service/**/*.lark"),
    *("service/**/*.yaml", "tests/**/*.yaml", "tests/**/*.toml", "examples/**/*.yaml"),
    *("examples/*.sh", ".ci/*", ".github/**/*.yml", ".pre-commit-config.yaml", ".editorconfig"),
    *("Makefile", "Dockerfile", "pyproject.toml", "requirements*.in", "bench/*.in", "bench/*.lua"),
)
"""All other files with comments or texts of ours. `rules/` belongs to the authors of its packs."""
FROZEN = ("Since the last answer", "nobody: {en: no owner yet")
"""A heading of reports, whose texts do not change, and a key of theirs, which packs can use."""

FROZEN_KEYS = ("nobody",)


def code() -> list[Path]:
    found = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    found.append(ROOT / "gunicorn.conf.py")
    return [path for path in found if name(path) not in NOT_READ]


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """Every comment and every text of a module, and the name of every function as a sentence, each with its line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str() as text) if text not in FROZEN_KEYS:
                yield node.lineno, text
            case ast.FunctionDef(name=name):
                yield node.lineno, as_sentence(name)


def as_sentence(name: str) -> str:
    return name.replace("_", " ")


def lines(page: Path) -> Iterator[tuple[int, str]]:
    return iter(enumerate(page.read_text("utf-8").splitlines(), start=1))


def head(patch: Path) -> Iterator[tuple[int, str]]:
    """The name and the sentence of a mutant. The rest is a diff of lines that are read where they are."""
    yield 1, as_sentence(patch.stem)
    yield 1, read(patch).mistake


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def refused(texts: Iterator[tuple[int, str]]) -> list[str]:
    return [
        f"{line}: {match.group()}"
        for line, text in texts
        for match in REFUSED.finditer(without_frozen(" ".join(text.split())))
    ]


def without_frozen(text: str) -> str:
    for frozen in FROZEN:
        text = text.replace(frozen, "")
    return text


def test_the_code_says_it_plainly() -> None:
    found = {name(path): refused(sentences(path.read_text("utf-8"))) for path in code()}
    assert {place: words for place, words in found.items() if words} == {}


def test_the_pages_say_it_plainly() -> None:
    found = {name(path): refused(lines(path)) for path in PAGES}
    assert {place: words for place, words in found.items() if words} == {}


@pytest.mark.parametrize("pattern", OTHERS)
def test_the_other_files_say_it_plainly(pattern: str) -> None:
    found = {name(path): refused(lines(path)) for path in ROOT.glob(pattern)}
    assert found
    assert {place: words for place, words in found.items() if words} == {}


def test_the_mutants_say_it_plainly() -> None:
    found = {patch.stem: refused(head(patch)) for patch in FOLDER.glob("*.patch")}
    assert found
    assert {place: words for place, words in found.items() if words} == {}


def test_comments_docstrings_messages_and_names_are_read() -> None:
    source = (
        '"""Whoever comes."""\nx = f"nobody {1} comes"  # judged anew\n'
        'ids = ["shelf"]\ndef test_it_takes_in_all(): ...\n'
    )
    found = ["2: anew", "1: Whoever", "4: takes in", "3: shelf", "2: nobody"]
    assert sorted(refused(sentences(source))) == sorted(found)
