"""yaml-test-suite: our reader of authors' files gives the same data, refuses as the rules page says, or deviates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from service.language.collector import Collector
from service.language.files.source import parse_source
from tests.conformance.outcome import Outcome, cannot, fails, passes

REFUSED = {
    "yaml-alias": "anchors and aliases",
    "yaml-tag": "tags",
    "yaml-key": "keys that are lists or mappings",
    "yaml-number": "numbers of more than 1,000 digits",
    "duplicate-key": "a key that occurs twice",
}
"""What packs refuse on purpose, by the code of the problem."""
IN_TREE = (
    ("several documents in one file", r"\+DOC.*\+DOC"),
    ("anchors and aliases", r"^ *([+]|=VAL|=ALI).*? [&*]\S|^ *=ALI"),
    ("tags", r"^ *([+]|=VAL) (\S+ )*<"),
)
"""What packs refuse on purpose, as the suite's tree of a document shows it, also if an earlier mistake is reported."""
NO_DATA = "the suite gives no data as JSON to compare with"
_SIGNS = ((re.compile("—*»"), "\t"), (re.compile("␣"), " "), (re.compile("↵"), ""),
          (re.compile("←"), "\r"), (re.compile("⇔"), "\ufeff"), (re.compile(r"∎\n\Z"), ""))  # fmt: skip
"""How the suite writes characters that are hard to see."""


def outcomes(folder: Path) -> Iterator[Outcome]:
    for path in sorted((folder / "src").glob("*.yaml")):
        cases = yaml.safe_load(path.read_text("utf-8"))
        yield from judged_file(path.stem, cases)


def judged_file(name: str, cases: Iterable[Mapping[str, Any]]) -> Iterator[Outcome]:
    """The first case has the file's name. A later one has its number too, and takes what it lacks from the one before."""
    whole: dict[str, Any] = {}
    for number, case in enumerate(cases):
        whole = {**whole, **case} if "fail" in case else {**whole, "fail": False, **case}
        yield judged(f"{name}/{number:02d}" if number else name, whole)


def judged(name: str, case: Mapping[str, Any]) -> Outcome:
    text = case["yaml"]
    for sign, meant in _SIGNS:
        text = sign.sub(meant, text)
    collector = Collector()
    source = parse_source(text.removeprefix("\ufeff"), name, collector)
    if case["fail"]:
        return passes(name) if collector.problems else fails(name, "read, not refused")
    if collector.problems:
        problem = collector.problems[0]
        reason = REFUSED.get(problem.code) or _in_tree(case["tree"])
        if reason:
            return cannot(name, reason)
        return fails(name, f"refused: {problem.message}")
    if case.get("json") is None:
        return cannot(name, NO_DATA)
    wanted = _documents(case["json"])
    found = source.data if source else None
    if len(wanted) > 1:
        return fails(name, f"one document, not {len(wanted)}")
    return (
        passes(name) if [found] == (wanted or [None]) else fails(name, f"{found!r}, not {wanted}")
    )


def _in_tree(tree: str) -> str:
    """The reason for which packs refuse a document with this tree; empty if there is none."""
    flags = re.MULTILINE | re.DOTALL
    return next((reason for reason, pattern in IN_TREE if re.search(pattern, tree, flags)), "")


def _documents(text: str) -> list[Any]:
    decoder, found, text = json.JSONDecoder(), [], text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].lstrip()
    return found
