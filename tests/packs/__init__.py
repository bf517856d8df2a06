"""Small packs of other subjects, and packs that tests write: the code must not know the subject of a pack."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from service.engine.assess import Assessor
from service.language.load import load_pack
from service.language.model import Pack
from service.language.problem import Problem

HARBOUR = Path(__file__).parent / "harbour"
DEFAULT = Path(__file__).parents[2] / "rules" / "pr_crisis"


def copy_of_harbour(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """A copy of the harbour pack in `folder`, with some files replaced."""
    copy = folder / "harbour"
    shutil.copytree(HARBOUR, copy)
    for name, text in (changes or {}).items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(text, "utf-8")
    return copy


def loaded(folder: Path, *, with_cases: bool = False) -> Pack:
    """The pack in `folder`, which must have no error. A pack of the project is loaded once a process: it is frozen."""
    read = _loaded_once if folder in (DEFAULT, HARBOUR) else _loaded
    return read(folder, with_cases=with_cases)


def _loaded(folder: Path, *, with_cases: bool) -> Pack:
    pack, problems = load_pack(folder, with_cases=with_cases)
    assert pack is not None, "\n".join(map(str, problems))
    return pack


_loaded_once = cache(_loaded)


def default_pack() -> Pack:
    """The default pack with its cases."""
    return loaded(DEFAULT, with_cases=True)


@cache
def default_assessor() -> Assessor:
    """The reference with the default pack."""
    return Assessor(default_pack(), "reference")


def problems_of(folder: Path) -> list[Problem]:
    return load_pack(folder, with_cases=True)[1]


PLAIN_PACK = """
pack: plain
version: 1.0.0
title: {en: Plain}
locale: en
timezone: UTC
answer: [level]
outputs:
  level: {type: enum, hit: priority, default: low, values: {high: {level: 1}, middle: {level: 2}, low: {level: 3}}}
  score: {type: integer, hit: sum, default: 0}
  tags: {type: string, hit: collect}
  provisional: {type: boolean, hit: any, default: false}
  actions: {type: actions, hit: collect}
  blocked: {type: actions, hit: collect}
"""

PLAIN_FACTS = """
facts:
  a.count: {type: integer, text: {en: A}}
  a.share: {type: number, text: {en: Share}}
  a.flag: {type: boolean, text: {en: Flag}}
  a.kind: {type: enum, values: [x, y, z], text: {en: Kind}}
  a.seen: {type: datetime, text: {en: Seen}}
  b.count: {type: integer, text: {en: B}}
  b.flag: {type: boolean, text: {en: Flag}}
"""

PLAIN_ACTIONS = """
actions:
  FIRST: {text: {en: First}, due: 1h}
  SECOND: {text: {en: Second}, due: 30m, after: [FIRST]}
  THIRD: {text: {en: Third}}
  NEVER: {text: {en: Never}, forbidden: true, instead: [THIRD], ground: {en: it is wrong}}
"""


def plain_pack(folder: Path, rules: str, **files: str) -> Pack:
    """A small neutral pack with these rules; `files` replaces pack, facts or actions."""
    folder.mkdir(exist_ok=True)
    (folder / "pack.yaml").write_text(files.get("pack", PLAIN_PACK), "utf-8")
    (folder / "facts.yaml").write_text(files.get("facts", PLAIN_FACTS), "utf-8")
    (folder / "actions.yaml").write_text(files.get("actions", PLAIN_ACTIONS), "utf-8")
    (folder / "10_rules.yaml").write_text(rules, "utf-8")
    return loaded(folder)
