"""Reads a rule's `when`: text, or a tree of all / any / not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.language.collector import BoundValue
from service.language.conditions.check import check_condition
from service.language.conditions.scope import Scope
from service.language.files.yaml_traps import is_cut, is_unread
from service.language.syntax import ALWAYS, And, Node, Not, Or, Span

MAX_TREE_DEPTH = 12
TREE = ("all", "any", "not")


def read_condition(raw: Any, scope: Scope, here: BoundValue) -> Node | None:
    """A condition as authors write it: text, or a tree of all / any / not. None if it has errors."""
    if raw == "always":
        return replace(ALWAYS, span=Span(0, len(raw), here.place))
    return _condition(raw, scope, here, 0)


def _condition(raw: Any, scope: Scope, here: BoundValue, level: int) -> Node | None:
    if isinstance(raw, str):
        return _text(raw, scope, here)
    if level >= MAX_TREE_DEPTH:
        message = f"all / any / not may have at most {MAX_TREE_DEPTH} levels"
        here.error("condition-too-deep", message)
        return None
    if isinstance(raw, dict) and len(raw) == 1 and next(iter(raw)) in TREE:
        key = next(iter(raw))
        if key != "not":
            return _joined(key, raw[key], scope, here.at(key), level)
        inner = _condition(raw[key], scope, here.at(key), level + 1)
        return None if inner is None else Not(inner, span=_key_span(here.at(key)))
    if not is_unread(here):
        _refuse_form(raw, here)
    return None


def _joined(key: str, raw: Any, scope: Scope, here: BoundValue, level: int) -> Node | None:
    if not isinstance(raw, list) or not raw:
        here.error("condition-form", f"'{key}' needs a list of conditions")
        return None
    parts = [_condition(part, scope, here.at(n), level + 1) for n, part in enumerate(raw)]
    good = tuple(part for part in parts if part is not None)
    if len(good) < len(parts):
        return None
    if len(good) == 1:
        return good[0]
    span = _key_span(here)
    return And(good, span=span) if key == "all" else Or(good, span=span)


def _key_span(here: BoundValue) -> Span:
    return Span(text=here.key.place)


def _refuse_form(raw: Any, here: BoundValue) -> None:
    if isinstance(raw, bool | int | float):
        message = "this reads no fact, so it is the same for every incident"
        here.error("constant-condition", message, "for a rule that always fires write when: always")
        return
    hint = ""
    if isinstance(raw, dict) and any("?" in key for key in raw):
        hint = "YAML read the ':' of a ? b : c as a key: put the whole condition in quotes"
    elif isinstance(raw, dict) and len(raw) > 1:
        hint = "use only one of all, any, not here: put the others inside it as list entries"
    elif isinstance(raw, list):
        hint = "say how the conditions are joined: all: or any:"
    message = "a condition is a text, or all / any / not with conditions"
    here.error("condition-form", message, hint)


def _text(text: str, scope: Scope, here: BoundValue) -> Node | None:
    """One condition text. It is reported if YAML may have cut it."""
    if is_cut(here):
        return None
    return check_condition(text, scope, here.value)
