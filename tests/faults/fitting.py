"""Makes values at the bounds of what a fact accepts, so that unusual bodies reach the engine."""

from __future__ import annotations

import random
from typing import Any

from schemas.scalars import INT64_MAX, INT64_MIN
from schemas.types import Type
from schemas.vocabulary import Fact

MOMENTS = [
    "0001-01-01T00:00:00Z",
    "0001-01-02T00:00:00+23:59",
    "1345-01-15T00:23:14.8+14:22",
    "1899-12-31T23:59:59.999999999Z",
    "2026-06-01t12:00:00z",
    "9999-12-30T00:00:00-23:59",
    "9999-12-31T23:59:59.999999Z",
]
"""Moments that are read, but of which some no fact can be."""
LIKELY = [
    "1890-10-11T00:00:00Z",
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:00:00.000001Z",
    "2006-06-01T05:30:00+0530",
    "2006-06-01T05:30:00-00:00",
]
"""Moments that a fact can be at every moment of the cases."""
ZONES = [
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Monrovia",
    "Etc/GMT+12",
    "UTC",
    "utc",
    "../UTC",
    "Nowhere/At_All" * 14,
    None,
]
DURATIONS = ["0s", "-0s", "1ns", "-4h", "1h30m0.5s", "315576000000s", "-315576000000s", "999h999m"]
LENGTHS = [0, 1, 3, 20] * 8 + [4096]
"""The longest is rare: a list of 256 of them is a whole mebibyte."""
LETTERS = "ab 危\u202e\u0301\U0001f600{}%$\\\"'\n\t\u007f"


def with_fact(draw: random.Random, body: dict[str, Any], fact: Fact) -> dict[str, Any]:
    """The body with this fact known."""
    value = fitting(draw, fact)
    if draw.random() < 0.2:
        value = {"value": value, **_about(draw)}
    return {**body, "facts": _put(body["facts"], fact.name.split("."), value)}


def _about(draw: random.Random) -> dict[str, Any]:
    """Some keys of an envelope beside the value."""
    about = {
        "reported_by": draw.choice(["", "x", LETTERS, "危" * 200, None]),
        "measured_at": draw.choice([*MOMENTS, None]),
        "disputed": draw.choice([True, False, None]),
        "scope": draw.choice(["all", "page", None]),
    }
    return {key: about[key] for key in draw.sample(sorted(about), draw.randint(0, 4))}


def at_the_ends(draw: random.Random, previous: dict[str, Any]) -> dict[str, Any]:
    """The previous answer with moments at the ends of the calendar."""
    due = [{**action, "due_at": draw.choice(MOMENTS)} for action in previous["actions"]]
    since = {name: draw.choice(MOMENTS) for name in previous["since"]}
    return {**previous, "as_of": draw.choice(MOMENTS), "since": since, "actions": due}


def without_a_group(draw: random.Random, facts: Any) -> Any:
    """The facts with one group null."""
    return (
        {**facts, draw.choice(sorted(facts)): None} if isinstance(facts, dict) and facts else facts
    )


def _put(group: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    if not isinstance(group, dict):
        return group
    inner = value if len(path) == 1 else _put(group.get(path[0]) or {}, path[1:], value)
    return {**group, path[0]: inner}


def fitting(draw: random.Random, fact: Fact) -> Any:
    return None if draw.random() < 0.05 else _value(draw, fact, fact.type)


def _value(draw: random.Random, fact: Fact, kind: Type) -> Any:
    low, high = fact.minimum, fact.maximum
    match kind.name:
        case "integer":
            ends = [INT64_MIN if low is None else low, INT64_MAX if high is None else high]
            return int(draw.choice([*ends, max(ends[0], min(ends[1], draw.choice([1, 9, 10**7])))]))
        case "number":
            ends = [-1.7e308 if low is None else low, 1.7e308 if high is None else high]
            return draw.choice([*ends, max(ends[0], 0.0), max(ends[0], min(ends[1], 5e-324))])
        case "boolean":
            return draw.random() < 0.5
        case "enum":
            return draw.choice(kind.values)
        case "datetime":
            return draw.choice([*LIKELY, *LIKELY, *MOMENTS])
        case "duration":
            return draw.choice(DURATIONS)
        case "list":
            assert kind.item is not None
            return [_value(draw, fact, kind.item) for _ in range(draw.choice([0, 1, 2, 1, 2, 256]))]
    return "".join(draw.choices(LETTERS, k=draw.choice(LENGTHS)))
