"""Reads `review` of pack.yaml: when to evaluate the incident again, and the action of the catalogue for this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.declared.due import check_due, read_interval
from service.language.model import Action, Output, Review

ACTION = "action"


def read_review(
    raw: Any,
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    actions: Mapping[str, Action],
    here: BoundValue,
) -> Review | None:
    """A deadline, with or without an `action`."""
    code = raw.get(ACTION) if isinstance(raw, dict) else None
    if code is not None:
        raw = {key: value for key, value in raw.items() if key != ACTION}
        _check_action(code, actions, here.at(ACTION))
    due = read_interval(raw, here)
    check_due(due, facts, outputs, {}, here)
    return None if due is None else Review(due, code)


def _check_action(code: Any, actions: Mapping[str, Action], here: BoundValue) -> None:
    if not isinstance(code, str) or code not in actions:
        message = f"'{code}' is not an action of this pack"
        here.error("unknown-action", message, did_you_mean(str(code), actions))
    elif actions[code].forbidden:
        here.error("forbidden-action", f"'{code}' is a forbidden action")
