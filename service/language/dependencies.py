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
    for rule, read in zip(rules, reads, strict=True):
        for name in {given.output for given in rule.then}:
            needs[name] |= read
    final: dict[str, int] = {}
    level_of: dict[int, int] = {}
    for name in order(needs):
        for position, rule in enumerate(rules):
            if any(given.output == name for given in rule.then):
                level_of[position] = max((final[other] + 1 for other in reads[position]), default=0)
        final[name] = max(
            (
                level_of[n]
                for n, rule in enumerate(rules)
                if any(g.output == name for g in rule.then)
            ),
            default=-1,
        )
    depth = max(level_of.values(), default=-1) + 1
    strata = tuple(
        tuple(n for n in range(len(rules)) if level_of.get(n) == level) for level in range(depth)
    )
    return strata, final


def circle_rules(path: Sequence[str], rules: Sequence[Rule]) -> list[Rule]:
    """For each pair of neighbours in a circle of outputs, a rule that sets the first and reads the second."""
    found = []
    for sets, read in pairwise(path):
        found.append(
            next(
                rule
                for rule in rules
                if read in outputs_read(rule.when) and any(g.output == sets for g in rule.then)
            )
        )
    return found
