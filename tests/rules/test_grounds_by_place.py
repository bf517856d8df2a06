"""What must not be done is barred everywhere; the law that says so is cited only where its place is known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.packs import default_assessor
from tests.rules.incidents import AS_OF

LOUD = {"social.reach": 20_000_000, "social.hot_listed": True, "finding.foreknowledge": True}
MERITS = {"PAID_DELETION": "harm", "PAID_HOT_SEARCH_REMOVAL": "hot list", "FAKE_REVIEW": "invented"}


def barred(**places: Any) -> dict[str, str]:
    facts = {**LOUD, **{f"identity.{name}": value for name, value in places.items()}}
    answer = default_assessor().assess(facts, AS_OF, "en")
    return {entry["code"]: entry["ground"] for entry in answer["blocked"]}


@pytest.mark.parametrize("places", [(), ("hk",), ("other",)], ids=str)
def test_where_no_law_is_known_the_principle_is_cited(places: tuple[str, ...]) -> None:
    found = barred(jurisdiction=places) if places else barred()
    for code, words in MERITS.items():
        assert words in found[code]
        assert "法释" not in found[code]
        assert "16 CFR" not in found[code]


def test_in_china_its_law_is_cited() -> None:
    found = barred(jurisdiction=("cn",))
    assert "法释〔2013〕21号" in found["PAID_DELETION"]
    assert "法释" not in found["PAID_HOT_SEARCH_REMOVAL"] + found["BOUGHT_ENGAGEMENT"]
    assert "art. 22" in found["PAID_HOT_SEARCH_REMOVAL"]
    assert "Anti-Unfair Competition Law" in found["FAKE_REVIEW"]
    assert "art. 114" in found["DESTROY_EVIDENCE"]


def test_in_both_places_both_laws_are_cited() -> None:
    found = barred(jurisdiction=("cn", "us"))["FAKE_REVIEW"]
    assert "16 CFR 465" in found
    assert "E-Commerce Law" in found


def test_what_investors_learn_first_is_barred_by_the_law_of_their_exchange() -> None:
    told = {"jurisdiction": ("cn",), "listed_company": True}
    assert "Regulation FD" in barred(**told, listed_in=("us_domestic",))["SELECTIVE_DISCLOSURE"]
    assert "Regulation FD" not in barred(**told, listed_in=("us_foreign",))["SELECTIVE_DISCLOSURE"]
    assert "Securities Law" in barred(**told, listed_in=("mainland",))["SELECTIVE_DISCLOSURE"]
