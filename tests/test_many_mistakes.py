"""However many mistakes a request has, the first ones are worded and the others are at most counted, in little time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from schemas.facts import FactsSchema
from schemas.field_error import MAX_ERRORS, FieldError
from schemas.incident import load_incident
from service.engine.judging.previous import previous_reader
from service.language.model import Pack
from tests.packs import HARBOUR, loaded

MANY = 200_000
KEYS = {f"speeed{number}": number for number in range(MANY)}
SECONDS = 20
"""On a busy machine. Wording all of them, or work that grows with the square of their number, takes minutes."""
PACK = loaded(HARBOUR)


def body(pack: Pack) -> list[FieldError]:
    return load_incident({"facts": {}, **KEYS})[1]


def facts(pack: Pack) -> list[FieldError]:
    return FactsSchema(pack.vocabulary).load(KEYS).errors


def group(pack: Pack) -> list[FieldError]:
    return FactsSchema(pack.vocabulary).load({"wind": KEYS}).errors


def envelope(pack: Pack) -> list[FieldError]:
    return FactsSchema(pack.vocabulary).load({"wind": {"speed": {"value": 3, **KEYS}}}).errors


def previous_output(pack: Pack) -> list[FieldError]:
    raw: dict[str, Any] = {
        "as_of": "2026-01-01T00:00:00Z",
        "pack": {"digest": pack.digest},
        "outputs": {"alert": {"value": "strom"}},
    }
    raw["responses"] = [f"HRON{number}" for number in range(1000)]
    return previous_reader(pack).load(raw)[1]


@pytest.mark.parametrize("place", [body, facts, group, envelope, previous_output])
def test_at_most_100_mistakes_are_listed_soon(place: Callable[[Pack], list[FieldError]]) -> None:
    begun = time.monotonic()
    errors = place(PACK)
    assert time.monotonic() - begun < SECONDS
    assert len([error for error in errors if error.code != "more-errors"]) == MAX_ERRORS


@pytest.mark.parametrize("place", [facts, group, envelope])
def test_of_wrong_facts_it_is_said_how_many_more_there_are(
    place: Callable[[Pack], list[FieldError]],
) -> None:
    assert place(PACK)[MAX_ERRORS] == FieldError(
        "facts", "more-errors", f"has {MANY - MAX_ERRORS} more mistakes"
    )


def test_mistakes_of_known_keys_are_listed_in_the_order_of_the_body() -> None:
    some: dict[str, Any] = dict(list(KEYS.items())[:50])
    errors = load_incident({**some, "locale": 3, **KEYS, "facts": []})[1]
    assert [error.path for error in errors] == [*some, "locale", *list(KEYS)[50 : MAX_ERRORS - 1]]
