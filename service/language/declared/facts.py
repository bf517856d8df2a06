"""Reads facts from facts.yaml. It must not read conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from schemas.scalars import parse_duration
from schemas.types import SCALAR_TYPES, Type, enum_of, list_of
from schemas.vocabulary import ABSENT, Fact
from service.language.collector import BoundValue
from service.language.files.values import read_within


def read_facts(entries: Mapping[str, Any], here: BoundValue) -> dict[str, Fact]:
    """The facts of one section (`facts` or `derived`) of facts.yaml."""
    facts = {}
    for name, entry in entries.items():
        type_ = declared_type(entry, here.at(name))
        if type_ is not None:
            facts[name] = _fact(name, entry, type_, here.at(name))
            _check_bounds(entry, type_, here.at(name))
    return facts


def declared_type(entry: Mapping[str, Any], here: BoundValue) -> Type | None:
    """The type that a fact's entry declares; None if the entry contradicts itself."""
    type_, codes = entry["type"], tuple(entry.get("values", {}))
    item_type = entry.get("of")
    if (type_ == "list") != (item_type is not None):
        here.key.error(
            "list-of",
            "a list needs the type of its elements, such as of: string"
            if type_ == "list"
            else "only a list has 'of'",
        )
        return None
    if (type_ == "enum" or item_type == "enum") != bool(codes):
        message = "an enum must list its values" if not codes else "only an enum has values"
        here.key.error("enum-values", message)
        return None
    scalar = enum_of(codes) if codes else Type(item_type or type_)
    assert scalar.name in SCALAR_TYPES
    return list_of(scalar) if type_ == "list" else scalar


def _fact(name: str, entry: Mapping[str, Any], type_: Type, here: BoundValue) -> Fact:
    values = entry.get("values", {})
    return Fact(
        name=name,
        type=type_,
        text=entry["text"],
        help=entry.get("help", {}),
        unit=entry.get("unit", {}),
        minimum=entry.get("min"),
        maximum=entry.get("max"),
        assume=_assumption(entry, type_, here.at("assume")),
        question=entry.get("question", {}),
        ask=entry.get("ask"),
        value_texts={code: value.get("text", {}) for code, value in values.items()},
        stale_after=_stale_after(entry, here.at("stale_after")),
        source=entry.get("source", {}),
        assume_because=entry.get("assume_because", {}),
        value_helps={code: value.get("help", {}) for code, value in values.items()},
        value_levels={code: value["level"] for code, value in values.items() if "level" in value},
    )


def _assumption(entry: Mapping[str, Any], type_: Type, here: BoundValue) -> Any:
    if "assume" not in entry:
        return ABSENT
    value = read_within(entry, "assume", type_, here)
    return ABSENT if value is None else value


def _stale_after(entry: Mapping[str, Any], here: BoundValue) -> timedelta | None:
    if "stale_after" not in entry:
        return None
    try:
        span = parse_duration(entry["stale_after"], days=True)
    except ValueError:
        span = timedelta()
    if span <= timedelta():
        here.error("bad-value", f"'{entry['stale_after']}' is not a duration such as 30m, 4h or 3d")
    return span


def _check_bounds(entry: Mapping[str, Any], type_: Type, here: BoundValue) -> None:
    has_bounds = "min" in entry or "max" in entry
    if has_bounds and not (type_.is_numeric or (type_.item and type_.item.is_numeric)):
        here.key.error("bounds", "only numbers have min and max")
    elif "min" in entry and "max" in entry and entry["min"] > entry["max"]:
        here.at("min").error("bounds", "min is greater than max")


def check_names(
    names: Collection[str], sections: Mapping[str, Iterable[str]], here: BoundValue
) -> None:
    """Report each name that is both a fact and a group of facts: it cannot be posted as JSON. `sections` has the names in the file."""
    for section, declared in sections.items():
        for name in declared:
            for parent in _parents(name) if name in names else ():
                if parent in names:
                    message = f"'{name}' is a fact, so '{parent}' cannot be one"
                    here.at(section, name).key.error("name-conflict", message)


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]
