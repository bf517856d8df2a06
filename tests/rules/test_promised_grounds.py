"""A law of a place that no known fact names is found in an answer, whatever entry cites it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from service.language.model import RegisteredGround
from service.language.place import Place
from tests.packs import default_pack
from tests.rules.promised_grounds import PLACES, foreign_grounds


def ground(text: str, place: str | None) -> RegisteredGround:
    said, at = {"en": text, "zh": "法"}, Place("grounds.yaml", 1, 1)
    return RegisteredGround(text, said, said, said, date(2026, 5, 1), "text", at, place)


GROUNDS = {
    text: ground(text, place)
    for text, place in (("Act 1", "cn"), ("Form 8-K", "us"), ("care", None))
}


def found(
    facts: dict[str, Any], where: str, text: str | None, doubt: list[str] | None = None
) -> list[str]:
    entry = {"code": "FILE", "ground": text, "if": doubt and {"facts": doubt}}
    answer = {"actions": [], "blocked": [], "held": [], where: [entry]}
    return list(foreign_grounds(GROUNDS, facts, answer))


@pytest.mark.parametrize("where", ["actions", "blocked", "held"])
def test_the_law_of_another_place_is_caught(where: str) -> None:
    told = {"identity.jurisdiction": ("cn",)}
    sentence = "FILE cites the law of ['us'], known: ['cn']"
    assert found(told, where, "Act 1; Form 8-K") == [sentence]
    assert found(told, where, "Act 1; care") == found(told, where, None) == []


def test_a_law_within_the_name_of_another_is_not_taken_for_cited() -> None:
    """UK GDPR has GDPR in its name."""
    longer = {**GROUNDS, "UK Act 1": ground("UK Act 1", "uk")}
    entry = {"code": "FILE", "ground": "UK Act 1", "if": None}
    answer = {"actions": [entry], "blocked": [], "held": []}
    assert list(foreign_grounds(longer, {"identity.jurisdiction": ("uk",)}, answer)) == []


def test_a_listing_names_a_place_too() -> None:
    assert found({"identity.listed_in": ("us_foreign",)}, "actions", "Form 8-K") == []
    assert found({"identity.listed_in": ("hk",)}, "actions", "Form 8-K") != []


def test_a_duty_in_doubt_may_cite_what_an_unknown_place_would_bring() -> None:
    doubt = ["identity.jurisdiction", "harm.deaths"]
    assert found({}, "actions", "Act 1", doubt) == []
    assert found({}, "actions", "Act 1", ["harm.deaths"]) != []
    assert found({"identity.jurisdiction": ("eu",)}, "actions", "Act 1", doubt) != []


def test_all_facts_of_places_are_known_here() -> None:
    """A new list of places must be among those that the promise reads."""
    values = set(default_pack().vocabulary.facts["identity.jurisdiction"].type.item.values)  # type: ignore[union-attr]
    lists = {
        name
        for name, fact in default_pack().vocabulary.facts.items()
        if fact.type.item is not None and {"cn", "us", "eu"} <= set(fact.type.item.values) <= values
    }
    assert lists <= {*PLACES}
