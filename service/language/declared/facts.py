"""Facts from what facts.yaml declares. No conditions here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from schemas.scalars import parse_duration
from schemas.types import SCALAR_KINDS, Type, enum_of, list_of
from schemas.vocabulary import ABSENT, Fact
from service.language.files.source import Source
from service.language.files.values import WrongValueError, read_value
from service.language.place import Path
from service.language.problem import Problem


def declared_type(
    entry: Mapping[str, Any], source: Source, path: Path
) -> tuple[Type, list[Problem]]:
    """The type a fact's entry declares, and what is contradictory about it."""
    kind, codes = entry["type"], tuple(entry.get("values", {}))
    item_kind = entry.get("of")
    if (kind == "list") != (item_kind is not None):
        message = (
            "a list says what it holds: of: string" if kind == "list" else "only a list has 'of'"
        )
        return Type(kind), [source.problem(path, "list-of", message, key=True)]
    if (kind == "enum" or item_kind == "enum") != bool(codes):
        message = "an enum lists its values" if not codes else "only an enum has values"
        return Type(kind), [source.problem(path, "enum-values", message, key=True)]
    scalar = enum_of(codes) if codes else Type(item_kind or kind)
    assert scalar.kind in SCALAR_KINDS
    return (list_of(scalar) if kind == "list" else scalar), []


def read_facts(
    entries: Mapping[str, Any], source: Source, section: str
) -> tuple[dict[str, Fact], list[Problem]]:
    """The facts of one section (`facts` or `derived`) of facts.yaml."""
    facts: dict[str, Fact] = {}
    problems: list[Problem] = []
    for name, entry in entries.items():
        path: Path = (section, name)
        values = entry.get("values", {})
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
            question=entry.get("question", {}),
            ask=entry.get("ask"),
            value_texts={code: value.get("text", {}) for code, value in values.items()},
            stale_after=_stale_after(entry, source, path, problems),
            source=entry.get("source", {}),
            assume_because=entry.get("assume_because", {}),
            value_helps={code: value.get("help", {}) for code, value in values.items()},
            value_levels={
                code: value["level"] for code, value in values.items() if "level" in value
            },
        )
        problems += _bounds(entry, kind, source, path)
    return facts, problems


def _assumption(
    entry: Mapping[str, Any], kind: Type, source: Source, path: Path, problems: list[Problem]
) -> Any:
    if "assume" not in entry:
        return ABSENT
    try:
        value = read_value(entry["assume"], kind)
    except WrongValueError as error:
        problems.append(
            source.problem((*path, "assume"), "wrong-type", f"'assume' must be {error}")
        )
        return ABSENT
    low, high = entry.get("min"), entry.get("max")
    if kind.is_numeric and (
        (low is not None and value < low) or (high is not None and value > high)
    ):
        problems.append(
            source.problem((*path, "assume"), "outside-bounds", "'assume' lies outside min and max")
        )
    return value


def _stale_after(
    entry: Mapping[str, Any], source: Source, path: Path, problems: list[Problem]
) -> timedelta | None:
    if "stale_after" not in entry:
        return None
    try:
        span = parse_duration(entry["stale_after"], days=True)
    except ValueError:
        span = timedelta()
    if span <= timedelta():
        message = f"'{entry['stale_after']}' is not a duration such as 30m, 4h or 3d"
        problems.append(source.problem((*path, "stale_after"), "bad-value", message))
    return span


def _bounds(entry: Mapping[str, Any], kind: Type, source: Source, path: Path) -> list[Problem]:
    has_bounds = "min" in entry or "max" in entry
    if has_bounds and not (kind.is_numeric or (kind.item and kind.item.is_numeric)):
        return [source.problem(path, "bounds", "only numbers have min and max", key=True)]
    if "min" in entry and "max" in entry and entry["min"] > entry["max"]:
        return [source.problem((*path, "min"), "bounds", "min is greater than max")]
    return []


def name_conflicts(names: Iterable[str], source: Source) -> list[Problem]:
    """A name that is both a fact and a group of facts cannot be posted as JSON."""
    known = set(names)
    return [
        source.problem(
            (section, name),
            "name-conflict",
            f"'{name}' is a fact, so '{parent}' cannot be one",
            key=True,
        )
        for name in known
        for parent in _parents(name)
        if parent in known
        for section in ("facts", "derived")
        if (section, name) in source.keys
    ]


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]
