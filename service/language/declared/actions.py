"""Actions and their deadlines from what actions.yaml declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.declared.due import due_problems, read_due, read_span
from service.language.dependencies import CircleError, order
from service.language.files.source import Source
from service.language.model import Action, Output
from service.language.place import Path
from service.language.problem import Problem


def read_actions(
    entries: Mapping[str, Any], source: Source
) -> tuple[dict[str, Action], list[Problem]]:
    problems: list[Problem] = []
    actions = {
        code: Action(
            code=code,
            text=entry["text"],
            help=entry.get("help", {}),
            kind=entry.get("kind"),
            owner=entry.get("owner"),
            channels=tuple(entry.get("channels", ())),
            approval=tuple(entry.get("approval", ())),
            inform=tuple(entry.get("inform", ())),
            due=read_due(entry.get("due"), source, ("actions", code, "due"), problems),
            approve_before=_approve_before(entry, source, ("actions", code), problems),
            every=read_due(entry.get("every"), source, ("actions", code, "every"), problems),
            until=entry.get("until", {}),
            after=tuple(entry.get("after", ())),
            reversible=entry.get("reversible"),
            statutory=entry.get("statutory", False),
            ground=entry.get("ground", {}),
            source=entry.get("source", {}),
            forbidden=entry.get("forbidden", False),
            instead=tuple(entry.get("instead", ())),
        )
        for code, entry in entries.items()
    }
    for code, action in actions.items():
        problems += _references(code, action, actions, source)
    problems += _after_circle(actions, source)
    return actions, problems


def _references(
    code: str, action: Action, actions: Mapping[str, Action], source: Source
) -> list[Problem]:
    problems = []
    for key in ("after", "instead"):
        for position, named in enumerate(getattr(action, key)):
            path = ("actions", code, key, position)
            if named not in actions:
                hint = did_you_mean(named, actions)
                problems.append(
                    source.problem(
                        path, "unknown-action", f"'{named}' is not an action of this pack", hint
                    )
                )
            elif actions[named].forbidden:
                problems.append(
                    source.problem(path, "forbidden-action", f"'{named}' is forbidden conduct")
                )
    if action.statutory and action.approval:
        message = f"'{code}' is a legal duty: it waits for nobody's approval"
        hint = "name them under inform"
        problems.append(
            source.problem(
                ("actions", code, "approval"), "statutory-approval", message, hint, key=True
            )
        )
    if action.forbidden and (action.due or action.after):
        problems.append(
            source.problem(
                ("actions", code),
                "forbidden-action",
                f"'{code}' is forbidden: it has no due and no after",
                key=True,
            )
        )
    return problems


def _approve_before(
    entry: Mapping[str, Any], source: Source, path: Path, problems: list[Problem]
) -> timedelta | None:
    raw = entry.get("approve_before")
    return None if raw is None else read_span(raw, source, (*path, "approve_before"), problems)


def check_due(
    actions: Mapping[str, Action],
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    source: Source,
) -> Iterator[Problem]:
    """What the deadlines and rhythms of the catalogue name."""
    for code, action in actions.items():
        for key, due in (("due", action.due), ("every", action.every)):
            yield from due_problems(due, facts, outputs, source, ("actions", code, key))


def _after_circle(actions: Mapping[str, Action], source: Source) -> list[Problem]:
    try:
        order({code: frozenset(action.after) for code, action in actions.items()})
    except CircleError as circle:
        message = f"this order is a circle: {' after '.join(circle.path)}"
        return [source.problem(("actions", circle.path[0], "after"), "after-circle", message)]
    return []
