"""Of facts with mistakes, the right ones are read beside the mistakes, and each wrong one is None: as null, never as left out."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.facts import FactsSchema, LoadedFacts
from schemas.strict_json import StrictJSONError, read_json
from schemas.types import INTEGER
from schemas.vocabulary import Fact, Vocabulary
from tests.packs import HARBOUR, loaded

SCHEMA = FactsSchema(loaded(HARBOUR).vocabulary)
SHIPS = ("ships.inside", "ships.flags", "ships.names", "ships.flagship")


def read(ships: Any, **more: Any) -> LoadedFacts:
    return SCHEMA.load({"wind": {"speed": 30}, "ships": ships, **more})


@pytest.mark.parametrize(
    "inside",
    [
        "3",
        3.0,
        True,
        -1,
        2**63,
        [3],
        {},
        {"reported_by": "watch"},
        {"value": "3", "reported_by": "watch"},
        {"value": 3, "unit": "dozen"},
        {"value": 3, "unit": "dozen", "disputed": "yes"},
    ],
    ids=str,
)
def test_a_wrong_fact_is_none_and_the_others_are_read(inside: Any) -> None:
    facts = read({"inside": inside})
    assert facts.values == {"wind.speed": 30.0, "ships.inside": None}
    assert facts.reported == {}
    assert facts.mistakes == len(facts.errors) >= 1
    assert {error.path.startswith("facts.ships.inside") for error in facts.errors} == {True}


def test_a_list_with_a_wrong_element_is_none_as_a_whole() -> None:
    facts = read({"flags": ["cn", "xx", "no", 5]})
    assert facts.values["ships.flags"] is None
    assert [error.path for error in facts.errors] == [
        "facts.ships.flags[1]",
        "facts.ships.flags[3]",
    ]


@pytest.mark.parametrize("ships", ["none", 0, [], ["inside"]], ids=str)
def test_each_fact_of_a_group_that_is_no_object_is_none(ships: Any) -> None:
    facts = read(ships)
    assert facts.values == {"wind.speed": 30.0, **dict.fromkeys(SHIPS)}
    assert [error.path for error in facts.errors] == ["facts.ships"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ships.inside", 3),
        ("ships.inside", {"value": 3}),
        ("ships.inside.value", 3),
    ],
)
@pytest.mark.parametrize("before", [False, True])
def test_a_fact_whose_name_has_dots_is_none_also_if_it_is_posted_rightly_too(
    key: str, value: Any, before: bool
) -> None:
    right = {"ships": {"inside": {"value": 4, "reported_by": "watch"}}}
    body = {key: value, **right} if before else {**right, key: value}
    facts = SCHEMA.load(body)
    assert facts.values == {"ships.inside": None}
    assert facts.reported == {}
    assert [(error.path, error.code) for error in facts.errors] == [
        (f"facts.{key}", "unknown-fact")
    ]


@pytest.mark.parametrize("name", ["ships.insde", "sea.state", "ships", ".", "..", "wind.speed."])
def test_a_name_that_means_no_fact_is_told_and_changes_nothing_else(name: str) -> None:
    facts = SCHEMA.load({"gate": {"closed": True, name: 3}})
    assert facts.values == {"gate.closed": True}
    assert [error.path for error in facts.errors] == [f"facts.gate.{name}"]


def test_a_wrong_word_about_a_right_value_costs_only_that_word() -> None:
    about = {"reported_by": "watch", "measured_at": "yesterday", "disputed": "yes"}
    facts = read({"inside": {"value": 3, **about}})
    assert facts.values["ships.inside"] == 3
    reported = facts.reported["ships.inside"]
    assert (reported.value, reported.reported_by) == (3, "watch")
    assert (reported.measured_at, reported.disputed) == (None, False)
    assert [error.path for error in facts.errors] == [
        "facts.ships.inside.measured_at",
        "facts.ships.inside.disputed",
    ]


def test_a_wrong_word_about_a_value_that_may_not_count_costs_the_value() -> None:
    """What was meant could be the reason for which it counts as unknown."""
    fact = Fact("ships.inside", INTEGER, {}, unknown_if=("page",))
    facts = FactsSchema(Vocabulary({fact.name: fact})).load(
        {"ships": {"inside": {"value": 3, "scope": "pge"}}}
    )
    assert facts.values == {"ships.inside": None}
    assert facts.reported == {}


def test_all_mistakes_are_counted_and_all_wrong_facts_are_none_beyond_those_that_are_listed() -> (
    None
):
    many = {f"unknown{number}": number for number in range(150)}
    facts = SCHEMA.load({"sea": 1, "wind": many, "ships": {"inside": "3"}})
    assert facts.mistakes == 152
    assert len(facts.errors) == 101
    assert facts.values == {"ships.inside": None}


def test_facts_without_a_mistake_have_none() -> None:
    facts = read({"inside": {"value": 3}})
    assert (facts.errors, facts.mistakes) == ([], 0)
    assert facts.values == {"wind.speed": 30.0, "ships.inside": 3}


def test_the_facts_of_a_null_group_are_null_also_beside_a_mistake() -> None:
    facts = SCHEMA.load({"ships": None, "wind": {"speed": "30"}})
    assert facts.values == {**dict.fromkeys(SHIPS), "wind.speed": None}
    assert facts.mistakes == 1


@pytest.mark.parametrize("value", [b"NaN", b"1e999", b"1e-999", rb'"\ud83d"', rb'["a\u0000"]'])
def test_what_cannot_be_read_is_a_wrong_fact_and_nothing_else(value: bytes) -> None:
    body = read_json(
        b'{"facts": {"wind": {"speed": 30}, "ships": {"names": %s}}}' % value, lenient=True
    )
    facts = SCHEMA.load(body["facts"])
    assert (facts.values, facts.mistakes) == ({"wind.speed": 30.0, "ships.names": None}, 1)
    for elsewhere in (
        b'{"facts": {}, "previous": %s}',
        b'{"facts": {}, "a": {"facts": %s}}',
        b"[%s]",
    ):
        with pytest.raises(StrictJSONError):
            read_json(elsewhere % value, lenient=True)
