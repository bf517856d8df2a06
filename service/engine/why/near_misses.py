"""Finds the rules that are false because of one atom alone, and how far that atom is from the opposite value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.engine.expressions.in_force import compile_effective
from service.engine.expressions.layout import Evaluate
from service.engine.judging.judge import Judgement
from service.engine.judging.program import Program
from service.engine.reference.truths import Truth
from service.engine.why.atoms import Comparison, comparison, written_atoms
from service.engine.why.blame import BlameIndex, ConditionPart
from service.language.syntax import And, FactReference, Literal, Node, Not, Or

Flips = Mapping[Node, Truth]
"""By atom: the value of the condition if this atom alone had the opposite value. Atoms that change nothing are left out."""

FAR = 1.0
"""The distance of values that are not numbers. The distance of numbers is their difference relative to the larger one."""


@dataclass(frozen=True, slots=True)
class Atom:
    """An atom of a condition, its text and its evaluator."""

    node: Node
    written: str
    evaluate: Evaluate


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule's condition with its atoms; equal atoms stand once. `effective` finds whether the rule is in force."""

    when: Node
    atoms: tuple[Atom, ...]
    effective: Evaluate | None


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The rule at position `rule` would be true if this atom had the opposite value. `value` is that of the atom's subject."""

    rule: int
    written: str
    comparison: Comparison
    value: Any
    distance: float


def compile_conditions(program: Program, blame: BlameIndex) -> tuple[Condition, ...]:
    """The conditions of all rules. They use the evaluators of blame, because no slot may be added once a pack serves."""
    return tuple(
        Condition(rule.when, _atoms(rule.when, rule.whole, part), compile_effective(rule))
        for rule, part in zip(program.pack.rules, blame.rules, strict=True)
    )


def _atoms(when: Node, written: Any, part: ConditionPart) -> tuple[Atom, ...]:
    found: dict[Node, Atom] = {}
    for (node, text), leaf in zip(written_atoms(when, written), _leaves(part), strict=True):
        if not isinstance(node, Literal):
            found.setdefault(node, Atom(node, text, leaf.evaluate))
    return tuple(found.values())


def _leaves(part: ConditionPart) -> Iterator[ConditionPart]:
    if not part.parts:
        yield part
    for inner in part.parts:
        yield from _leaves(inner)


def near_misses(
    program: Program, conditions: Sequence[Condition], judgement: Judgement
) -> list[NearMiss]:
    """All near misses, nearest first, then in the order of the rules."""
    found = [
        _near_miss(program, position, atom, wanted, judgement)
        for position, condition in enumerate(conditions)
        if judgement.rules.of(position) is False and _in_force(condition, judgement)
        for atom, wanted in _deciding(condition, judgement)
    ]
    return sorted(found, key=lambda miss: miss.distance)


def _in_force(condition: Condition, judgement: Judgement) -> bool:
    return condition.effective is None or bool(condition.effective(judgement.environment))


def _deciding(condition: Condition, judgement: Judgement) -> Iterator[tuple[Atom, bool]]:
    """Each atom that alone would make the condition true, with the value that it would need."""
    truths = {atom.node: atom.evaluate(judgement.environment) for atom in condition.atoms}
    _, flips = flipped(condition.when, truths)
    for atom in condition.atoms:
        if flips.get(atom.node) is True:
            yield atom, not truths[atom.node]


def flipped(node: Node, truths: Mapping[Node, Truth]) -> tuple[Truth, Flips]:
    """A condition's truth value, and for each known atom the value of the condition if that atom alone were negated."""
    match node:
        case Not(operand=operand):
            truth, flips = flipped(operand, truths)
            return _not(truth), {atom: _not(other) for atom, other in flips.items()}
        case And(parts=parts) | Or(parts=parts):
            return _joined([flipped(part, truths) for part in parts], isinstance(node, Or))
        case Literal(value=value):
            return bool(value), {}
    truth = truths[node]
    return truth, {} if truth is None else {node: not truth}


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _joined(parts: Sequence[tuple[Truth, Flips]], decisive: bool) -> tuple[Truth, Flips]:
    """The truth value of the whole, and its value if one atom alone had the opposite value, from those of the parts.

    One false part makes an `and` false; one true part makes an `or` true.
    """
    decided = sum(truth is decisive for truth, _ in parts)
    unknown = sum(truth is None for truth, _ in parts)
    after: dict[Node, tuple[int, int]] = {}
    for truth, flips in parts:
        for atom, other in flips.items():
            d, u = after.get(atom, (decided, unknown))
            after[atom] = (
                d + (other is decisive) - (truth is decisive),
                u + (other is None) - (truth is None),
            )
    whole = _whole(decided, unknown, decisive)
    flips = {atom: _whole(d, u, decisive) for atom, (d, u) in after.items()}
    return whole, {atom: other for atom, other in flips.items() if other is not whole}


def _whole(decided: int, unknown: int, decisive: bool) -> Truth:
    if decided:
        return decisive
    return None if unknown else not decisive


def _near_miss(
    program: Program, position: int, atom: Atom, wanted: bool, judgement: Judgement
) -> NearMiss:
    compared = comparison(atom.node, wanted)
    value = None
    if isinstance(compared.subject, FactReference):
        value = judgement.environment[program.layout.facts[compared.subject.name]]
    elif compared.subject is not None:
        value = judgement.values[compared.subject.name]
    distance = _distance(value, compared.threshold)
    return NearMiss(position, atom.written, compared, value, distance)


def _distance(value: Any, threshold: Any) -> float:
    if not (_is_number(value) and _is_number(threshold)):
        return FAR
    larger: float = max(abs(value), abs(threshold))
    return float(abs(value - threshold) / larger) if larger else 0.0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
