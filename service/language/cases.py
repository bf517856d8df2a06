"""Reads cases, the worked examples beside the rules. `service.authoring` runs them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from schemas.closest import did_you_mean
from schemas.moment_hints import moment_hint
from schemas.scalars import parse_moment
from service.language.collector import BoundValue
from service.language.files.values import WrongValueError, read_value
from service.language.model import ACTION_OUTPUTS, PROVISIONAL, Action, Case, Output
from service.language.place import Place

LISTS = (
    *("actions", "blocked", "held", "left_out", "done", "overdue"),
    *("fired", "unknowns"),
)
CONDITIONAL = "conditional"
"""The legal duties that are asked for only if an unknown fact says so. `actions` has all others."""
OF_ACTIONS = ("within", "cites")
"""What a case can expect of single actions: the length of a deadline, and a part of a ground."""
ENDS = ("at_worst", "at_best")
DRAFTS = "drafts"
ONE_MOMENT = ("as_of", "facts", "expect")


@dataclass(frozen=True, slots=True)
class CaseContext:
    """The names that cases may use, and the time zone of their dates."""

    outputs: Mapping[str, Output]
    actions: Mapping[str, Action]
    rules: Collection[str]
    brands: Collection[str]
    drafts: Collection[str]
    timezone: ZoneInfo


class _Step(NamedTuple):
    """The part of a case for one moment. `facts` includes those of earlier steps; `number` is 0 for a case without steps."""

    number: int
    entry: Mapping[str, Any]
    facts: Mapping[str, Any]
    here: BoundValue


def read_cases(
    entries: Sequence[Mapping[str, Any]], context: CaseContext, here: BoundValue
) -> list[Case]:
    """A case for each entry, or for each step of an entry with steps."""
    cases = [
        _case(entry, step, context, here.at(number))
        for number, entry in enumerate(entries)
        if _has_form(entry, here.at(number))
        for step in _steps(entry, here.at(number))
    ]
    return [case for case in cases if case is not None]


def _has_form(entry: Mapping[str, Any], here: BoundValue) -> bool:
    if "steps" not in entry:
        lacking = [key for key in ONE_MOMENT if key not in entry]
        for key in lacking:
            here.error("missing-key", f"'{key}' is missing", "add it")
        return not lacking
    excess = [key for key in (*ONE_MOMENT, "previous", "done") if key in entry]
    for key in excess:
        here.at(key).key.error("case-form", f"a case with steps cannot have '{key}'")
    return not excess


def _steps(entry: Mapping[str, Any], here: BoundValue) -> Iterator[_Step]:
    """The case itself, or its steps. The facts of each step are merged over those of the steps before it."""
    if "steps" not in entry:
        yield _Step(0, entry, entry["facts"], here)
        return
    facts: Mapping[str, Any] = {}
    for position, step in enumerate(entry["steps"]):
        facts = merged_over(facts, step["facts"])
        yield _Step(position + 1, step, facts, here.at("steps", position))


def merged_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both facts, nested by group. A value of `above` replaces that of `below`."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[key] = merged_over(under, value) if both else value  # type: ignore[arg-type]
    return merged


def _case(
    entry: Mapping[str, Any], step: _Step, context: CaseContext, here: BoundValue
) -> Case | None:
    written = step.entry["as_of"]
    try:
        as_of = parse_moment(written, context.timezone)
    except ValueError:
        message = f"'{written}' is not a date, nor a date-time with offset"
        step.here.at("as_of").error("bad-date", message, moment_hint(written))
        return None
    responses = step.entry.get("responses", ())
    if step.number < 2:
        _check_brand(entry.get("brand"), context, here.at("brand"))
    _check_expectations(step.entry["expect"], context, step.here.at("expect"))
    _check_responses(responses, context, step.here.at("responses"))
    return Case(
        name=f"{entry['name']} ({step.number})" if step.number else entry["name"],
        source=next(iter(entry.get("source", {}).values()), ""),
        as_of=as_of,
        facts=step.facts,
        expect=step.entry["expect"],
        place=here.at("name").place,
        places=_places(step),
        previous=entry.get("previous"),
        follows=step.number > 1,
        responses=tuple(responses),
        brand=entry.get("brand"),
        done=tuple(step.entry.get("done", ())),
    )


def _check_brand(brand: str | None, context: CaseContext, here: BoundValue) -> None:
    if brand is not None and brand not in context.brands:
        message = f"'{brand}' is not a brand of this pack"
        here.error("unknown-brand", message, did_you_mean(brand, context.brands))


def _check_responses(responses: Collection[str], context: CaseContext, here: BoundValue) -> None:
    for position, code in enumerate(responses):
        if code not in context.actions:
            message = f"'{code}' is not an action of this pack"
            here.at(position).error("unknown-action", message, did_you_mean(code, context.actions))


def _places(step: _Step) -> dict[str, Place]:
    """The place of each expectation (keyed by output) and of each fact (keyed by `facts.group.fact`) of a case."""
    expect = step.here.at("expect")
    places = {key: expect.at(key).key.place for key in step.entry["expect"]}
    for position in range(len(step.entry.get("done", ()))):
        places[f"done[{position}]"] = step.here.at("done", position).place
    return places | dict(_fact_places("facts", step.entry["facts"], step.here.at("facts")))


def _fact_places(name: str, data: Any, here: BoundValue) -> Iterator[tuple[str, Place]]:
    yield name, here.place
    for key, inner in data.items() if isinstance(data, Mapping) else ():
        yield from _fact_places(f"{name}.{key}", inner, here.at(key))


def _check_expectations(expect: Mapping[str, Any], context: CaseContext, here: BoundValue) -> None:
    outputs = context.outputs
    for key, wanted in expect.items():
        at = here.at(key)
        if key in LISTS:
            known = {"fired": context.rules, "unknowns": None}.get(key, context.actions)
            _check_list(wanted, known, at)
        elif key in ENDS:
            _check_end(wanted, outputs, at)
        elif key == DRAFTS:
            _check_drafts(wanted, context.drafts, at)
        elif key in outputs and key not in ACTION_OUTPUTS:
            _check_value(wanted, outputs[key], at)
        elif key == CONDITIONAL:
            _check_list(wanted, context.actions, at)
        elif key in OF_ACTIONS:
            _check_of_actions(wanted, context.actions, at)
        elif key != PROVISIONAL:
            hint = did_you_mean(
                key, [*outputs, *LISTS, *ENDS, DRAFTS, PROVISIONAL, CONDITIONAL, *OF_ACTIONS]
            )
            at.key.error("unknown-output", f"a case cannot expect '{key}'", hint)


def _check_list(wanted: Any, known: Collection[str] | None, here: BoundValue) -> None:
    if not isinstance(wanted, dict):
        _check_names(wanted, known, here)
        return
    for group, names in wanted.items():
        if group in ("include", "exclude", "exactly"):
            _check_names(names, known, here.at(group), exactly=group == "exactly")
        else:
            message, hint = f"'{group}' is not a known key here", "keys: include, exclude, exactly"
            here.at(group).key.error("unknown-key", message, hint)


def _check_of_actions(wanted: Any, known: Collection[str], here: BoundValue) -> None:
    if not isinstance(wanted, dict) or not all(isinstance(one, str) for one in wanted.values()):
        here.error("bad-value", "a text for each action is expected: {CODE: text}")
        return
    for code in wanted:
        if code not in known:
            message = f"'{code}' is not known in this pack"
            here.at(code).key.error("unknown-name", message, did_you_mean(code, known))


def _check_names(
    names: Any, known: Collection[str] | None, here: BoundValue, *, exactly: bool = False
) -> None:
    if not isinstance(names, list):
        here.error("bad-value", "a list of names is expected")
        return
    if not names and not exactly:
        message = "an empty list expects nothing: all names in it must be in the answer"
        here.warning("expects-nothing", message, "write {exactly: []} if the answer must have none")
    for position, name in enumerate(names):
        if not isinstance(name, str) or (known is not None and name not in known):
            message = f"'{name}' is not known in this pack"
            here.at(position).error("unknown-name", message, did_you_mean(str(name), known or ()))


def _check_end(wanted: Any, outputs: Mapping[str, Output], here: BoundValue) -> None:
    if not isinstance(wanted, dict):
        here.error("bad-value", "write the outputs' values: {output: value}")
        return
    for name, value in wanted.items():
        if name in outputs:
            _check_value(value, outputs[name], here.at(name))
        else:
            message = f"'{name}' is not an output of this pack"
            here.at(name).key.error("unknown-output", message, did_you_mean(name, outputs))


def _check_drafts(wanted: Any, drafts: Collection[str], here: BoundValue) -> None:
    """What a draft contains and lacks, in the pack's own language: `{ACTION: {contains: […], lacks: […]}}`."""
    if not isinstance(wanted, dict):
        here.error("bad-value", "write {ACTION: {contains: [text], lacks: [text]}}")
        return
    for code, texts in wanted.items():
        at = here.at(code)
        if code not in drafts:
            message = f"this pack has no draft for '{code}'"
            at.key.error("unknown-action", message, did_you_mean(code, drafts))
        if not isinstance(texts, dict):
            at.error("bad-value", "write {contains: [text], lacks: [text]}")
            continue
        for group, listed in texts.items():
            if group in ("contains", "lacks"):
                _check_names(listed, None, at.at(group))
            else:
                message, hint = f"'{group}' is not a known key here", "keys: contains, lacks"
                at.at(group).key.error("unknown-key", message, hint)


def _check_value(wanted: Any, output: Output, here: BoundValue) -> None:
    try:
        read_value(wanted, output.value_type)
    except WrongValueError as error:
        hint = did_you_mean(str(wanted), output.type.values)
        here.error("wrong-type", f"'{output.name}' is {error}", hint)
