"""Makes a failing pack and incident small. Hypothesis chooses what to leave out, a predicate finds whether the rest still fails.

It must not depend on the mistake in the pack.
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
"""Chooses a number from 0, the smallest choice, to the given one, which changes nothing."""

ENTRIES = ("facts", "derived", "outputs", "actions", "then")
_KEY = b"sample"


class Shrinkable(Protocol):
    def smaller(self, pick: Pick) -> Shrinkable: ...


S = TypeVar("S", bound=Shrinkable)


def shrunk(sample: S, fails: Callable[[S], bool], seconds: float = 60) -> S:
    """The smallest sample found by `sample.smaller` for which `fails` is still true; else the sample itself.

    Each round starts from the result of the round before, which has fewer choices.
    """
    until = time.monotonic() + seconds
    while (smaller := _round(sample, _Sought(sample, fails, until))) != sample:
        sample = smaller
    return sample


class _TimeIsUp(KeyboardInterrupt):
    """A KeyboardInterrupt, because no other exception stops hypothesis from inside."""


class _Sought(Generic[S]):
    """Tests each sample once, because many choices give the same one, and keeps the smallest that fails."""

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
    """One run of hypothesis: it starts from the choices that keep the whole sample, and shrinks them."""
    whole: list[int] = []

    def leave(number: int) -> int:
        if number:
            whole.append(number)
        return number

    sample.smaller(leave)
    database = InMemoryExampleDatabase()
    # One choice too many: hypothesis does not shrink choices that it repeats exactly.
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
    """The facts, each left out, made simple, or kept."""
    found = {}
    for name, value in facts.items():
        choice = pick(2)
        if choice:
            found[name] = value if choice == 2 else _simple(value)
    return found


def _simple(value: Any) -> Any:
    """The empty value of its type (false, 0, ""), if it has one."""
    return type(value)() if isinstance(value, bool | int | float | str | tuple) else value


def smaller_files(files: Mapping[str, Any], pick: Pick) -> dict[str, Any]:
    return {name: _smaller(data, pick) for name, data in files.items()}


def _smaller(data: Any, pick: Pick) -> Any:
    """Every choice is made, even if others leave its entry out: so each choice always has the same position."""
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
    """A condition in which parts are replaced by their own parts."""
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
    written, at = "", node.span.start
    for child, part in zip(inner, parts, strict=True):
        start, end = child.span.start, child.span.end
        same = part == text[start:end]
        written += text[at:start] + (part if same else f"({part})")
        at = end
    return written + text[at : node.span.end]
