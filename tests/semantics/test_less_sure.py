"""A fact that is left out, old, of one page alone, disputed or from another reporter never makes an answer milder than it may be."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.semantics.promises import lifted, rank
from tests.semantics.random_scales import CLOSED, NONE, ScaledCase, Told, cases_of

PACKS = int(os.environ.get("TOCSIN_RANDOM_PACKS", "300")) // 3
FIRST_SEED = int(os.environ.get("TOCSIN_FIRST_SEED", "0"))
INCIDENTS = 4


def at_worst_is_never_better(case: ScaledCase) -> Iterator[str]:
    for what, name, _, answer in case.less_sure():
        for output in (case.pack.outputs[one] for one in case.pack.lifted):
            before, after = (
                rank(output, lifted(told, output.name, "at_worst"))
                for told in (case.answer, answer)
            )
            if after < before:
                yield f"{output.name} is better at worst with {name} {what}"


def is_open(case: ScaledCase, told: Told) -> bool:
    if told.previous is None:
        return False
    before = told.previous.outputs["grade"]
    closes = before == CLOSED and CLOSED in case.pack.outputs["grade"].closed
    return before != NONE and not closes


def no_incident_needs_what_the_pack_says(case: ScaledCase) -> Iterator[str]:
    answers = [("", "", case.told, case.answer), *case.less_sure()]
    for what, name, told, answer in answers:
        if answer["grade"]["code"] != NONE:
            continue
        if told.facts.get(case.needed) is None:
            yield f"{case.needed} is not known ({name} {what})"
        if told.unsure():
            yield f"a fact is not sure ({name} {what})"
        if is_open(case, told):
            yield f"the incident is open ({name} {what})"


def nothing_becomes_no_incident_by_its_source(case: ScaledCase) -> Iterator[str]:
    if case.answer["grade"]["code"] == NONE:
        return
    for what, name, _, answer in case.less_sure():
        if answer["grade"]["code"] == NONE and (what != "left out" or name == case.needed):
            yield f"no incident with {name} {what}"


def who_reports_a_fact_changes_nothing_else(case: ScaledCase) -> Iterator[str]:
    for what, name, _, answer in case.less_sure():
        if what == "another reporter":
            same = {**answer, "provenance": case.answer["provenance"]}
            if same != case.answer:
                yield f"another answer with {name} from {what}"


PROMISES: tuple[Callable[[ScaledCase], Iterator[str]], ...] = (
    at_worst_is_never_better,
    no_incident_needs_what_the_pack_says,
    nothing_becomes_no_incident_by_its_source,
    who_reports_a_fact_changes_nothing_else,
)


@dataclass
class Survey:
    breaches: dict[str, list[str]] = field(
        default_factory=lambda: {promise.__name__: [] for promise in PROMISES}
    )
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, case: ScaledCase) -> None:
        for promise in PROMISES:
            self.breaches[promise.__name__] += [f"{case}: {one}" for one in promise(case)]
        quiet = case.answer["grade"]["code"] == NONE
        self.seen["cases"] += 1
        self.seen["quiet"] += quiet
        self.seen["quiet with a previous answer"] += quiet and case.told.previous is not None
        for what, _, _, answer in case.less_sure():
            self.seen[what] += 1
            self.seen["no longer quiet"] += quiet and answer["grade"]["code"] != NONE
            unknown = any(one["unknown_because"] for one in answer["provenance"].values())
            self.seen["counts as unknown"] += unknown


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    folder, survey = tmp_path_factory.mktemp("packs"), Survey()
    for seed in range(FIRST_SEED, FIRST_SEED + PACKS):
        for case in cases_of(seed, folder, INCIDENTS):
            survey.add(case)
    return survey


@pytest.mark.parametrize("promise", [promise.__name__ for promise in PROMISES])
def test_a_fact_that_is_told_less_surely_keeps_the_promise(survey: Survey, promise: str) -> None:
    breaches = survey.breaches[promise]
    assert not breaches, f"{len(breaches)} breaches:\n" + "\n".join(breaches[:5])


@pytest.mark.parametrize(
    ("what", "share"),
    [
        ("cases", 2.0),
        ("quiet", 0.15),
        ("quiet with a previous answer", 0.02),
        ("no longer quiet", 0.5),
        ("counts as unknown", 1.0),
        ("left out", 2.0),
        ("old", 1.0),
        ("one page", 2.0),
        ("disputed", 2.0),
        ("another reporter", 2.0),
    ],
)
def test_every_kind_of_case_occurred_often(survey: Survey, what: str, share: float) -> None:
    assert survey.seen[what] > share * PACKS, survey.seen
