"""A rule's `when`: text or a tree of all / any / not, and the traps YAML lays for conditions."""

from __future__ import annotations

from typing import Any

import yaml

from service.language.conditions.check import check_condition
from service.language.conditions.scope import Finding, Scope
from service.language.files.source import Source
from service.language.place import Path
from service.language.problem import Problem
from service.language.syntax import ALWAYS, And, Node, Not, Or

MAX_TREE_DEPTH = 12


def read_condition(
    source: Source, path: Path, raw: Any, scope: Scope, problems: list[Problem]
) -> Node | None:
    """A condition as authors write it: text, or a tree of all / any / not. None when it has errors."""
    if raw == "always":
        return ALWAYS
    return _condition(source, path, raw, scope, problems, 0)


def _condition(
    source: Source, path: Path, raw: Any, scope: Scope, problems: list[Problem], level: int
) -> Node | None:
    if isinstance(raw, str):
        return read_text(source, path, raw, scope, problems)
    if level >= MAX_TREE_DEPTH:
        problems.append(
            source.problem(
                path,
                "condition-too-deep",
                f"all / any / not nest {MAX_TREE_DEPTH} levels deep at most",
            )
        )
        return None
    if isinstance(raw, dict) and len(raw) == 1 and next(iter(raw)) in ("all", "any", "not"):
        key = next(iter(raw))
        if key == "not":
            inner = _condition(source, (*path, key), raw[key], scope, problems, level + 1)
            return Not(inner) if inner is not None else None
        return _tree(
            source, (*path, key), raw[key], scope, problems, level, And if key == "all" else Or
        )
    if path not in source.unread:  # else it was read as nothing, and that is reported
        problems.append(_wrong_form(source, path, raw))
    return None


def _tree(
    source: Source,
    path: Path,
    raw: Any,
    scope: Scope,
    problems: list[Problem],
    level: int,
    kind: type[And] | type[Or],
) -> Node | None:
    if not isinstance(raw, list) or not raw:
        problems.append(
            source.problem(path, "condition-form", f"'{path[-1]}' needs a list of conditions")
        )
        return None
    parts = [
        _condition(source, (*path, n), part, scope, problems, level + 1)
        for n, part in enumerate(raw)
    ]
    good = tuple(part for part in parts if part is not None)
    if len(good) < len(parts):
        return None
    return good[0] if len(good) == 1 else kind(good)


def _wrong_form(source: Source, path: Path, raw: Any) -> Problem:
    if isinstance(raw, bool | int | float):
        message = "this reads no fact, so it is the same for every incident"
        always = "a rule that always fires says so: when: always"
        return source.problem(path, "constant-condition", message, always)
    hint = ""
    if isinstance(raw, dict) and any("?" in key for key in raw):
        hint = "YAML read the ':' of a ? b : c as a key: put the whole condition in quotes"
    elif isinstance(raw, dict) and len(raw) > 1:
        hint = "one of all, any, not at a time: put the others inside as list entries"
    elif isinstance(raw, list):
        hint = "say how the conditions are joined: all: or any:"
    message = "a condition is a text, or all / any / not with conditions"
    return source.problem(path, "condition-form", message, hint)


def read_text(
    source: Source, path: Path, text: str, scope: Scope, problems: list[Problem]
) -> Node | None:
    """One condition text, with the traps YAML lays for it reported."""
    trap = yaml_trap(source, path)
    if trap:
        problems.append(trap)
        return None
    node, findings = check_condition(text, scope)
    problems += [place_finding(source, path, finding) for finding in findings]
    return node


def place_finding(source: Source, path: Path, found: Finding) -> Problem:
    return source.problem_inside(
        path, found.start, found.end, found.code, found.message, found.hint, found.severity
    )


def yaml_trap(source: Source, path: Path, *, flow_too: bool = True) -> Problem | None:
    """A plain (unquoted) expression where YAML may have cut or split what its author typed.

    What YAML splits off the value of a derived fact is an unknown key, so there `flow_too` is off.
    """
    node = source.nodes[path]
    assert isinstance(node, yaml.ScalarNode)
    if node.style in ("'", '"', "|", ">"):
        return None
    if flow_too and path in source.in_flow:
        return source.problem(
            path,
            "quote-condition",
            "inside [ ] or { } a condition must be quoted",
            "YAML splits it at , [ ] { } and ':'",
        )
    end = source.text.find("\n", node.end_mark.index)
    rest = source.text[node.end_mark.index : end if end >= 0 else None]
    if "#" in rest:
        return source.problem(
            path,
            "quote-condition",
            "YAML reads '#' and what follows as a comment, not as part of the condition",
            "quote the condition, or give the comment a line of its own",
        )
    return None
