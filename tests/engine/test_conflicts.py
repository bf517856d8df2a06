"""Rules of one output that contradict each other are an error that names them, never a silent choice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from tests.packs import PLAIN_PACK, plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def assessor(folder: Path, hit: str, *values: str) -> Assessor:
    pack = PLAIN_PACK.replace("hit: priority", f"hit: {hit}")
    entries = [
        f"  - {{id: r.n{n}, when: 'a.count > {n}', then: {{level: {value}}}, because: {{en: r}}}}"
        for n, value in enumerate(values)
    ]
    return Assessor(plain_pack(folder, "rules:\n" + "\n".join(entries), pack=pack))


@pytest.mark.parametrize("hit", ["any", "unique"])
def test_two_different_values_are_a_conflict(tmp_path: Path, hit: str) -> None:
    with pytest.raises(RuleConflict) as caught:
        assessor(tmp_path, hit, "high", "low").assess({"a.count": 5}, NOW, "en")
    assert caught.value.output == "level"
    assert caught.value.rules == ("r.n0", "r.n1")


def test_any_allows_the_same_value_twice(tmp_path: Path) -> None:
    answer = assessor(tmp_path, "any", "high", "high").assess({"a.count": 5}, NOW, "en")
    assert answer["level"]["code"] == "high"


def test_unique_allows_one_rule_only(tmp_path: Path) -> None:
    with pytest.raises(RuleConflict):
        assessor(tmp_path, "unique", "high", "high").assess({"a.count": 5}, NOW, "en")
    answer = assessor(tmp_path / "other", "unique", "high", "high").assess(
        {"a.count": 1}, NOW, "en"
    )
    assert answer["level"]["code"] == "high"
