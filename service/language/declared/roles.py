"""Reads roles and kinds of actions, and checks their names. A kind must be listed; so must a role if the pack lists roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.model import Action, ActionKind, Role


def read_roles(entries: Mapping[str, Any], here: BoundValue) -> dict[str, Role]:
    roles = {
        code: Role(code, entry["text"], entry.get("deputy")) for code, entry in entries.items()
    }
    for code, role in roles.items():
        if role.deputy is not None:
            _check_role(role.deputy, roles, here.at(code, "deputy"))
    return roles


def read_kinds(entries: Mapping[str, Any]) -> dict[str, ActionKind]:
    return {
        code: ActionKind(
            code,
            entry["text"],
            entry.get("help", {}),
            start=_named(entry.get("due", {}).get("from_", ())),
            source=entry.get("source", {}),
            approval=tuple(entry.get("approval", ())),
        )
        for code, entry in entries.items()
    }


def _named(start: Any) -> tuple[str, ...]:
    """What a kind says of the moments of deadlines is checked where its actions have it."""
    return (start,) if isinstance(start, str) else tuple(map(str, start))


def check_roles_of_actions(
    actions: Mapping[str, Action], roles: Mapping[str, Role], here: BoundValue
) -> None:
    """Check the roles that actions name. A pack without `roles` may use any names."""
    for code, action in actions.items() if roles else ():
        _check_roles_of(action, ("owner", "approval", "inform"), roles, here.at(code))


def check_roles_of_alternatives(
    actions: Mapping[str, Action], roles: Mapping[str, Role], here: BoundValue
) -> None:
    """Check the roles that the alternatives of actions name."""
    for code, action in actions.items() if roles else ():
        for number, one in enumerate(action.by_case):
            _check_roles_of(one.action, one.given, roles, here.at(code, "by_case", number))


def _check_roles_of(
    action: Action, given: Collection[str], roles: Mapping[str, Role], here: BoundValue
) -> None:
    """Check the roles that these keys of an action name."""
    if action.owner is not None and "owner" in given:
        _check_role(action.owner, roles, here.at("owner"))
    for key in ("approval", "inform"):
        for position, name in enumerate(getattr(action, key) if key in given else ()):
            _check_role(name, roles, here.at(key, position))


def check_roles_of_facts(
    facts: Mapping[str, Fact], roles: Mapping[str, Role], here: BoundValue
) -> None:
    """Check the roles that facts name under `ask`."""
    for name, fact in facts.items() if roles else ():
        if fact.ask is not None:
            _check_role(fact.ask, roles, here.at(name, "ask"))


def check_kinds_of_actions(
    actions: Mapping[str, Action], kinds: Mapping[str, Any], here: BoundValue
) -> None:
    for code, action in actions.items():
        if action.kind is not None and action.kind not in kinds:
            message = f"'{action.kind}' is not a kind of action of this pack"
            hint = did_you_mean(action.kind, kinds)
            here.at(code, "kind").error("unknown-kind", message, hint)


def _check_role(name: str, roles: Mapping[str, Role], here: BoundValue) -> None:
    if name not in roles:
        message = f"'{name}' is not a role of this pack"
        here.error("unknown-role", message, did_you_mean(name, roles))
