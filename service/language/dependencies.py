"""The order of computation: derived facts by what they read, outputs and their rules by strata. Refuses circles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from service.language.model import Rule
from service.language.syntax import outputs_read


class CircleError(ValueError):
    """`path` goes round the circle; its first and last member are the same."""

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(" → ".join(path))
        self.path = tuple(path)


def order(reads: Mapping[str, frozenset[str]]) -> list[str]:
    """Names so that each comes after all it reads. Raises CircleError."""
    graph = TopologicalSorter({name: sorted(read & reads.keys()) for name, read in reads.items()})
    try:
        return list(graph.static_order())
    except CycleError as error:
        raise CircleError(error.args[1][::-1]) from None


def stratify(
    rules: Sequence[Rule], outputs: Sequence[str]
) -> tuple[tuple[tuple[int, ...], ...], dict[str, int]]:
    """Strata of rule positions, and after which stratum each output is final.

    A rule comes after all outputs it reads; an output is final when the last rule that sets it
    is done, whatever else that rule sets. Raises CircleError with a path of output names.
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
    """For each step of an output circle, a rule that sets the one by reading the next."""
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
