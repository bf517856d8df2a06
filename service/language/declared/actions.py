"""Reads actions and their deadlines from actions.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.declared.due import check_due, read_due, read_interval, read_span
from service.language.dependencies import CircleError, order
from service.language.model import Action, Calendar, Output


def read_actions(entries: Mapping[str, Any], here: BoundValue) -> dict[str, Action]:
    actions = {code: _action(code, entry, here.at(code)) for code, entry in entries.items()}
    for code, action in actions.items():
        _check_names(action, actions, here.at(code))
        _check_kinds_of_duty(action, here.at(code))
    _check_order(actions, here)
    return actions


def _action(code: str, entry: Mapping[str, Any], here: BoundValue) -> Action:
    before = entry.get("approve_before")
    return Action(
        code=code,
        text=entry["text"],
        help=entry.get("help", {}),
        kind=entry.get("kind"),
        owner=entry.get("owner"),
        channels=tuple(entry.get("channels", ())),
        approval=tuple(entry.get("approval", ())),
        inform=tuple(entry.get("inform", ())),
        due=read_due(entry.get("due"), here.at("due")),
        approve_before=None if before is None else read_span(before, here.at("approve_before")),
        every=read_interval(entry.get("every"), here.at("every")),
        until=entry.get("until", {}),
        after=tuple(entry.get("after", ())),
        reversible=entry.get("reversible"),
        statutory=entry.get("statutory", False),
        ground=entry.get("ground", {}),
        source=entry.get("source", {}),
        forbidden=entry.get("forbidden", False),
        instead=tuple(entry.get("instead", ())),
        contradicts=tuple(entry.get("contradicts", ())),
        together=entry.get("together", False),
    )


def _check_names(action: Action, actions: Mapping[str, Action], here: BoundValue) -> None:
    for key in ("after", "instead", "contradicts"):
        for position, named in enumerate(getattr(action, key)):
            at = here.at(key, position)
            if named not in actions:
                message = f"'{named}' is not an action of this pack"
                at.error("unknown-action", message, did_you_mean(named, actions))
            elif actions[named].forbidden:
                at.error("forbidden-action", f"'{named}' is a forbidden action")
            elif key == "contradicts" and named == action.code:
                at.error("not-opposites", "an action cannot contradict itself")


def _check_kinds_of_duty(action: Action, here: BoundValue) -> None:
    """A statutory action cannot need an approval. No rule can ask for a forbidden action, so it has no due, no after and no contradicts."""
    if action.statutory and action.approval:
        message = f"'{action.code}' is a legal duty: it cannot wait for an approval"
        here.at("approval").key.error(
            "statutory-approval", message, "name these roles under inform"
        )
    if action.forbidden and (action.due or action.after or action.contradicts):
        message = f"'{action.code}' is forbidden: it cannot have due, after or contradicts"
        here.key.error("forbidden-action", message)


def check_deadlines(
    actions: Mapping[str, Action],
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    calendars: Mapping[str, Calendar],
    here: BoundValue,
) -> None:
    """Check the facts, outputs and calendars that `due` and `every` name in the catalogue."""
    for code, action in actions.items():
        check_due(action.due, facts, outputs, calendars, here.at(code, "due"))
        check_due(action.every, facts, outputs, calendars, here.at(code, "every"))
        for number, one in enumerate(action.by_case):
            if "due" in one.given:
                at = here.at(code, "by_case", number, "due")
                check_due(one.action.due, facts, outputs, calendars, at)


def _check_order(actions: Mapping[str, Action], here: BoundValue) -> None:
    try:
        order({code: frozenset(action.after) for code, action in actions.items()})
    except CircleError as circle:
        message = f"this order is a circle: {' after '.join(circle.path)}"
        here.at(circle.path[0], "after").error("after-circle", message)
