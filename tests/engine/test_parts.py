"""Each part of an answer is made from the findings alone. It is the same as in the whole answer and computes only its own inputs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.assessment import REQUESTED_KEYS, REQUIRED_KEYS
from schemas.facts import FactsSchema
from service.engine.answer.findings import Findings
from service.engine.answer.parts import answer
from service.engine.answer.summary import summary
from service.engine.assess import Assessor
from service.engine.judging.previous import previous_reader
from service.language.model import Case
from tests.packs import HARBOUR, loaded
from tests.server import ROOT

IDS = {"assessment_id", "incident_id"}
SHARED = {"blame", "plan", "planned", "due_soon", "speech"}
"""The intermediate results that several parts need."""
FOLDERS = (ROOT / "rules" / "pr_crisis", HARBOUR)


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def assessor(request: pytest.FixtureRequest) -> Assessor:
    return Assessor(loaded(request.param, with_cases=True), "reference")


def found(assessor: Assessor, case: Case, locale: str) -> Findings:
    facts = FactsSchema(assessor.pack.vocabulary).load(case.facts)
    previous, _ = previous_reader(assessor.pack).load(case.previous)
    return assessor.find(
        facts.values, case.as_of, locale, previous=previous, reported=facts.reported
    )


def some_cases(assessor: Assessor, every: int) -> Iterator[tuple[Case, str]]:
    """Every n-th case, where n is `every`, in each language in turn."""
    pack = assessor.pack
    for number, case in enumerate(pack.cases[::every]):
        yield case, pack.locales[number % len(pack.locales)]


def test_there_is_a_part_for_each_key_of_the_contract(assessor: Assessor) -> None:
    pack = assessor.pack
    expected = {*REQUIRED_KEYS, *REQUESTED_KEYS, *pack.lifted, *pack.notices} - IDS
    assert set(assessor.parts) == expected


def test_each_part_by_itself_is_as_in_the_whole_answer(assessor: Assessor) -> None:
    for case, locale in some_cases(assessor, every=200):
        whole = answer(assessor.parts, found(assessor, case, locale), REQUESTED_KEYS)
        parts = assessor.parts
        alone = {key: part(found(assessor, case, locale)) for key, part in parts.items()}
        assert list(alone.items()) == list(whole.items())


def test_a_result_that_no_part_needs_is_not_computed(assessor: Assessor) -> None:
    case, parts = assessor.pack.cases[0], assessor.parts
    for key, needed in (
        ("pack", set()),
        ("outputs", set()),
        ("at_worst", set()),
        ("verdict", {"speech"}),
        ("unknowns", {"blame"}),
        ("actions", {"plan", "planned"}),
        ("clock", {"plan", "planned", "due_soon"}),
    ):
        findings = found(assessor, case, assessor.pack.locale)
        parts[key](findings)
        if key in ("actions", "clock") and findings.plan.doubts():
            needed = {*needed, "blame"}
        if key == "unknowns" and assessor.prepared.opposites.guards.alternatives.conditions:
            needed = {*needed, "plan"}  # an unknown fact may decide which alternative holds
        assert SHARED & vars(findings).keys() == needed, key


def test_an_assessment_is_freed_as_soon_as_nothing_refers_to_it(assessor: Assessor) -> None:
    """Only the garbage collector frees a cycle of references, and that costs time in every answer.

    A thread that another test left can make such a cycle too, but not each time.
    """
    case, pack = assessor.pack.cases[0], assessor.pack
    facts = FactsSchema(pack.vocabulary).load(case.facts).values

    def assess() -> None:
        for locale in pack.locales:
            assessor.assess(facts, case.as_of, locale, explain=True)

    def cycles_after_assessing() -> int:
        gc.collect()
        assess()
        return gc.collect()

    assess()
    gc.disable()
    gc.freeze()  # what other tests left is not looked at, which would take long
    try:
        assert 0 in [cycles_after_assessing() for _ in range(5)]
    finally:
        gc.unfreeze()
        gc.enable()


def test_the_summary_has_the_values_of_the_answer(assessor: Assessor) -> None:
    for case, locale in some_cases(assessor, every=40):
        findings = found(assessor, case, locale)
        told, whole = summary(findings), answer(assessor.parts, findings)
        assert (told.pack, told.digest) == (whole["pack"]["name"], whole["pack"]["digest"])
        assert told.lifted == {name: plain_value(whole[name]) for name in whole["at_worst"]}
        assert told.notices == {name: plain_value(whole[name]) for name in assessor.pack.notices}
        assert told.provisional == whole["provisional"]
        assert told.fired == [reason["rule"] for reason in whole["reasons"]]


def plain_value(lifted: dict[str, Any]) -> Any:
    return lifted["code"] if "code" in lifted else lifted["value"]
