"""An answer is finished in one place, and observers are notified of the result of each incident."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from service.answering import Observer, answer, finish, report
from service.asking.posted import Post, Posted
from service.lines import assess_line
from service.serving.packs import Packs
from service.serving.served_pack import Assessment, RefusedIncident, ServedPack
from tests.packs import HARBOUR, loaded

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
post = Post(lambda: NOW)
STORM: dict[str, Any] = {"facts": {"wind": {"speed": 30}}, "incident_id": "s-1"}


@dataclass
class Witness(Observer):
    """Records the results."""

    assessments: list[Assessment] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def assessed(self, assessment: Assessment) -> None:
        self.assessments.append(assessment)

    def refused(self, error: Exception) -> None:
        self.errors.append(error)


@pytest.fixture(scope="module")
def packs() -> Packs:
    pack = loaded(HARBOUR)
    return Packs({pack.name: ServedPack.of(pack, "reference")}, pack.name)


def test_the_ids_come_first_and_the_rest_is_as_the_engine_gives_it(packs: Packs) -> None:
    assessment = packs.assess(post(STORM))
    finished = finish(assessment)
    assert list(finished.items()) == [
        ("assessment_id", assessment.assessment_id),
        ("incident_id", "s-1"),
        *assessment.answer.items(),
    ]


def test_an_incident_without_a_name_has_null_for_it(packs: Packs) -> None:
    assert answer(packs, post({"facts": {}}))["incident_id"] is None


def test_a_line_has_the_same_answer_as_a_body(packs: Packs) -> None:
    line = json.dumps(STORM).encode()
    assert assess_line(line, 7, packs, post) == (
        {**answer(packs, post(STORM)), "line": 7},
        True,
    )


def test_every_observer_is_notified_of_an_assessment_with_its_id(packs: Packs) -> None:
    witnesses = Witness(), Witness()
    finished = answer(packs, post(STORM), witnesses)
    for witness in witnesses:
        (assessment,) = witness.assessments
        assert (assessment.incident_id, witness.errors) == ("s-1", [])
        assert assessment.assessment_id == finished["assessment_id"]
        assert assessment.summary.lifted["alert"] == "storm"
        assert "alert.storm" in assessment.summary.fired


@pytest.mark.parametrize("locale", ["en", "both"])
def test_a_report_is_one_assessment_in_any_number_of_languages(packs: Packs, locale: str) -> None:
    witness = Witness()
    text = report(packs, post({**STORM, "locale": locale}), [witness])
    (assessment,) = witness.assessments
    assert assessment.assessment_id in text
    assert assessment.summary.lifted["alert"] == "storm"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{oops}", "invalid-json"),
        (b'{"facts": {"wind": {"sped": 1}}}', "invalid-request"),
        (b" " * 1024 * 1024 + b"{}", "body-too-large"),
    ],
)
def test_observers_are_notified_why_a_line_has_no_answer(
    packs: Packs, line: bytes, code: str
) -> None:
    witness = Witness()
    told, is_answer = assess_line(line, 7, packs, post, [witness])
    assert (told["code"], told["line"], is_answer) == (code, 7, False)
    assert (len(witness.errors), witness.assessments) == (1, [])


def test_an_incident_that_is_refused_is_not_an_assessment(packs: Packs) -> None:
    witness = Witness()
    for give in (answer, report):
        with pytest.raises(RefusedIncident):
            give(packs, post({"facts": {"wind": {"sped": 1}}}), [witness])
    assert witness.assessments == []


WRONG = {"wind": {"speed": 30}, "ships": {"inside": "three"}}


def test_lenient_handling_answers_in_spite_of_wrong_facts_and_assumes_nothing_for_them(
    packs: Packs,
) -> None:
    witness = Witness()
    found = answer(packs, Posted({"facts": WRONG}, NOW, lenient=True), [witness])
    assert (found["alert"]["code"], found["assumed"]) == ("storm", {})
    assert [one["path"] for one in found["ignored"]] == ["facts.ships.inside"]
    assert [one.summary.ignored for one in witness.assessments] == [1]


def test_a_moment_that_is_too_late_for_this_assessment_is_ignored_and_the_report_knows_it(
    packs: Packs,
) -> None:
    facts = {"watch": {"started": "2026-05-01T00:00:00Z"}, "wind": {"speed": 30}}
    posted = Posted({"facts": facts, "locale": "en"}, NOW, lenient=True)
    assert [one["path"] for one in answer(packs, posted)["ignored"]] == ["facts.watch.started"]
    text = report(packs, posted)
    assert "| Watch started | 2026-05-01T00:00:00Z |" in text.split("## Wrong, so counted")[1]


def test_lenient_handling_ignores_no_mistake_in_the_previous_answer(packs: Packs) -> None:
    previous = {"as_of": NOW.isoformat(), "outputs": {"alert": "typhoon"}}
    for give in (answer, report):
        with pytest.raises(RefusedIncident) as refused:
            give(packs, Posted({"facts": WRONG, "previous": previous}, NOW, lenient=True))
        assert [one.path for one in refused.value.errors] == ["previous.outputs.alert"]


def test_strict_handling_is_the_default(packs: Packs) -> None:
    with pytest.raises(RefusedIncident):
        answer(packs, Posted({"facts": WRONG}, NOW))
    assert "ignored" not in answer(packs, Posted(STORM, NOW))
