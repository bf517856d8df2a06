"""Docstrings, comments, messages and pages use no image and no word that a reader with little English stumbles over."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

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
CODE = ("service", "schemas", "bench", "tests", "docs", "examples")
NOT_READ = ("tests/docs/test_plain_words.py", "tests/docs/test_glossary.py")
"""They list the words."""
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").rglob("*.md")]
)


def code() -> list[Path]:
    found = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    found.append(ROOT / "gunicorn.conf.py")
    return [path for path in found if name(path) not in NOT_READ]


FROZEN = ("Since the last answer",)
"""Headings of reports, whose texts do not change."""


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """Every comment of a module, and every text of more than one word, with its line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str() as text) if " " in text and text not in FROZEN:
                yield node.lineno, text


def lines(page: Path) -> Iterator[tuple[int, str]]:
    return iter(enumerate(page.read_text("utf-8").splitlines(), start=1))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def refused(texts: Iterator[tuple[int, str]]) -> list[str]:
    return [
        f"{line}: {match.group()}"
        for line, text in texts
        for match in REFUSED.finditer(" ".join(text.split()))
    ]


def test_the_code_says_it_plainly() -> None:
    found = {name(path): refused(sentences(path.read_text("utf-8"))) for path in code()}
    assert {place: words for place, words in found.items() if words} == {}


def test_the_pages_say_it_plainly() -> None:
    found = {name(path): refused(lines(path)) for path in PAGES}
    assert {place: words for place, words in found.items() if words} == {}


def test_comments_docstrings_and_messages_are_read() -> None:
    source = '"""Whoever comes."""\nx = f"nobody {1} comes"  # judged anew\n'
    assert refused(sentences(source)) == ["2: anew", "1: Whoever", "2: nobody"]
