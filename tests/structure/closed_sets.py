"""Finds the modules that spell names of a closed set (hit policies, functions of conditions): a new name may have to go there.

A name counts if it is a whole string of the code: a literal, a key, a value of `match`, a member of a `Literal`. Docstrings
do not count. The result is only a hint for what must be opened to add a name. A module that spells two or more names lists
the set or distinguishes its members; a module that spells one name treats it specially. Names with another meaning in the
code are left out: `min` and `max` (limits), `has`, `all`, `size`, `hours`, `days`, `duration`, `timestamp`. `any` (also a
group of conditions) counts only beside another policy.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from tests.structure.sources import Module

POLICIES = frozenset(
    {"unique", "any", "priority", "first", "collect", "collect_all", "sum", "count"}
)
FUNCTIONS = frozenset(
    {
        "at_least",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "exists",
        "math.greatest",
        "math.least",
        "math.sqrt",
    }
)
NOT_ALONE = frozenset({"any"})


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """The names that each module spells, by path: `several` with two or more, `one` with a single one."""

    several: Mapping[str, tuple[str, ...]]
    one: Mapping[str, tuple[str, ...]]


def measure_closed_sets(modules: Mapping[str, Module]) -> dict[str, ClosedSet]:
    return {
        "hit policies": closed_set(modules, POLICIES),
        "functions of conditions": closed_set(modules, FUNCTIONS),
    }


def closed_set(modules: Mapping[str, Module], names: frozenset[str]) -> ClosedSet:
    spelled = {module.path: _spelled(module, names) for module in modules.values()}
    return ClosedSet(
        several={path: found for path, found in spelled.items() if len(found) > 1},
        one={path: found for path, found in spelled.items() if len(found) == 1},
    )


def _spelled(module: Module, names: frozenset[str]) -> tuple[str, ...]:
    nodes = list(ast.walk(module.code))
    documentation = {node.value for node in nodes if isinstance(node, ast.Expr)}
    strings = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if node not in documentation
    }
    found = strings & names
    return () if found <= NOT_ALONE else tuple(sorted(found))
