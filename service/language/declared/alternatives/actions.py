"""Reads the alternatives of actions: by jurisdiction, sector or trigger another ground, deadline, text or owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.language.collector import BoundValue
from service.language.conditions.scope import Scope
from service.language.declared.alternatives.conditions import read_conditions
from service.language.declared.due import read_due
from service.language.model import Action, Alternative

READ_WITH_FALLBACK = ("ground", "due")
"""If an alternative gives one of these, the action must have it too: it holds where no alternative does."""


def with_alternatives(
    actions: Mapping[str, Action], entries: Mapping[str, Any], scope: Scope, here: BoundValue
) -> dict[str, Action]:
    """The actions with their alternatives. `scope` has the names that the conditions may use."""
    return {
        code: _with_alternatives(action, entries[code].get("by_case", ()), scope, here.at(code))
        for code, action in actions.items()
    }


def _with_alternatives(action: Action, raw: Any, scope: Scope, here: BoundValue) -> Action:
    if not raw:
        if action.together:
            message = "there are no alternatives that could hold together"
            here.at("together").key.error(
                "alternative-form", message, "write by_case, or leave this out"
            )
        return action
    at = here.at("by_case")
    conditions = read_conditions(raw, scope, at)
    found = []
    for number, (entry, when) in enumerate(zip(raw, conditions, strict=True)):
        given = tuple(key for key in entry if key != "when")
        if not given:
            at.at(number).error("alternative-form", "this alternative changes nothing")
        case = _case(action, entry, at.at(number))
        _check_approval(case, given, at.at(number))
        if when is not None:
            found.append(Alternative(when, entry["when"], given, case))
    _check_fallback(action, raw, here)
    return replace(action, by_case=tuple(found))


def _case(action: Action, entry: Mapping[str, Any], here: BoundValue) -> Action:
    """The whole action in this case."""
    changed = {
        key: entry[key]
        for key in ("text", "owner", "statutory", "ground", "source")
        if key in entry
    }
    for key in ("approval", "inform"):
        if key in entry:
            changed[key] = tuple(entry[key])
    if "due" in entry:
        changed["due"] = read_due(entry["due"], here.at("due"))
    return replace(action, **changed)


def _check_approval(case: Action, given: tuple[str, ...], here: BoundValue) -> None:
    if case.statutory and case.approval:
        message = f"'{case.code}' is a legal duty in this case: it cannot wait for an approval"
        at = here.at("approval").key if "approval" in given else here
        at.error(
            "statutory-approval", message, "write approval: [] here; inform: tells these roles"
        )


def _check_fallback(action: Action, raw: Any, here: BoundValue) -> None:
    for key in READ_WITH_FALLBACK:
        if any(key in entry for entry in raw) and not getattr(action, key):
            message = f"where no alternative holds '{action.code}' has no {key}"
            hint = f"give the action a '{key}' of its own, such as its principle"
            here.key.error("alternative-fallback", message, hint)
