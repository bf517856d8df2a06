"""Reads when an action is done, and what asks for it again. The names in it are those of conditions after all rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemas.closest import did_you_mean
from schemas.files.names import AGAIN_BY, AgainBy
from service.language.collector import BoundValue
from service.language.conditions.scope import RULE_CLOSED, Scope
from service.language.conditions.when import read_condition
from service.language.declared.due import read_span
from service.language.model import ACTION_OUTPUTS, Action, Again, DoneWhen


def with_completion(
    actions: Mapping[str, Action],
    entries: Mapping[str, Mapping[str, Any]],
    scope: Scope,
    here: BoundValue,
) -> dict[str, Action]:
    """The actions with what their `entries` say about being done."""
    readable = replace(scope, closed=RULE_CLOSED)
    return {
        code: _completed(action, entries[code], readable, here.at(code))
        for code, action in actions.items()
    }


def _completed(action: Action, entry: Mapping[str, Any], scope: Scope, here: BoundValue) -> Action:
    keys = [key for key in ("done_when", "again_when") if key in entry]
    if not keys:
        return action
    if action.forbidden:
        message = f"'{action.code}' is forbidden: it cannot have {' or '.join(keys)}"
        here.at(keys[0]).key.error("forbidden-action", message)
        return action
    if action.every is not None and "again_when" in entry:
        message = f"'{action.code}' recurs by 'every': nothing else asks for it again"
        hint = "leave out again_when, or every"
        here.at("again_when").key.error("again-form", message, hint)
    return replace(
        action,
        done_when=_done_when(entry, scope, here.at("done_when")),
        again_when=_again_when(entry.get("again_when", ()), scope, here.at("again_when")),
    )


def _done_when(entry: Mapping[str, Any], scope: Scope, here: BoundValue) -> DoneWhen | None:
    if "done_when" not in entry:
        return None
    when = read_condition(entry["done_when"], scope, here)
    return None if when is None else DoneWhen(when, entry["done_when"])


def _again_when(
    entries: Sequence[Mapping[str, Any]], scope: Scope, here: BoundValue
) -> tuple[Again, ...]:
    found = [_again(entry, scope, here.at(n)) for n, entry in enumerate(entries)]
    _check_once(found, here)
    return tuple(one for one in found if one is not None)


def _again(entry: Mapping[str, Any], scope: Scope, here: BoundValue) -> Again | None:
    given = [by for by in AGAIN_BY if by in entry]
    if len(given) != 1:
        message = "an entry has exactly one way to change"
        here.error("again-form", message, f"write one of {', '.join(AGAIN_BY)}")
        return None
    found = _change(given[0], entry[given[0]], scope, here.at(given[0]))
    return found and replace(found, text=entry.get("text", {}))


def _change(by: AgainBy, written: Any, scope: Scope, at: BoundValue) -> Again | None:
    match by:
        case "when":
            when = read_condition(written, scope, at)
            return None if when is None else Again(by, written, when=when)
        case "after":
            span = read_span(written, at)
            if not span and "0" in str(written):  # anything else is reported as no duration
                at.error("again-form", "a time that asks for it again cannot be zero")
            return Again(by, written, after=span)
        case "worse":
            return _worse(written, scope, at)
    return _changed(written, scope, at)


def _worse(written: str, scope: Scope, here: BoundValue) -> Again | None:
    output = scope.outputs.get(written)
    if output is None:
        message = f"'{written}' is not an output of this pack"
        here.error("unknown-output", message, did_you_mean(written, scope.outputs))
        return None
    if output.type.name != "enum" or output.policy.is_collected:
        message = f"'{written}' has no value that can become worse: name an enum output"
        here.error("again-form", message)
        return None
    return Again("worse", written, name=written)


def _changed(written: str, scope: Scope, here: BoundValue) -> Again | None:
    if not _is_read(written, scope):
        message = f"'{written}' is neither a fact nor an output of this pack"
        known = [*scope.facts, *(name for name in scope.outputs if name not in ACTION_OUTPUTS)]
        here.error("unknown-name", message, did_you_mean(written, known))
        return None
    return Again("changed", written, name=written)


def _is_read(name: str, scope: Scope) -> bool:
    return name in scope.facts or (name in scope.outputs and name not in ACTION_OUTPUTS)


def _check_once(found: Sequence[Again | None], here: BoundValue) -> None:
    """Each name and one time: what is remembered of a name has one meaning."""
    seen: set[str] = set()
    for position, one in enumerate(found):
        if one is None or one.by == "when":
            continue
        name = one.name or one.by
        if name in seen:
            here.at(position).error("again-form", f"'{name}' is named twice")
        seen.add(name)
