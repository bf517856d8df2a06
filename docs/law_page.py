"""Writes docs/law.md: the register of laws of the default pack and all its parts, by place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from schemas.file_fields import in_language
from schemas.vocabulary import Fact, Text
from service.language.files.active_parts import part_of
from service.language.files.pack_files import read_files
from service.language.load import load_files
from service.language.model import Pack, RegisteredGround

LANGUAGE = "en"
READ = {"text": "the text", "summary": "a summary only", "unread": "**neither**"}
ANYWHERE = "Principles, cited anywhere"
HEADINGS = (
    *("what it demands", "the clock starts with", "by when", "whom it binds", "to whom"),
    *("law, in force since", "read where, when", "what was read", "cited by"),
)


def whole_pack(folder: Path) -> Pack:
    """The pack with all parts that it has, whether a deployment of it uses them or not."""
    files = read_files(folder)
    pack, problems = load_files(replace(files, chosen=tuple(files.known_parts)))
    assert pack is not None, "\n".join(map(str, problems))
    return pack


def law_page(folder: Path) -> str:
    pack = whole_pack(folder)
    parts = [*_head(pack, folder), *_tables(pack, folder)]
    return "\n".join(parts) + "\n"


def _head(pack: Pack, folder: Path) -> Iterator[str]:
    read = Counter(one.read for one in pack.grounds.values())
    named = f"[rules/{folder.name}](../rules/{folder.name})"
    yield "# The laws that the default pack cites\n"
    yield f"`docs/build.py` writes this page from the files `grounds.yaml` of {named} and its parts. **It is no legal advice**, and"
    yield "it is not complete: a lawyer of the place confirms each row before anyone acts on it."
    yield "[rules.md](rules.md#one-register-of-the-laws-grounds) says how a pack has such a register.\n"
    yield f"It has {len(pack.grounds)} entries. Of {read['text']} the text of the law was read, of {read['summary']} a summary only, of"
    yield f"{read['unread']} neither: those are general knowledge. An answer that cites a law whose text was not read says so.\n"


def _tables(pack: Pack, folder: Path) -> Iterator[str]:
    fact = pack.vocabulary.facts.get(pack.places or "")
    values = () if fact is None else (fact.type.item or fact.type).values
    for place in (*values, None):
        entries = [one for one in pack.grounds.values() if one.place == place]
        if not entries:
            continue
        yield f"## {ANYWHERE if place is None else _name(fact, place)}\n"
        yield f"| {' | '.join(HEADINGS)} |"
        yield "|---" * len(HEADINGS) + "|"
        yield from (_row(one, folder) for one in entries)
        yield ""


def _row(one: RegisteredGround, folder: Path) -> str:
    since = "" if one.in_force is None else f", {one.in_force}"
    part = part_of(one.at.file.removeprefix(f"{folder}/"))
    cells = [
        *map(_said, (one.says, one.clock, one.deadline, one.binds, one.to)),
        f"{_in_all_languages(one.text)}{since}",
        f"{_said(one.source)}, {one.checked}",
        READ[one.read],
        ", ".join(f"`{name}`" for name in one.cited_by) + (f" (part {part})" if part else ""),
    ]
    escaped = [cell.replace("|", "\\|").replace("\n", " ") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def _name(fact: Fact | None, place: str) -> str:
    return _said(fact.value_texts.get(place, {}) if fact else {}) or place


def _said(text: Text) -> str:
    return in_language(text, LANGUAGE)


def _in_all_languages(text: Text) -> str:
    """A law is looked for by the words of its own place."""
    return "<br>".join(dict.fromkeys([_said(text), *text.values()]))
