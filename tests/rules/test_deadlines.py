"""Legal deadlines of the default pack: they count from `time.known_at`, need no approval, and do not depend on the grade."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.scalars import parse_datetime
from tests.packs import default_assessor, default_pack
from tests.rules.incidents import AS_OF

KNOWN = AS_OF - timedelta(hours=10)
FOOD = {
    "finding.claim": "confirmed",
    "finding.basis": "regulator",
    "finding.risk_known_at": KNOWN,
    "identity.sector": "food",
    "identity.jurisdiction": ("cn",),
}
UNSAFE = {**FOOD, "harm.continuing_danger": True}
LEAK = {"harm.records_leaked": 5, "identity.jurisdiction": ("cn", "eu")}
LISTED = {"harm.deaths": 1, "identity.listed_company": True, "identity.jurisdiction": ("us",)}
MATERIAL = {
    "identity.listed_in": ("us_domestic",),
    "harm.cyber_incident": "larger",
    "finding.material_at": KNOWN,
}
CHINA = {"identity.jurisdiction": ("cn",), "identity.regulated_as": ()}
HURT = {"harm.injuries": 1, "identity.jurisdiction": ("us",)}
PRODUCT = {
    **HURT,
    "identity.sector": "consumer_goods",
    "harm.groups": ("customers",),
    "harm.environment": False,
    "finding.risk_known_at": KNOWN,
}
DEFECT = {**HURT, "identity.sector": "vehicles", "finding.defect_determined_at": KNOWN}

DUTIES: list[tuple[str, dict[str, Any], int | str]] = [
    ("STOP_SALE", UNSAFE, "at once"),
    ("STOP_SALE", {**FOOD, "harm.recall_class": "class_3"}, "at once"),
    ("RECALL", UNSAFE, 24),
    ("RECALL", {**UNSAFE, "harm.recall_class": "class_1"}, 24),
    ("RECALL", {**UNSAFE, "harm.recall_class": "class_2"}, 48),
    ("RECALL", {**UNSAFE, "harm.recall_class": "class_3"}, 72),
    ("REPORT_ACCIDENT", {"harm.work_accident": True, **CHINA}, 1),
    ("REPORT_CYBER", {"harm.cyber_incident": "larger", **CHINA}, 1),
    (
        "REPORT_CYBER",
        {"harm.cyber_incident": "larger", "identity.critical_infrastructure": False, **CHINA},
        4,
    ),
    (
        "REPORT_CYBER",
        {"harm.cyber_incident": "larger", "identity.critical_infrastructure": True, **CHINA},
        1,
    ),
    ("REGULATOR_REPORT", {"harm.deaths": 1}, "at once"),
    ("NOTIFY_INDIVIDUALS", LEAK, "at once"),
    ("NOTIFY_INDIVIDUALS", {**LEAK, "identity.jurisdiction": ("us",)}, "30 days"),
    ("REPORT_DATA_AUTHORITY", {**LEAK, "identity.jurisdiction": ("eu",)}, 72),
    ("REGULATOR_REPORT", PRODUCT, 24),
    ("REPORT_NHTSA", DEFECT, "5 working days"),
    ("DISCLOSURE", LISTED, "at once"),
    ("DISCLOSURE", {**LISTED, "identity.listed_in": ("mainland",)}, "2 trading days"),
    ("DISCLOSURE", {**LISTED, **MATERIAL}, "4 working days"),
]


def entry_of(code: str, facts: dict[str, Any]) -> dict[str, Any]:
    told = {"time.known_at": KNOWN, **facts}
    answer = default_assessor().assess(told, AS_OF, "en")
    (entry,) = [entry for entry in answer["actions"] if entry["code"] == code]
    assert entry["statutory"]
    assert entry["approval"] in ([], ())
    found: dict[str, Any] = entry
    return found


def due(code: str, facts: dict[str, Any]) -> float:
    """The hours from `time.known_at` to the action's deadline."""
    return (parse_datetime(entry_of(code, facts)["due_at"]) - KNOWN) / timedelta(hours=1)


@pytest.mark.parametrize(("code", "facts", "hours"), DUTIES)
def test_a_legal_duty_is_due_after_the_hours_or_days_of_the_law_and_needs_no_approval(
    code: str, facts: dict[str, Any], hours: int | str
) -> None:
    assert (
        entry_of(code, facts)["within"] if isinstance(hours, str) else due(code, facts)
    ) == hours


def test_a_clock_that_a_finding_starts_has_no_date_before_it() -> None:
    """49 CFR 573.6 counts from the determination of the defect, not from the first report."""
    facts = {
        name: value for name, value in DEFECT.items() if name != "finding.defect_determined_at"
    }
    entry = entry_of("REPORT_NHTSA", facts)
    assert entry["due_at"] is None
    assert [one["fact"] for one in entry["starts_with"]] == ["finding.defect_determined_at"]


def test_every_legal_duty_is_in_the_table_above_and_no_rule_holds_one() -> None:
    duties = {code for code, action in default_pack().actions.items() if action.can_be_statutory}
    assert {code for code, _, _ in DUTIES} == duties
    held = {one.value for rule in default_pack().rules for one in rule.then if one.output == "held"}
    assert not duties & held
