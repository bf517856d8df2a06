"""Who acts, approves, is told and can be asked, and the kinds of actions. Where a pack lists them, every name must be on the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.files.source import Source
from service.language.model import Action, ActionKind, Role
from service.language.place import Path
from service.language.problem import Problem


def read_roles(entries: Mapping[str, Any], source: Source) -> tuple[dict[str, Role], list[Problem]]:
    roles = {
        code: Role(code, entry["text"], entry.get("deputy")) for code, entry in entries.items()
    }
    problems = [
        problem
        for code, role in roles.items()
        if role.deputy is not None
        for problem in _unknown_role(role.deputy, roles, source, ("roles", code, "deputy"))
    ]
    return roles, problems


def read_kinds(entries: Mapping[str, Any]) -> dict[str, ActionKind]:
    return {
        code: ActionKind(code, entry["text"], entry.get("help", {}))
        for code, entry in entries.items()
    }


def named_roles(
    actions: Mapping[str, Action], roles: Mapping[str, Role], source: Source
) -> Iterator[Problem]:
    """The roles that actions name. A pack without roles names them as it likes."""
    for code, action in actions.items() if roles else ():
        path: Path = ("actions", code)
        if action.owner is not None:
            yield from _unknown_role(action.owner, roles, source, (*path, "owner"))
        for key in ("approval", "inform"):
            for position, name in enumerate(getattr(action, key)):
                yield from _unknown_role(name, roles, source, (*path, key, position))


def asked_roles(
    facts: Mapping[str, Fact], roles: Mapping[str, Role], source: Source
) -> Iterator[Problem]:
    """The roles that facts say can be asked."""
    for name, fact in facts.items() if roles else ():
        if fact.ask is not None:
            yield from _unknown_role(fact.ask, roles, source, ("facts", name, "ask"))


def named_kinds(
    actions: Mapping[str, Action], kinds: Mapping[str, Any], source: Source
) -> Iterator[Problem]:
    for code, action in actions.items():
        if action.kind is not None and action.kind not in kinds:
            message = f"'{action.kind}' is not a kind of action of this pack"
            hint = did_you_mean(action.kind, kinds)
            yield source.problem(("actions", code, "kind"), "unknown-kind", message, hint)


def _unknown_role(
    name: str, roles: Mapping[str, Role], source: Source, path: Path
) -> Iterator[Problem]:
    if name not in roles:
        message = f"'{name}' is not a role of this pack"
        yield source.problem(path, "unknown-role", message, did_you_mean(name, roles))
