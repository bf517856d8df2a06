"""Cases from their files: the worked examples beside the rules. Running them is `service.authoring`'s."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from schemas.closest import did_you_mean
from schemas.scalars import parse_moment
from service.language.files.source import Source
from service.language.files.values import WrongValueError, read_value
from service.language.model import ACTION_OUTPUTS, PROVISIONAL, Action, Case, Output
from service.language.place import Path
from service.language.problem import Problem

LISTS = ("actions", "blocked", "held", "fired", "unknowns")
ENDS = ("at_worst", "at_best")
ONE_MOMENT = ("as_of", "facts", "expect")


@dataclass(frozen=True, slots=True)
class CaseContext:
    """What cases may expect, and the time zone of their dates."""

    source: Source
    outputs: Mapping[str, Output]
    actions: Mapping[str, Action]
    rules: Collection[str]
    timezone: ZoneInfo


def read_cases(
    entries: list[Mapping[str, Any]], context: CaseContext
) -> tuple[list[Case], list[Problem]]:
    """Each case, or a case for each of its steps."""
    cases: list[Case] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries):
        path: Path = ("cases", number)
        found = _form_mistakes(entry, path, context.source)
        problems += found
        if found:
            continue
        for step, step_path in _steps(entry, path):
            case, found = _case(entry, step, path, step_path, context)
            problems += found
            if case is not None:
                cases.append(case)
    return cases, problems


def _form_mistakes(entry: Mapping[str, Any], path: Path, source: Source) -> list[Problem]:
    if "steps" not in entry:
        return [
            source.problem(path, "missing-key", f"'{key}' is missing", "add it")
            for key in ONE_MOMENT
            if key not in entry
        ]
    return [
        source.problem((*path, key), "case-form", f"a case with steps has no '{key}'", key=True)
        for key in (*ONE_MOMENT, "previous")
        if key in entry
    ]


def _steps(entry: Mapping[str, Any], path: Path) -> Iterator[tuple[Mapping[str, Any], Path]]:
    """The case itself, or its steps, the facts of each laid over those before."""
    if "steps" not in entry:
        yield entry, path
        return
    facts: Mapping[str, Any] = {}
    for number, step in enumerate(entry["steps"]):
        facts = laid_over(facts, step["facts"])
        yield {**step, "facts": facts}, (*path, "steps", number)


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Facts nested by group, those `above` in place of those `below`."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[key] = laid_over(under, value) if both else value  # type: ignore[arg-type]
    return merged


def _case(
    entry: Mapping[str, Any],
    step: Mapping[str, Any],
    path: Path,
    step_path: Path,
    context: CaseContext,
) -> tuple[Case | None, list[Problem]]:
    source = context.source
    try:
        as_of = parse_moment(step["as_of"], context.timezone)
    except ValueError:
        message = f"'{step['as_of']}' is not a date, nor a date-time with offset"
        return None, [source.problem((*step_path, "as_of"), "bad-date", message)]
    problems = _expectations(step["expect"], (*step_path, "expect"), context)
    problems += _response_mistakes(step.get("responses", ()), step_path, context)
    number = int(step_path[-1]) + 1 if step_path != path else 0
    case = Case(
        name=f"{entry['name']} ({number})" if number else entry["name"],
        source=next(iter(entry.get("source", {}).values()), ""),
        as_of=as_of,
        facts=step["facts"],
        expect=step["expect"],
        place=source.problem((*path, "name"), "case-failed", ""),
        places=_places(step_path, step, source),
        previous=entry.get("previous"),
        follows=number > 1,
        responses=tuple(step.get("responses", ())),
    )
    return case, problems


def _response_mistakes(
    responses: Collection[str], path: Path, context: CaseContext
) -> list[Problem]:
    return [
        context.source.problem(
            (*path, "responses", position),
            "unknown-action",
            f"'{code}' is not an action of this pack",
            did_you_mean(code, context.actions),
        )
        for position, code in enumerate(responses)
        if code not in context.actions
    ]


def _places(path: Path, entry: Mapping[str, Any], source: Source) -> dict[str, Problem]:
    """Where each expectation (by output) and each fact (`facts.group.fact`) of a case stands."""
    places = {
        key: source.problem((*path, "expect", key), "case-failed", "", key=True)
        for key in entry["expect"]
    }
    for known in source.nodes:
        if known[: len(path) + 1] == (*path, "facts") and all(
            isinstance(p, str) for p in known[len(path) :]
        ):
            places[".".join(map(str, known[len(path) :]))] = source.problem(known, "case-facts", "")
    return places


def _expectations(expect: Mapping[str, Any], path: Path, context: CaseContext) -> list[Problem]:
    problems: list[Problem] = []
    source, outputs = context.source, context.outputs
    for key, wanted in expect.items():
        place = (*path, key)
        if key in LISTS:
            known = {"fired": context.rules, "unknowns": None}.get(key, context.actions)
            problems += _list_mistakes(wanted, place, source, known)
        elif key in ENDS:
            problems += _end_mistakes(wanted, place, source, outputs)
        elif key in outputs and key not in ACTION_OUTPUTS:
            problems += _value_mistakes(wanted, place, source, outputs[key])
        elif key != PROVISIONAL:
            hint = did_you_mean(key, [*outputs, *LISTS, *ENDS, PROVISIONAL])
            problems.append(
                source.problem(
                    place, "unknown-output", f"'{key}' is nothing a case can expect", hint, key=True
                )
            )
    return problems


def _list_mistakes(
    wanted: Any, path: Path, source: Source, known: Collection[str] | None
) -> list[Problem]:
    groups = wanted.items() if isinstance(wanted, dict) else [(None, wanted)]
    problems: list[Problem] = []
    for group, names in groups:
        place = path if group is None else (*path, group)
        if group not in (None, "include", "exclude", "exactly"):
            problems.append(
                source.problem(
                    place,
                    "unknown-key",
                    f"'{group}' is not known here",
                    "keys: include, exclude, exactly",
                    key=True,
                )
            )
        elif not isinstance(names, list):
            problems.append(source.problem(place, "bad-value", "a list of names is expected"))
        else:
            problems += [
                source.problem(
                    (*place, n),
                    "unknown-name",
                    f"'{name}' is not known in this pack",
                    did_you_mean(str(name), known or ()),
                )
                for n, name in enumerate(names)
                if not isinstance(name, str) or (known is not None and name not in known)
            ]
    return problems


def _end_mistakes(
    wanted: Any, path: Path, source: Source, outputs: Mapping[str, Output]
) -> list[Problem]:
    if not isinstance(wanted, dict):
        return [source.problem(path, "bad-value", "write the outputs' values: {output: value}")]
    problems: list[Problem] = []
    for name, value in wanted.items():
        if name not in outputs:
            problems.append(
                source.problem(
                    (*path, name),
                    "unknown-output",
                    f"'{name}' is not an output of this pack",
                    did_you_mean(name, outputs),
                    key=True,
                )
            )
        else:
            problems += _value_mistakes(value, (*path, name), source, outputs[name])
    return problems


def _value_mistakes(wanted: Any, path: Path, source: Source, output: Output) -> list[Problem]:
    try:
        read_value(wanted, output.value_type)
    except WrongValueError as error:
        return [
            source.problem(
                path,
                "wrong-type",
                f"'{output.name}' is {error}",
                did_you_mean(str(wanted), output.type.values),
            )
        ]
    return []
