"""The order of computation of derived facts, and of outputs and their rules in strata. It raises an error for circles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from service.language.model import Rule
from service.language.syntax import outputs_read


class CircleError(ValueError):
    """`path` lists the names of the circle in order; its first and its last name are the same."""

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(" → ".join(path))
        self.path = tuple(path)


def order(reads: Mapping[str, frozenset[str]]) -> list[str]:
    """The names, each after all names that it reads. Raises CircleError."""
    graph = TopologicalSorter({name: sorted(read & reads.keys()) for name, read in reads.items()})
    try:
        return list(graph.static_order())
    except CycleError as error:
        raise CircleError(error.args[1][::-1]) from None


def stratify(
    rules: Sequence[Rule], outputs: Sequence[str]
) -> tuple[tuple[tuple[int, ...], ...], dict[str, int]]:
    """The strata, as positions of rules, and the stratum after which each output is decided.

    A rule comes after all outputs that it reads. An output is decided after the last rule that sets it.
    It does not wait for the other outputs of that rule. Raises CircleError with a path of output names.
    """
    reads = [outputs_read(rule.when) for rule in rules]
    needs: dict[str, frozenset[str]] = {name: frozenset() for name in outputs}
    setters = _setters(rules)
    for name, positions in setters.items():
        needs[name] = needs[name].union(*(reads[n] for n in positions))
    decided: dict[str, int] = {}
    level_of: dict[int, int] = {}
    for name in order(needs):
        for position in setters.get(name, ()):
            level_of[position] = max((decided[other] + 1 for other in reads[position]), default=0)
        decided[name] = max((level_of[n] for n in setters.get(name, ())), default=-1)
    strata: list[list[int]] = [[] for _ in range(max(level_of.values(), default=-1) + 1)]
    for position in sorted(level_of):
        strata[level_of[position]].append(position)
    return tuple(map(tuple, strata)), decided


def _setters(rules: Sequence[Rule]) -> dict[str, list[int]]:
    """By output, the positions of the rules that set it, in order."""
    setters: dict[str, list[int]] = {}
    for position, rule in enumerate(rules):
        for name in dict.fromkeys(given.output for given in rule.then):
            setters.setdefault(name, []).append(position)
    return setters


def circle_rules(path: Sequence[str], rules: Sequence[Rule]) -> list[Rule]:
    """For each pair of neighbours in a circle of outputs, a rule that sets the first and reads the second."""
    setters = _setters(rules)
    return [
        next(rules[n] for n in setters[sets] if read in outputs_read(rules[n].when))
        for sets, read in pairwise(path)
    ]
