"""Reads facts from facts.yaml. It must not read conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from schemas.file_fields import units_of_many, units_of_one
from schemas.scalars import parse_duration
from schemas.types import DATETIME, SCALAR_TYPES, STRING, Type, enum_of, list_of
from schemas.vocabulary import ABSENT, UNKNOWN_REASONS, Fact, LeverDirection, UnknownReason
from service.language.collector import BoundValue
from service.language.files.dates import read_date
from service.language.files.values import read_within

Bounds: TypeAlias = tuple[Any, Any]


def read_facts(entries: Mapping[str, Any], timezone: ZoneInfo, here: BoundValue) -> dict[str, Fact]:
    """The facts of one section (`facts` or `derived`) of facts.yaml. Bounds that are dates begin in this time zone."""
    facts = {}
    for name, entry in entries.items():
        type_ = declared_type(entry, here.at(name))
        if type_ is not None:
            bounds = _bounds(entry, type_, timezone, here.at(name))
            facts[name] = _fact(name, entry, type_, bounds, here.at(name))
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
    if "values_by" in entry and not codes:
        here.at("values_by").key.error("enum-values", "only an enum has values_by")
    scalar = enum_of(codes) if codes else Type(item_type or type_)
    assert scalar.name in SCALAR_TYPES
    return list_of(scalar) if type_ == "list" else scalar


def _fact(
    name: str, entry: Mapping[str, Any], type_: Type, bounds: Bounds, here: BoundValue
) -> Fact:
    values, of_moment = entry.get("values", {}), type_ == DATETIME
    return Fact(
        name=name,
        type=type_,
        text=entry["text"],
        help=entry.get("help", {}),
        unit=units_of_many(entry.get("unit", {})),
        unit_of_one=units_of_one(entry.get("unit", {})),
        minimum=None if of_moment else bounds[0],
        maximum=None if of_moment else bounds[1],
        earliest=bounds[0] if of_moment else None,
        latest=bounds[1] if of_moment else None,
        assume=_declared_value(entry, "assume", type_, bounds, here),
        otherwise=_declared_value(entry, "otherwise", type_, bounds, here),
        question=entry.get("question", {}),
        ask=entry.get("ask"),
        value_texts={code: value.get("text", {}) for code, value in values.items()},
        stale_after=_stale_after(entry, here.at("stale_after")),
        lever=_lever(entry, type_, here.at("lever")),
        unknown_if=_unknown_if(entry, here.at("unknown_if")),
        source=entry.get("source", {}),
        assume_because=entry.get("assume_because", {}),
        value_helps={code: value.get("help", {}) for code, value in values.items()},
        value_levels={code: value["level"] for code, value in values.items() if "level" in value},
        values_by=entry.get("values_by", {}),
        calm=entry.get("calm"),
        watch=entry.get("watch", False),
    )


def _declared_value(
    entry: Mapping[str, Any], key: str, type_: Type, bounds: Bounds, here: BoundValue
) -> Any:
    if key not in entry:
        return ABSENT
    value = read_within(entry, key, type_, here.at(key), *bounds)
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


def _lever(entry: Mapping[str, Any], type_: Type, here: BoundValue) -> LeverDirection:
    lever: LeverDirection = entry.get("lever", "both")
    if lever in ("up", "down") and type_ == STRING:
        message = "a text has no greater and no smaller value"
        here.error("wrong-type", message, "write lever: false, or leave it out")
    return lever


def _unknown_if(entry: Mapping[str, Any], here: BoundValue) -> tuple[UnknownReason, ...]:
    reasons = entry.get("unknown_if", ())
    if "old" in reasons and "stale_after" not in entry:
        message = "a figure without 'stale_after' is never old"
        here.at(reasons.index("old")).error(
            "unknown-if", message, "say when it is old: stale_after: 24h"
        )
    return tuple(reason for reason in UNKNOWN_REASONS if reason in reasons)


def _bounds(entry: Mapping[str, Any], type_: Type, timezone: ZoneInfo, here: BoundValue) -> Bounds:
    """The least and the greatest value, each None if there is none. They are numbers, or moments for a moment."""
    if "min" not in entry and "max" not in entry:
        return None, None
    numeric = type_.is_numeric or bool(type_.item and type_.item.is_numeric)
    if not numeric and type_ != DATETIME:
        here.key.error("bounds", "only numbers and moments have min and max")
        return None, None
    low, high = (_bound(entry, key, numeric, timezone, here.at(key)) for key in ("min", "max"))
    if low is not None and high is not None and low > high:
        here.at("min").error(
            "bounds", "min is greater than max" if numeric else "min is later than max"
        )
    return low, high


def _bound(
    entry: Mapping[str, Any], key: str, numeric: bool, timezone: ZoneInfo, here: BoundValue
) -> Any:
    written = entry.get(key)
    if written is None:
        return None
    if numeric:
        if not isinstance(written, str):
            return written
        here.error("bad-value", f"'{key}' must be a number")
        return None
    return read_date(str(written), timezone, here)


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
