"""Draws a value for a key of a pack's files: by the type of its field, and by its name where the field says too little.

A key that a schema gains later gets a value by its field. If no such value fits, `hints` needs a line for it: a test says so.
"""

from __future__ import annotations

import copy
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Dict, Field, List, Nested, Raw
from marshmallow.validate import OneOf

from schemas.file_fields import (
    ManyLanguages,
    NamedEntries,
    Number,
    PlainText,
    StrictBoolean,
    Whole,
    Words,
)
from schemas.files.brief_file import BriefAction
from schemas.files.form import Values
from schemas.files.sentences import Sentences
from tests.faults.generated.declared_names import Declared
from tests.faults.generated.hints import HINTS, STARTS, Parent, given
from tests.faults.generated.odd_values import (
    GENERIC,
    INTEGERS,
    LANGUAGES,
    NAMES,
    NUMBERS,
    SPANS,
    TEXTS,
    Draw,
    some,
    text,
)
from tests.faults.generated.slots import THEN, keys_of


def drawn(
    draw: Draw, owner: str, key: str, field: Field[Any] | None, parent: Parent, declared: Declared
) -> Any:
    """A new value for the key."""
    if owner == THEN:
        return given(draw, key, declared)
    name = f"{owner}.*" if f"{owner}.*" in HINTS else f"{owner}.{key}"
    hint = HINTS.get(name) or HINTS.get(key)
    if hint is not None and not isinstance(field, Words | Nested | NamedEntries | Number):
        return hint(draw, parent, declared)
    return _by_field(draw, owner, key, field, parent, declared)


def _by_field(
    draw: Draw, owner: str, key: str, field: Field[Any] | None, parent: Parent, declared: Declared
) -> Any:
    match field:
        case ManyLanguages():
            return {one: draw.choice(TEXTS) for one in some(draw, LANGUAGES, empty=False)}
        case Words():
            return text(draw, declared)
        case StrictBoolean():
            return draw.random() < 0.5
        case Whole():
            return draw.choice(INTEGERS)
        case Number():
            return draw.choice([*INTEGERS, *NUMBERS])
        case Sentences():
            sentences = [entry_of(draw, field.entry, declared) for _ in range(3)]
            return draw.choice([text(draw, declared), sentences, sentences[:1], []])
        case BriefAction():
            return draw.choice([_name(draw, declared), entry_of(draw, field.entry, declared)])
        case Nested():
            return entry_of(draw, field.schema, declared)
        case Values():
            return _values(draw, parent.get(key), declared)
        case NamedEntries():
            return _entries(draw, field, parent.get(key), declared)
        case List():
            return _items(draw, owner, key, field, parent, declared)
        case Dict():
            return {_name(draw, declared): _by_field(draw, owner, key, field.value_field, parent, declared)}  # fmt: skip
        case PlainText():
            choices = [one for one in field.validators if isinstance(one, OneOf)]
            pool = list(choices[0].choices) if choices else [*NAMES, *TEXTS, _name(draw, declared)]
            return draw.choice(pool)
        case Raw() | None:
            return draw.choice([*GENERIC, *TEXTS, *INTEGERS, *SPANS, _name(draw, declared)])
    raise NotImplementedError(f"no values for the field {type(field).__name__} of {owner}.{key}")


def entry_of(draw: Draw, schema: Schema, declared: Declared) -> dict[str, Any]:
    """A new entry, with all required keys and some others."""
    owner = type(schema).__name__
    made = STARTS[owner](draw, declared) if owner in STARTS and draw.random() < 0.8 else {}
    others = 0.05 if made else 0.25
    for key, field in keys_of(schema):
        if key not in made and (field.required or draw.random() < others):
            made[key] = drawn(draw, owner, key, field, made, declared)
    return made


def _items(
    draw: Draw, owner: str, key: str, field: List[Any], parent: Parent, declared: Declared
) -> list[Any]:
    """The items, with one less, twice, new, in another order, or none."""
    now = parent.get(key)
    items = copy.deepcopy(now) if isinstance(now, list) else []
    if isinstance(field.inner, Nested):
        new = entry_of(draw, field.inner.schema, declared)
    else:
        new = _by_field(draw, owner, key, field.inner, {}, declared)
    one = copy.deepcopy(draw.choice(items)) if items else new
    renamed = {**one, "id": draw.choice(NAMES)} if isinstance(one, dict) and "id" in one else one
    lists = [[], [one], [*items, one], [*items, renamed], [*items, new], [new], items[::-1], items[:-1]]  # fmt: skip
    return draw.choice(lists)


def _entries(draw: Draw, field: NamedEntries, now: Any, declared: Declared) -> dict[str, Any]:
    """The entries, with one less, twice by another name, new, in another order, or none."""
    entries = dict(copy.deepcopy(now)) if isinstance(now, dict) else {}
    names = (*NAMES, "a.b", "a.b.c", "a" * 100 + ".b", "a.b_" + "c" * 100, "X", "X_1", "Y" * 100)
    name = draw.choice([one for one in names if field.form.fullmatch(one)])
    new = {name: entry_of(draw, field.entry, declared)}
    if not entries:
        return new
    one = draw.choice(list(entries))
    forms = [
        {**entries, name: copy.deepcopy(entries[one])},
        {**entries, **new},
        {**new, **entries},
        {key: entry for key, entry in entries.items() if key != one},
        dict(reversed(entries.items())),
        {one: entries[one]},
        {**entries, one: new[name]},
        {},
    ]
    return draw.choice(forms)


def _values(draw: Draw, now: Any, declared: Declared) -> Any:
    """The values of an enum as a list or as a mapping: the same and more, in another order, one, many, or none."""
    known = [*now] if isinstance(now, dict | list) else []
    more = draw.choice([["A-1_"], ["x" * 100], ["E", "e"], [f"v{n}" for n in range(300)], known[:1]])  # fmt: skip
    chosen = draw.choice([[*known, *more], known[::-1], [*more, *known], known, known, known[:1], more, []])  # fmt: skip
    if draw.random() < 0.3:
        return chosen
    levels = draw.sample(INTEGERS, 3)
    return {
        code: draw.choice(
            [None, {}, {"level": draw.choice(levels)}, {"text": text(draw, declared)}]
        )
        for code in chosen
    }


def _name(draw: Draw, declared: Declared) -> str:
    """A name that is declared anywhere."""
    pools = [[*declared.all_facts], [*declared.outputs], [*declared.actions], [*declared.roles], [*declared.kinds]]  # fmt: skip
    return draw.choice(draw.choice([pool for pool in pools if pool] or [["x"]]))
