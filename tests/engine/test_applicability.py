"""Facts that do not apply to every incident: what an absent one is, who is asked, and what contingency changes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.engine.rete.matcher import available
from tests.packs import PLAIN_PACK, plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = """
facts:
  firm.trade: {type: enum, values: [food, data], text: {en: Trade}}
  firm.listed: {type: boolean, text: {en: Listed}}
  harm.records: {type: integer, min: 0, applies_when: 'firm.trade == "data"', otherwise: 0, text: {en: Records}}
  harm.told: {type: boolean, applies_when: "harm.records > 0", otherwise: true, text: {en: Told}}
derived:
  harm.many: {type: boolean, value: harm.records >= 100, text: {en: Many}}
"""
RULES = """
rules:
  - {id: high, when: "harm.many", then: {level: high}, because: {en: x}}
  - {id: middle, when: "!harm.told", then: {level: middle}, because: {en: x}}
"""
CONTINGENCY = """
contingency: {output: level, growth: {rate: firm.rate, of: [harm.records], hours: [1]}}
"""


@pytest.fixture(scope="module")
def assessor(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    facts = FACTS.replace("derived:", "  firm.rate: {type: integer, text: {en: Rate}}\nderived:")
    folder = tmp_path_factory.mktemp("packs") / "plain"
    pack = plain_pack(folder, RULES, facts=facts, pack=PLAIN_PACK + CONTINGENCY)
    return Assessor(pack, "both" if available() else "reference")


def answer(assessor: Assessor, **facts: Any) -> dict[str, Any]:
    named = {name.replace("_", "."): value for name, value in facts.items()}
    return assessor.assess(named, NOW, "en", contingency=True)


def asked(found: dict[str, Any]) -> list[str]:
    return [one["fact"] for one in found["unknowns"]]


def test_what_does_not_apply_is_not_asked_for_and_is_listed(assessor: Assessor) -> None:
    found = answer(assessor, firm_trade="food")
    assert found["assumed"] == {"harm.records": 0, "harm.told": True}
    assert (found["at_worst"]["level"]["code"], asked(found)) == ("low", [])
    assert found["provisional"] is False


def test_a_fact_that_applies_is_asked_for(assessor: Assessor) -> None:
    found = answer(assessor, firm_trade="data")
    assert found["assumed"] == {}
    assert found["at_worst"]["level"]["code"] == "high"
    assert asked(found) == ["harm.records", "harm.told"]


@pytest.mark.parametrize("trade", [{}, {"firm_trade": None}])
def test_while_it_is_unknown_whether_it_applies_what_decides_it_is_asked_for_too(
    assessor: Assessor, trade: dict[str, Any]
) -> None:
    found = answer(assessor, **trade)
    assert found["assumed"] == {}
    assert found["at_worst"]["level"]["code"] == "high"
    assert asked(found) == ["firm.trade", "harm.records", "harm.told"]


def test_a_posted_value_counts_where_the_fact_does_not_apply(assessor: Assessor) -> None:
    found = answer(assessor, firm_trade="food", harm_records=100)
    assert found["level"]["code"] == "high"
    assert found["assumed"] == {}
    assert asked(found) == []


def test_null_is_unknown_where_the_fact_does_not_apply(assessor: Assessor) -> None:
    found = answer(assessor, firm_trade="food", harm_records=None)
    assert found["assumed"] == {}
    assert found["at_worst"]["level"]["code"] == "high"
    assert asked(found) == ["harm.records", "harm.told"]


def test_no_contingency_changes_a_fact_that_does_not_apply(assessor: Assessor) -> None:
    found = answer(assessor, firm_trade="food", firm_rate=10)["contingency"]
    changed = [one["fact"] for way in found["worse"] for one in way["changes"] or []]
    assert changed == []
    assert found["no_forecast"] is not None


def test_a_contingency_knows_that_a_fact_begins_to_apply(tmp_path: Path) -> None:
    """The rule fires because `harm.told` does not apply; of another trade that is unknown, so it does not."""
    told = '\nrules: [{id: told, when: "harm.told", then: {level: middle}, because: {en: x}}]'
    about = PLAIN_PACK + "contingency: {output: level}"
    pack = plain_pack(tmp_path / "plain", told, facts=FACTS, pack=about)
    found = answer(Assessor(pack, "reference"), firm_trade="food")["contingency"]
    [low] = [way["changes"] for way in found["better"] if way["value"] == "low"]
    assert [(one["fact"], one["to"]) for one in low] == [("firm.trade", "data")]
