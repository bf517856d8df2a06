"""The two matchers must agree. After a wrong match or a failure of rete, one retry with new handles follows, then an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.engine.assess import Assessor
from service.engine.errors import EngineDisagreement
from service.engine.rete.matcher import ReteError, ReteMatcher
from tests.packs import plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = """
rules:
  - {id: level.high, when: "a.count > 5", then: {level: high}, because: {en: many}}
  - {id: level.middle, when: "a.count > 2", then: {level: middle}, because: {en: some}}
"""
Match = Callable[[ReteMatcher, Sequence[str]], int]


@pytest.fixture
def assessor(tmp_path: Path) -> Assessor:
    return Assessor(plain_pack(tmp_path, RULES))


def grade(assessor: Assessor, count: int) -> str:
    code: str = assessor.assess({"a.count": count}, NOW, "en")["level"]["code"]
    return code


def lie(_: ReteMatcher, facts: Sequence[str]) -> int:
    return 0


def fail(_: ReteMatcher, facts: Sequence[str]) -> int:
    raise ReteError("broken on purpose")


@pytest.mark.parametrize("wrong", [lie, fail])
def test_one_wrong_match_is_corrected_by_a_fresh_handle(
    assessor: Assessor, monkeypatch: pytest.MonkeyPatch, wrong: Match
) -> None:
    right, rebuilt = ReteMatcher.fired, []
    monkeypatch.setattr(ReteMatcher, "fired", wrong)

    def rebuild(self: ReteMatcher) -> None:
        rebuilt.append(True)
        monkeypatch.setattr(ReteMatcher, "fired", right)

    monkeypatch.setattr(ReteMatcher, "rebuild", rebuild)
    assert grade(assessor, 9) == "high"
    assert rebuilt


def test_a_lasting_disagreement_is_an_error_that_names_the_rules(
    assessor: Assessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReteMatcher, "fired", lie)
    with pytest.raises(EngineDisagreement) as caught:
        grade(assessor, 9)
    assert caught.value.rules == ("level.high", "level.middle")


def test_a_lasting_failure_is_an_error(assessor: Assessor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReteMatcher, "fired", fail)
    with pytest.raises(EngineDisagreement):
        grade(assessor, 9)


def test_the_next_incident_is_right_again(
    assessor: Assessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(ReteMatcher, "fired", lie)
        with pytest.raises(EngineDisagreement):
            grade(assessor, 9)
    assert grade(assessor, 9) == "high"
    assert grade(assessor, 4) == "middle"


def test_the_reference_engine_serves_without_rete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReteMatcher, "fired", fail)
    assert grade(Assessor(plain_pack(tmp_path, RULES), "reference"), 9) == "high"
