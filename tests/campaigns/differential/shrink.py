"""Makes a failing pack and incident small, by hypothesis: it chooses what to leave out, the predicate says what still fails.

It knows the shape of packs, not what is wrong with one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Generic, Protocol, TypeVar, cast

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase, choices_to_bytes
from hypothesis.errors import NoSuchExample

from service.language.conditions.nodes import ConditionError
from service.language.conditions.parse import parse_condition
from service.language.syntax import Node, children

Pick = Callable[[int], int]
"""Chooses from 0, the smallest, to the given number, which leaves all as it is."""

ENTRIES = ("facts", "derived", "outputs", "actions", "then")
_KEY = b"sample"


class Shrinkable(Protocol):
    def smaller(self, pick: Pick) -> Shrinkable: ...


S = TypeVar("S", bound=Shrinkable)


def shrunk(sample: S, fails: Callable[[S], bool], seconds: float = 60) -> S:
    """The smallest found of what `sample.smaller` gives for which `fails` is still true; else the sample itself.

    A round starts anew from what the last one left, where there is less to choose.
    """
    until = time.monotonic() + seconds
    while (smaller := _round(sample, _Sought(sample, fails, until))) != sample:
        sample = smaller
    return sample


class _TimeIsUp(KeyboardInterrupt):
    """Hypothesis lets nothing else end it from inside."""


class _Sought(Generic[S]):
    """Asks of each sample once, as many choices give the same, and keeps the smallest that fails."""

    def __init__(self, whole: S, fails: Callable[[S], bool], until: float) -> None:
        self.smallest = whole
        self.fails = fails
        self.until = until
        self.known: dict[str, bool] = {}

    def __call__(self, sample: S) -> bool:
        text = repr(sample)
        if text not in self.known:
            if time.monotonic() > self.until:
                raise _TimeIsUp
            self.known[text] = self.fails(sample)
            if self.known[text] and len(text) < len(repr(self.smallest)):
                self.smallest = sample
        return self.known[text]


def _round(sample: S, sought: _Sought[S]) -> S:
    """Hypothesis is told of the choices that leave the sample whole, and shrinks from there."""
    whole: list[int] = []

    def leave(number: int) -> int:
        if number:
            whole.append(number)
        return number

    sample.smaller(leave)
    database = InMemoryExampleDatabase()
    # One choice too many: what is repeated exactly counts as small already.
    database.save(_KEY, choices_to_bytes([*whole, 0]))

    @st.composite
    def samples(draw: st.DrawFn) -> S:
        chosen = sample.smaller(lambda number: draw(st.integers(0, number)) if number else 0)
        return cast(S, chosen)

    effort = settings(
        database=database,
        phases=(Phase.reuse, Phase.shrink),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with suppress(_TimeIsUp, NoSuchExample):
        find(samples(), sought, settings=effort, database_key=_KEY)
    return sought.smallest


def smaller_facts(facts: Mapping[str, Any], pick: Pick) -> dict[str, Any]:
    """Each fact is left out, made simple, or kept."""
    found = {}
    for name, value in facts.items():
        choice = pick(2)
        if choice:
            found[name] = value if choice == 2 else _simple(value)
    return found


def _simple(value: Any) -> Any:
    """Nothing of its kind, where it has such a value."""
    return type(value)() if isinstance(value, bool | int | float | str | tuple) else value


def smaller_files(files: Mapping[str, Any], pick: Pick) -> dict[str, Any]:
    return {name: _smaller(data, pick) for name, data in files.items()}


def _smaller(data: Any, pick: Pick) -> Any:
    """Every choice is made, whatever others leave out: a choice then always stands at one place."""
    found = dict(data)
    for name in ENTRIES:
        if name in data:
            found[name] = {key: value for key, value in data[name].items() if pick(1)}
    if "answer" in data:
        found["answer"] = [name for name in data["answer"] if pick(1)]
    if "effective" in data and not pick(1):
        del found["effective"]
    if isinstance(data.get("when"), str):
        found["when"] = smaller_text(data["when"], pick)
    if "rules" in data:
        found["rules"] = list(_smaller_rules(data["rules"], pick))
    return found


def _smaller_rules(rules: list[Any], pick: Pick) -> Iterator[Any]:
    for rule in rules:
        keep, smaller = pick(1), _smaller(rule, pick)
        if keep:
            yield smaller


_parsed = cache(parse_condition)


def smaller_text(text: str, pick: Pick) -> str:
    """A condition with parts replaced by parts of those."""
    try:
        return _smaller_node(text, _parsed(text), pick)
    except ConditionError:
        return text


def _smaller_node(text: str, node: Node, pick: Pick) -> str:
    inner = children(node)
    parts = [_smaller_node(text, child, pick) for child in inner]
    choice = pick(len(parts))
    if choice < len(parts):
        return parts[choice]
    written, at = "", node.span[0]
    for child, part in zip(inner, parts, strict=True):
        start, end = child.span
        same = part == text[start:end]
        written += text[at:start] + (part if same else f"({part})")
        at = end
    return written + text[at : node.span[1]]
