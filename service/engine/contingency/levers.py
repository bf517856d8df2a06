"""The facts on which an output depends, and the values worth trying for each: those at which a condition changes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, assert_never

from schemas.vocabulary import Fact
from service.engine.contingency.amounts import allowed, borders, distance
from service.engine.contingency.cone import STEPS_OF_AN_ATOM, Cone
from service.engine.expressions.layout import AS_OF_SLOT, STEPS_SLOT, Environment, Evaluate
from service.language.declared.open_values import OPEN_TYPES

FEW = 12


@dataclass(frozen=True, slots=True)
class Curve:
    """A comparison with arithmetic. The values at which it changes depend on other facts, so each incident searches them."""

    left: Evaluate
    right: Evaluate
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lever:
    """A posted fact. `number` is its place in the vocabulary; `beside` has the constants and the values next to them.

    `atoms` are the atoms of conditions that read the fact. `shared` says that an atom reads other facts or outputs too:
    then two values of the fact can have different effects although all atoms have the same truth values.
    """

    fact: Fact
    number: int
    slot: int
    beside: tuple[Any, ...]
    curves: tuple[Curve, ...]
    atoms: tuple[Evaluate, ...]
    shared: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A lever set to `value`. `position` is the value's place among those tried, `size` the size of the change."""

    lever: Lever
    value: Any
    size: float
    position: int

    @property
    def rank(self) -> tuple[float, int, int]:
        return self.size, self.lever.number, self.position


def tried(cone: Cone, lever: Lever, environment: Environment) -> list[Move]:
    """A move for each value worth trying, smallest change first."""
    before, as_of = environment[lever.slot], environment[AS_OF_SLOT]
    values = dict.fromkeys(_values(cone, lever, before, environment.copy()))
    found = [
        Move(lever, value, distance(lever.fact.type, before, value), position)
        for position, value in enumerate(values)
        if value != before and allowed(lever.fact, value, as_of)
    ]
    return sorted(found, key=lambda move: move.rank)


def moves(
    cone: Cone, lever: Lever, environment: Environment, *, aimed_at: bool = True
) -> list[Move]:
    """The moves that have an effect. Of values with the same effect, only the nearest is kept.

    With `aimed_at` only those at which somebody may aim, otherwise only the others.
    """
    trial = environment.copy()
    seen = {_effect(cone, lever, environment[lever.slot], trial)}
    found = []
    for move in tried(cone, lever, environment):
        if may_aim_at(lever.fact, environment[lever.slot], move.value) is not aimed_at:
            continue
        effect = _effect(cone, lever, move.value, trial)
        if effect not in seen:
            seen.add(effect)
            found.append(move)
    return found


def may_aim_at(fact: Fact, before: Any, after: Any) -> bool:
    """Whether somebody may aim at this change of the fact. Up is more, later, true, and an enum's higher value."""
    match fact.lever:
        case "both":
            return True
        case "none":
            return False
    if fact.type.name == "enum":
        is_up = fact.type.ranks[after] < fact.type.ranks[before]
    elif fact.type.name == "list":
        is_up = len(after) > len(before)
    else:
        is_up = after > before
    return is_up is (fact.lever == "up")


def _effect(cone: Cone, lever: Lever, value: Any, trial: Environment) -> tuple[Any, ...]:
    trial[STEPS_SLOT].take(STEPS_OF_AN_ATOM * len(lever.atoms))
    cone.fill(trial, {lever.slot: value})
    truths = tuple([evaluate(trial) for evaluate in lever.atoms])
    return (value, *truths) if lever.shared else truths


def _values(cone: Cone, lever: Lever, before: Any, trial: Environment) -> Iterator[Any]:
    fact = lever.fact
    match fact.type.name:
        case "boolean":
            yield not before
        case "enum":
            yield from fact.type.values
        case "list":
            trial[STEPS_SLOT].take((len(_items(lever)) + len(before)) * (1 + len(before)))
            yield from ((*before, item) for item in _items(lever) if item not in before)
            for gone in dict.fromkeys(before):
                yield tuple(item for item in before if item != gone)
        case "integer" if (few := all_of(fact)) is not None:
            yield from few
        case "integer" | "number" | "string" | "datetime" | "duration":
            yield from lever.beside
            for curve in lever.curves:
                yield from _turns(cone, lever, curve, before, trial)
        case _:
            assert_never(fact.type.name)


def all_of(fact: Fact) -> range | None:
    """All whole numbers that a fact can be; None if there are more than FEW."""
    low, high = fact.minimum, fact.maximum
    if low is None or high is None or high - low >= FEW:
        return None
    return range(math.ceil(low), math.floor(high) + 1)


def _items(lever: Lever) -> tuple[Any, ...]:
    item = lever.fact.type.item
    return item.values if item and item.name == "enum" else lever.beside


def _turns(cone: Cone, lever: Lever, curve: Curve, before: Any, trial: Environment) -> list[Any]:
    if any(isinstance(trial[slot], OPEN_TYPES) for slot in curve.outputs):
        return []
    fact, whole = lever.fact, lever.fact.type.name == "integer"

    def sign(value: Any) -> int | None:
        cone.fill(trial, {lever.slot: value})
        left, right = curve.left(trial), curve.right(trial)
        return None if left is None or right is None else (left > right) - (left < right)

    return borders(sign, before, whole, fact.minimum, fact.maximum)
