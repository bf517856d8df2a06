"""When to judge anew, and which action of the catalogue is that judging, as pack.yaml declares it. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.declared.due import due_problems, read_due
from service.language.files.source import Source
from service.language.model import Action, Output, Review
from service.language.place import Path
from service.language.problem import Problem

PATH: Path = ("review",)
ACTION = "action"


def read_review(
    raw: Any,
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    actions: Mapping[str, Action],
    source: Source,
) -> tuple[Review | None, list[Problem]]:
    """A deadline, with an `action` beside it or without."""
    problems: list[Problem] = []
    code = raw.get(ACTION) if isinstance(raw, dict) else None
    if code is not None:
        raw = {key: value for key, value in raw.items() if key != ACTION}
        problems += _action_problems(code, actions, source)
    due = read_due(raw, source, PATH, problems)
    problems += due_problems(due, facts, outputs, source, PATH)
    return None if due is None else Review(due, code), problems


def _action_problems(code: Any, actions: Mapping[str, Action], source: Source) -> Iterator[Problem]:
    place = (*PATH, ACTION)
    if not isinstance(code, str) or code not in actions:
        hint = did_you_mean(str(code), actions)
        yield source.problem(
            place, "unknown-action", f"'{code}' is not an action of this pack", hint
        )
    elif actions[code].forbidden:
        yield source.problem(place, "forbidden-action", f"'{code}' is forbidden conduct")
