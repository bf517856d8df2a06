"""The pages of the default pack's cases in brief_pages.yaml, kept as files in each language.

People have read these pages. `python -m tests.rules.brief_pages` writes them again: read the difference before you commit it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.scalars import parse_datetime
from service.answering import finish
from service.asking.posted import Posted
from service.language.collector import Collector
from service.language.files.source import read_source
from tests.rules.golden import packs
from tests.server import ROOT

FOLDER = Path(__file__).parent / "pages"
CASES = ROOT / "rules" / "pr_crisis" / "cases" / "brief_pages.yaml"


def incidents() -> list[tuple[str, list[dict[str, Any]]]]:
    """The name of each case, and what is posted at each of its moments."""
    source = read_source(CASES.read_bytes(), CASES.name, Collector())
    assert source is not None
    return [
        (case["name"].split(" - ")[0].lower().replace(" ", "_"), case.get("steps", [case]))
        for case in source.data["cases"]
    ]


def brief_of(moments: list[dict[str, Any]], locale: str) -> dict[str, Any]:
    """The brief of the last moment; each answer takes the one before as its previous answer."""
    answer: dict[str, Any] | None = None
    for moment in moments:
        body = {"as_of": moment["as_of"], "facts": moment["facts"], "locale": locale}
        body |= {key: moment[key] for key in ("done", "previous") if key in moment}
        if answer is not None:
            body["previous"] = json.loads(json.dumps(answer))
        answer = finish(packs().assess(Posted(body, parse_datetime(moment["as_of"]))))
    assert answer is not None
    brief: dict[str, Any] = answer["brief"]
    return brief


def page(brief: dict[str, Any]) -> str:
    """The page as a text: `+` before each line that is not in a text that gets forwarded; below it what its rows come from."""
    lines = [brief["title"]]
    lines += [("+ " if line["page_only"] else "  ") + line["text"] for line in brief["lines"]]
    lines += ["", *(_source(line) for line in brief["lines"])]
    return "\n".join(lines) + "\n"


def _source(line: dict[str, Any]) -> str:
    told = [*line["actions"], *line["rules"], *line["facts"]]
    return f"{line['row']}: {', '.join(told) or '-'}"


def written() -> Iterator[tuple[Path, str]]:
    for name, moments in incidents():
        for locale in ("zh", "en"):
            yield FOLDER / f"{name}.{locale}.txt", page(brief_of(moments, locale))


if __name__ == "__main__":
    for path, text in written():
        path.write_text(text, "utf-8")
