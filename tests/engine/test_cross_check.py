"""The two matchers must agree. After a wrong match or a failure of rete, one retry with new handles follows, then an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.engine.assess import Assessor
from service.engine.errors import EngineDisagreement
from service.engine.judging.cross_check import Sampling
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


def test_of_a_share_only_what_chance_draws_asks_rete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, honest = [], ReteMatcher.fired

    def noted(self: ReteMatcher, facts: Sequence[str]) -> int:
        asked.append(drawn[0])
        return honest(self, facts)

    monkeypatch.setattr(ReteMatcher, "fired", noted)
    drawn = [0.0]
    sampling = Sampling(0.25, chance=lambda: drawn[0])
    assessor, said = Assessor(plain_pack(tmp_path, RULES), "both", sampling), []
    for drawn[0] in (0.0, 0.249, 0.25, 0.999, 0.1):
        findings = assessor.find({"a.count": 9}, NOW, "en")
        said.append((findings.cross_checked, findings.judgement.values["level"]))
    assert asked == [0.0, 0.249, 0.1]
    assert said == [(drawn, "high") for drawn in (True, True, False, False, True)]


def test_the_same_facts_give_the_same_answer_whether_or_not_it_was_compared(
    tmp_path: Path,
) -> None:
    chance = iter([0.9, 0.1])
    assessor = Assessor(plain_pack(tmp_path, RULES), "both", Sampling(0.5, chance.__next__))
    one, other = (assessor.assess({"a.count": 9}, NOW, "en", explain=True) for _ in range(2))
    assert one == other


def test_a_disagreement_is_an_error_only_where_rete_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = iter([0.9, 0.1])
    assessor = Assessor(plain_pack(tmp_path, RULES), "both", Sampling(0.5, chance.__next__))
    monkeypatch.setattr(ReteMatcher, "fired", lie)
    assert grade(assessor, 9) == "high"
    with pytest.raises(EngineDisagreement):
        grade(assessor, 9)


def test_without_a_share_every_answer_is_compared_and_chance_has_no_part_in_it(
    tmp_path: Path,
) -> None:
    def no_chance() -> float:
        raise AssertionError

    assessor = Assessor(plain_pack(tmp_path, RULES), "both", Sampling(chance=no_chance))
    assert assessor.find({"a.count": 9}, NOW, "en").cross_checked
    alone = Assessor(plain_pack(tmp_path / "alone", RULES), "reference")
    assert not alone.find({"a.count": 9}, NOW, "en").cross_checked
