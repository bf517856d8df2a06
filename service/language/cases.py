"""Cases from their files: the worked examples beside the rules. Running them is `service.authoring`'s."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from schemas.closest import did_you_mean
from schemas.scalars import parse_moment
from service.language.model import ACTION_OUTPUTS, PROVISIONAL, Action, Case, Output
from service.language.problem import Problem
from service.language.source import Path, Source
from service.language.values import WrongValueError, read_value

LISTS = ("actions", "blocked", "held", "fired", "unknowns")
ENDS = ("at_worst", "at_best")


def read_cases(
    entries: list[Mapping[str, Any]],
    source: Source,
    outputs: Mapping[str, Output],
    actions: Mapping[str, Action],
    rules: Collection[str],
    timezone: ZoneInfo,
) -> tuple[list[Case], list[Problem]]:
    cases: list[Case] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries):
        path: Path = ("cases", number)
        try:
            as_of = parse_moment(entry["as_of"], timezone)
        except ValueError:
            problems.append(
                source.problem(
                    (*path, "as_of"),
                    "bad-date",
                    f"'{entry['as_of']}' is not a date, nor a date-time with offset",
                )
            )
            continue
        problems += _expectations(
            entry["expect"], (*path, "expect"), source, outputs, actions, rules
        )
        cases.append(
            Case(
                name=entry["name"],
                source=next(iter(entry.get("source", {}).values()), ""),
                as_of=as_of,
                facts=entry["facts"],
                expect=entry["expect"],
                place=source.problem((*path, "name"), "case-failed", ""),
                places=_places(path, entry, source),
            )
        )
    return cases, problems


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


def _expectations(
    expect: Mapping[str, Any],
    path: Path,
    source: Source,
    outputs: Mapping[str, Output],
    actions: Mapping[str, Action],
    rules: Collection[str],
) -> list[Problem]:
    problems: list[Problem] = []
    for key, wanted in expect.items():
        place = (*path, key)
        if key in LISTS:
            known = {"fired": rules, "unknowns": None}.get(key, actions)
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
