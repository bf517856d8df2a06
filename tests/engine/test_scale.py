"""Packs that are much too large for one handle work, and both matchers agree on them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.engine.assess import Assessor
from tests.packs import plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def rules(conditions: list[str]) -> str:
    entries = [
        f'  - {{id: r.n{n}, when: "{condition}", then: {{score: 1}}, because: {{en: r}}}}'
        for n, condition in enumerate(conditions)
    ]
    return "rules:\n" + "\n".join(entries)


@pytest.mark.parametrize(("count", "expected"), [(5, 5), (1999, 1999), (-1, 0)])
def test_two_thousand_rules_fire_exactly_by_their_thresholds(
    tmp_path: Path, count: int, expected: int
) -> None:
    pack = plain_pack(tmp_path, rules([f"a.count > {n}" for n in range(2000)]))
    answer = Assessor(pack).assess({"a.count": count}, NOW, "en")
    assert answer["outputs"]["score"]["value"] == expected


def test_of_three_hundred_rules_two_hundred_fire_at_once(tmp_path: Path) -> None:
    conditions = [
        f"a.count >= {n} && b.flag" if n < 200 else f"a.count >= {n} && !b.flag" for n in range(300)
    ]
    pack = plain_pack(tmp_path, rules(conditions))
    assessor = Assessor(pack)
    answer = assessor.assess({"a.count": 1000, "b.flag": True}, NOW, "en")
    assert answer["outputs"]["score"]["value"] == 200
    assert len(answer["reasons"]) == 200
    answer = assessor.assess({"a.count": 1000, "b.flag": False}, NOW, "en")
    assert answer["outputs"]["score"]["value"] == 100


def test_a_rule_with_hundreds_of_alternatives_fires_once(tmp_path: Path) -> None:
    either = " || ".join(f"a.count == {n}" for n in range(200))
    pack = plain_pack(tmp_path, rules([either]))
    assessor = Assessor(pack)
    assert assessor.assess({"a.count": 150}, NOW, "en")["outputs"]["score"]["value"] == 1
    assert assessor.assess({"a.count": 300}, NOW, "en")["outputs"]["score"]["value"] == 0
