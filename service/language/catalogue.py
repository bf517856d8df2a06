"""Actions and their deadlines from what actions.yaml declares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from schemas.closest import did_you_mean
from schemas.scalars import parse_duration
from schemas.vocabulary import Fact
from service.language.model import Action, Due, Output
from service.language.problem import Problem
from service.language.source import Path, Source
from service.language.strata import CircleError, order


def read_actions(
    entries: Mapping[str, Any], source: Source
) -> tuple[dict[str, Action], list[Problem]]:
    problems: list[Problem] = []
    actions = {
        code: Action(
            code=code,
            text=entry["text"],
            help=entry.get("help", {}),
            owner=entry.get("owner"),
            channels=tuple(entry.get("channels", ())),
            approval=tuple(entry.get("approval", ())),
            inform=tuple(entry.get("inform", ())),
            due=_due(entry.get("due"), source, ("actions", code, "due"), problems),
            after=tuple(entry.get("after", ())),
            reversible=entry.get("reversible"),
            statutory=entry.get("statutory", False),
            ground=entry.get("ground", {}),
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


def _due(raw: Any, source: Source, path: Path, problems: list[Problem]) -> Due | None:
    if raw is None:
        return None
    if not isinstance(raw, dict):
        return Due(within=_span(raw, source, path, problems))
    start = raw.get("from", [])
    start = [start] if isinstance(start, str) else start
    if not isinstance(start, list) or not all(isinstance(name, str) for name in start):
        problems.append(
            source.problem((*path, "from"), "due-form", "'from' names facts: [group.moment]")
        )
        start = []
    by, within = raw.get("by"), raw.get("within")
    if by is not None and not isinstance(by, str):
        problems.append(source.problem((*path, "by"), "due-form", "'by' names an output"))
    if (by is None) == (within is None):
        problems.append(
            source.problem(
                path,
                "due-form",
                "a deadline has either 'within: 4h' or 'by: an_output' with a duration for each value",
            )
        )
    spans = {key: value for key, value in raw.items() if key not in ("from", "by", "within")}
    if by is None and spans:
        key = next(iter(spans))
        problems.append(
            source.problem(
                (*path, key), "unknown-key", f"'{key}' is not a key that is known here", key=True
            )
        )
    return Due(
        start=tuple(start),
        within=None if within is None else _span(within, source, (*path, "within"), problems),
        by=by if isinstance(by, str) else None,
        within_by={
            key: _span(value, source, (*path, key), problems) for key, value in spans.items()
        },
    )


def _span(raw: Any, source: Source, path: Path, problems: list[Problem]) -> timedelta:
    try:
        span = parse_duration(str(raw), days=True)
    except ValueError:
        span = None
    if span is None or span < timedelta():
        message = f"'{raw}' is not a duration such as 30m, 4h or 3d"
        problems.append(source.problem(path, "due-form", message))
    return span or timedelta()


def check_due(
    actions: Mapping[str, Action],
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    source: Source,
) -> list[Problem]:
    """Deadlines name moments that exist and give every value of their output a duration."""
    problems = []
    for code, action in actions.items():
        due, path = action.due, ("actions", code, "due")
        for position, name in enumerate(due.start if due else ()):
            if name not in facts or facts[name].type.kind != "datetime":
                hint = did_you_mean(
                    name, [n for n, f in facts.items() if f.type.kind == "datetime"]
                )
                problems.append(
                    source.problem(
                        (*path, "from", position),
                        "unknown-fact",
                        f"'{name}' is not a datetime fact of this pack",
                        hint,
                    )
                )
        if due and due.by is not None:
            output = outputs.get(due.by)
            values = (
                output.type.values
                if output and output.type.kind == "enum" and output.hit != "collect"
                else ()
            )
            if not values:
                problems.append(
                    source.problem(
                        (*path, "by"),
                        "unknown-output",
                        f"'{due.by}' is not an enum output of this pack",
                        did_you_mean(due.by, outputs),
                    )
                )
            elif set(values) != set(due.within_by):
                lacking = ", ".join(
                    [v for v in values if v not in due.within_by]
                    + [v for v in due.within_by if v not in values]
                )
                problems.append(
                    source.problem(
                        path,
                        "due-form",
                        f"the durations and the values of '{due.by}' differ in: {lacking}",
                    )
                )
    return problems


def _after_circle(actions: Mapping[str, Action], source: Source) -> list[Problem]:
    try:
        order({code: frozenset(action.after) for code, action in actions.items()})
    except CircleError as circle:
        message = f"this order is a circle: {' after '.join(circle.path)}"
        return [source.problem(("actions", circle.path[0], "after"), "after-circle", message)]
    return []
