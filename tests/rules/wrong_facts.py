"""Facts as a caller posts them, some of them wrong: each kind of mistake that a single fact, its envelope, its name or its group can have."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from schemas.vocabulary import Fact
from service.language.model import Pack

Posted = dict[str, Any]
WRONG_ABOUT: Mapping[str, Any] = {
    "measured_at": "yesterday",
    "reported_by": 7,
    "disputed": "perhaps",
}
"""Keys of an envelope with wrong values. They say nothing about the fact's own value, which is right."""


def posted(facts: Mapping[str, Any]) -> Posted:
    """The JSON of these facts, nested by group."""
    body: Posted = {}
    for name, value in facts.items():
        group, leaf = _place(name, body)
        group[leaf] = _json(value)
    return body


def make_wrong(fact: Fact, value: Any, body: Posted, chance: random.Random) -> None:
    """Posts this fact, whose right value this is, with a mistake of any kind. In a group that is wrong already, it is wrong too."""
    if not isinstance(body.get(fact.name.split(".")[0], {}), dict):
        return
    group, leaf = _place(fact.name, body)
    kind = chance.random()
    if kind < 0.1:
        group.pop(leaf, None)
        body[fact.name] = _json(value)
    elif kind < 0.2:
        body[fact.name.split(".")[0]] = chance.choice(["nothing", 0, []])
    elif kind < 0.3:
        about = chance.choice(list(WRONG_ABOUT))
        group[leaf] = {"value": _json(value), about: WRONG_ABOUT[about]}
    else:
        group[leaf] = chance.choice(list(_wrong(fact, _json(value))))


def misspell(name: str, body: Posted) -> None:
    """Posts the fact under a name that the pack does not have."""
    group, leaf = _place(name, body)
    group[f"{leaf}_"] = group.pop(leaf)


def wrong_facts(pack: Pack) -> Iterator[tuple[str, Any]]:
    """Each fact with each of its wrong values."""
    for fact in pack.vocabulary.facts.values():
        yield from ((fact.name, wrong) for wrong in _wrong(fact, None))


def _wrong(fact: Fact, right: Any) -> Iterator[Any]:
    yield from ({}, {"reported_by": "desk"}, {"value": right, "unit": "thousand"}, [[]])
    match fact.type.name:
        case "integer" | "number":
            yield from ("3", True, 10**400)
            yield from (limit + 1 for limit in (fact.maximum,) if limit is not None)
            yield from (limit - 1 for limit in (fact.minimum,) if limit is not None)
        case "boolean":
            yield from (1, "true")
        case "list":
            yield from ("none", ["no such value", 1], [None], ["a"] * 257)
        case _:
            yield from (1, False, "x" * 5000)


def _place(name: str, body: Posted) -> tuple[Posted, str]:
    """The object that has the fact, and its key there."""
    *parents, leaf = name.split(".")
    for parent in parents:
        body = body.setdefault(parent, {})
    return body, leaf


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
