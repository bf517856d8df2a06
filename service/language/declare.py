"""Facts, outputs and actions from what their files declare. No conditions here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from schemas.scalars import parse_duration
from schemas.types import SCALAR_KINDS, Type, enum_of, list_of
from schemas.vocabulary import ABSENT, Fact
from service.language.model import ASKED, BLOCKED, PROVISIONAL, Action, Due, Output
from service.language.problem import Problem, did_you_mean
from service.language.source import Path, Source
from service.language.values import WrongValueError, read_value

NUMERIC_HITS = ("sum", "min", "max")
RESERVED = frozenset(
    "as_of true false null in has size hours days at_least duration timestamp facts outputs pack "
    "assessment_id incident_id held reasons assumed unknowns at_worst at_best locale always".split()
)


def declared_type(entry: Mapping[str, Any], source: Source, path: Path) -> tuple[Type, list[Problem]]:
    """The type a fact's entry declares, and what is inconsistent about it."""
    kind, codes = entry["type"], tuple(entry.get("values", {}))
    item_kind = entry.get("of")
    if (kind == "list") != (item_kind is not None):
        message = "a list says what it holds: of: string" if kind == "list" else "only a list has 'of'"
        return Type(kind), [source.problem(path, "list-of", message)]
    if (kind == "enum" or item_kind == "enum") != bool(codes):
        message = "an enum lists its values" if not codes else "only an enum has values"
        return Type(kind), [source.problem(path, "enum-values", message)]
    scalar = enum_of(codes) if codes else Type(item_kind or kind)
    assert scalar.kind in SCALAR_KINDS
    return (list_of(scalar) if kind == "list" else scalar), []


def read_facts(entries: Mapping[str, Any], source: Source, section: str) -> tuple[dict[str, Fact], list[Problem]]:
    """The facts of one section (`facts` or `derived`) of facts.yaml."""
    facts: dict[str, Fact] = {}
    problems: list[Problem] = []
    for name, entry in entries.items():
        path: Path = (section, name)
        kind, found = declared_type(entry, source, path)
        problems += found
        if found:
            continue
        facts[name] = Fact(
            name=name,
            type=kind,
            text=entry["text"],
            help=entry.get("help", {}),
            unit=entry.get("unit", {}),
            minimum=entry.get("min"),
            maximum=entry.get("max"),
            assume=_assumption(entry, kind, source, path, problems),
            value_texts={code: value.get("text", {}) for code, value in entry.get("values", {}).items()},
        )
        problems += _bounds(entry, kind, source, path)
    return facts, problems


def _assumption(entry: Mapping[str, Any], kind: Type, source: Source, path: Path, problems: list[Problem]) -> Any:
    if "assume" not in entry:
        return ABSENT
    try:
        value = read_value(entry["assume"], kind)
    except WrongValueError as error:
        problems.append(source.problem((*path, "assume"), "wrong-type", f"'assume' must be {error}"))
        return ABSENT
    low, high = entry.get("min"), entry.get("max")
    if kind.is_numeric and ((low is not None and value < low) or (high is not None and value > high)):
        problems.append(source.problem((*path, "assume"), "outside-bounds", "'assume' lies outside min and max"))
    return value


def _bounds(entry: Mapping[str, Any], kind: Type, source: Source, path: Path) -> list[Problem]:
    has_bounds = "min" in entry or "max" in entry
    if has_bounds and not (kind.is_numeric or (kind.item and kind.item.is_numeric)):
        return [source.problem(path, "bounds", "only numbers have min and max")]
    if "min" in entry and "max" in entry and entry["min"] > entry["max"]:
        return [source.problem((*path, "min"), "bounds", "min is greater than max")]
    return []


def name_conflicts(names: Iterable[str], source: Source) -> list[Problem]:
    """A name that is both a fact and a group of facts cannot be posted as JSON."""
    known = set(names)
    return [
        source.problem((section, name), "name-conflict", f"'{name}' is a fact, so '{parent}' cannot be one", key=True)
        for name in known
        for parent in _parents(name)
        if parent in known
        for section in ("facts", "derived")
        if (section, name) in source.keys
    ]


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def read_outputs(entries: Mapping[str, Any], actions: Mapping[str, Action], source: Source) -> tuple[dict[str, Output], list[Problem]]:
    outputs: dict[str, Output] = {}
    problems: list[Problem] = []
    for name, entry in entries.items():
        path: Path = ("outputs", name)
        values = entry.get("values", {})
        found = _output_mistakes(name, entry, source, path)
        problems += found
        if found:
            continue
        kind = enum_of(tuple(actions)) if entry["type"] == "actions" else Type(entry["type"], tuple(values))
        outputs[name] = Output(
            name=name,
            type=kind,
            hit=entry["hit"],
            default=_default(entry, kind, source, path, problems),
            text=entry.get("text", {}),
            minimum=entry.get("min"),
            maximum=entry.get("max"),
            value_texts={code: value.get("text", {}) for code, value in values.items()},
            value_levels={code: value["level"] for code, value in values.items() if "level" in value},
        )
    return outputs, problems


def _output_mistakes(name: str, entry: Mapping[str, Any], source: Source, path: Path) -> list[Problem]:
    kind, hit = entry["type"], entry["hit"]
    wrong = ""
    if name in RESERVED:
        wrong = f"'{name}' has a meaning of its own: choose another name"
    elif (kind == "actions") != (name in (ASKED, BLOCKED)):
        wrong = f"the outputs of type actions are called {ASKED} and {BLOCKED}, and no others"
    elif kind == "actions" and hit != "collect":
        wrong = "actions are collected: hit: collect"
    elif name == PROVISIONAL and kind != "boolean":
        wrong = f"{PROVISIONAL} is a boolean"
    elif (kind == "enum") != ("values" in entry):
        wrong = "an enum lists its values" if kind == "enum" else "only an enum has values"
    elif hit == "priority" and kind != "enum":
        wrong = "priority needs an enum: its values stand in priority order"
    elif hit in NUMERIC_HITS and kind not in ("integer", "number"):
        wrong = f"{hit} needs an integer or a number"
    elif hit == "count" and kind != "integer":
        wrong = "count gives an integer"
    elif hit == "collect" and "default" in entry:
        wrong = "collect has no default: nothing collected is an empty list"
    elif hit != "collect" and "default" not in entry:
        wrong = "a default is missing: the value when no rule fires"
    elif ("min" in entry or "max" in entry) and (kind not in ("integer", "number") or hit == "collect"):
        wrong = "only a single number is clamped by min and max"
    elif "min" in entry and "max" in entry and entry["min"] > entry["max"]:
        wrong = "min is greater than max"
    return [source.problem(path, "output-form", f"'{name}': {wrong}", key=True)] if wrong else []


def _default(entry: Mapping[str, Any], kind: Type, source: Source, path: Path, problems: list[Problem]) -> Any:
    if entry["hit"] == "collect":
        return ()
    try:
        value = read_value(entry["default"], kind)
    except WrongValueError as error:
        problems.append(source.problem((*path, "default"), "wrong-type", f"'default' must be {error}"))
        return None
    low, high = entry.get("min"), entry.get("max")
    if kind.is_numeric and ((low is not None and value < low) or (high is not None and value > high)):
        problems.append(source.problem((*path, "default"), "outside-bounds", "'default' lies outside min and max"))
    return value


def read_actions(entries: Mapping[str, Any], source: Source) -> tuple[dict[str, Action], list[Problem]]:
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


def _references(code: str, action: Action, actions: Mapping[str, Action], source: Source) -> list[Problem]:
    problems = []
    for key in ("after", "instead"):
        for position, named in enumerate(getattr(action, key)):
            path = ("actions", code, key, position)
            if named not in actions:
                hint = did_you_mean(named, actions)
                problems.append(source.problem(path, "unknown-action", f"'{named}' is not an action of this pack", hint))
            elif actions[named].forbidden:
                problems.append(source.problem(path, "forbidden-action", f"'{named}' is forbidden conduct"))
    if action.forbidden and (action.due or action.after):
        problems.append(source.problem(("actions", code), "forbidden-action", f"'{code}' is forbidden: it has no due and no after"))
    return problems


def _due(raw: Any, source: Source, path: Path, problems: list[Problem]) -> Due | None:
    if raw is None:
        return None
    if not isinstance(raw, dict):
        return Due(within=_span(raw, source, path, problems))
    start = raw.get("from", [])
    start = [start] if isinstance(start, str) else start
    if not isinstance(start, list) or not all(isinstance(name, str) for name in start):
        problems.append(source.problem((*path, "from"), "due-form", "'from' names facts: [time.known_at]"))
        start = []
    by, within = raw.get("by"), raw.get("within")
    if (by is None) == (within is None):
        problems.append(source.problem(path, "due-form", "a deadline has either 'within: 4h' or 'by: grade' with a duration for each value"))
    spans = {key: value for key, value in raw.items() if key not in ("from", "by", "within")}
    if by is None and spans:
        key = next(iter(spans))
        problems.append(source.problem((*path, key), "unknown-key", f"'{key}' is not a key that is known here", key=True))
    return Due(
        start=tuple(start),
        within=None if within is None else _span(within, source, (*path, "within"), problems),
        by=by if isinstance(by, str) else None,
        within_by={key: _span(value, source, (*path, key), problems) for key, value in spans.items()},
    )


def _span(raw: Any, source: Source, path: Path, problems: list[Problem]) -> timedelta:
    try:
        return parse_duration(str(raw), days=True)
    except (ValueError, OverflowError):
        problems.append(source.problem(path, "due-form", f"'{raw}' is not a duration such as 30m, 4h or 3d"))
        return timedelta()


def check_due(actions: Mapping[str, Action], facts: Mapping[str, Fact], outputs: Mapping[str, Output], source: Source) -> list[Problem]:
    """Deadlines name moments that exist and give every value of their output a duration."""
    problems = []
    for code, action in actions.items():
        due, path = action.due, ("actions", code, "due")
        for position, name in enumerate(due.start if due else ()):
            if name not in facts or facts[name].type.kind != "datetime":
                hint = did_you_mean(name, [n for n, f in facts.items() if f.type.kind == "datetime"])
                problems.append(source.problem((*path, "from", position), "unknown-fact", f"'{name}' is not a datetime fact of this pack", hint))
        if due and due.by is not None:
            output = outputs.get(due.by)
            values = output.type.values if output and output.type.kind == "enum" and output.hit != "collect" else ()
            if not values:
                problems.append(source.problem((*path, "by"), "unknown-output", f"'{due.by}' is not an enum output of this pack", did_you_mean(due.by, outputs)))
            elif set(values) != set(due.within_by):
                lacking = ", ".join([v for v in values if v not in due.within_by] + [v for v in due.within_by if v not in values])
                problems.append(source.problem(path, "due-form", f"the durations and the values of '{due.by}' differ in: {lacking}"))
    return problems


def _after_circle(actions: Mapping[str, Action], source: Source) -> list[Problem]:
    done: set[str] = set()

    def visit(code: str, trail: tuple[str, ...]) -> list[Problem]:
        if code in trail:
            circle = " after ".join((*trail[trail.index(code):], code))
            return [source.problem(("actions", code, "after"), "after-circle", f"this order is a circle: {circle}")]
        if code in done or code not in actions:
            return []
        found = [p for named in actions[code].after for p in visit(named, (*trail, code))]
        done.add(code)
        return found

    return [problem for code in actions for problem in visit(code, ())]
