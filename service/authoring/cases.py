"""Runs a pack's cases through the engine and reports those whose answers differ from what their author expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from schemas.carried_out import CarriedOutReader
from schemas.facts import FactsSchema, LoadedFacts
from schemas.incident import Incident
from schemas.previous import Previous
from schemas.previous_reader import PreviousReader
from service.authoring.expectations import differences, undecided
from service.engine.assess import Assessor
from service.engine.errors import BudgetExceeded, EngineDisagreement, RuleConflict
from service.engine.judging.cross_check import EngineName
from service.engine.judging.previous import carried_out_reader, previous_reader
from service.language.cases import DRAFTS
from service.language.collector import MOST_PROBLEMS, BoundPlace, Collector, FullError
from service.language.model import Brand, Case, Pack
from service.language.place import Place
from service.language.problem import Problem

PARTS = ("as_of", "outputs", "actions", "since", "done_earlier")
"""The keys of an answer that are sent back as `previous`."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`answer` is None where the case has no answer; `problems` is empty for a case that passed."""

    case: Case
    answer: dict[str, Any] | None
    problems: tuple[Problem, ...]


def run_cases(pack: Pack, engine: EngineName = "both") -> Iterator[CaseResult]:
    """In order: a case that follows another gets that case's answer as its previous answer."""
    assessor = Assessor(pack, engine)
    readers = _Readers.of(pack)
    before: dict[str, Any] | None = None
    try:
        for case in pack.cases:
            result = _run(assessor, case, readers, before if case.follows else None)
            before = result.answer
            yield result
    finally:
        assessor.close()


def counted(results: Iterable[CaseResult]) -> str:
    """How many cases there are and how many of them failed. A case with steps is one case."""
    failed: list[bool] = []
    steps = 0
    for result in results:
        steps += 1
        if not result.case.follows:
            failed.append(False)
        failed[-1] = failed[-1] or bool(result.problems)
    with_steps = f" with {steps} steps" if steps > len(failed) else ""
    return f"{len(failed)} cases{with_steps}, {sum(failed)} failed"


def check_facts(pack: Pack, cases: Iterable[Case], collector: Collector) -> None:
    """Reports each fact and previous answer of a case that the API would refuse."""
    readers = _Readers.of(pack)
    for case in cases:
        read = readers.read(case, case.previous, collector)
        told = read.previous.deprecated if read.previous else ()
        for path, was, now in (*read.facts.deprecated, *told):
            message = f"{path}: '{was}' is called '{now}' now"
            collector.at(_place(case, path)).warning("former-name-used", message)


class ReadCase(NamedTuple):
    """A case as the engine takes it. `carried_out` has the moment for each action that it tells as done."""

    facts: LoadedFacts
    previous: Previous | None
    carried_out: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class _Readers:
    """Reads a case in the same way as the API reads a request."""

    facts: FactsSchema
    previous: PreviousReader
    brands: Mapping[str, Brand]
    carried_out: CarriedOutReader

    @classmethod
    def of(cls, pack: Pack) -> _Readers:
        facts = FactsSchema(pack.vocabulary)
        return cls(facts, previous_reader(pack), pack.brands, carried_out_reader(pack))

    def read(self, case: Case, previous: Any, collector: Collector) -> ReadCase:
        """What the previous answer in a request may have of another version of the pack is a mistake in a case."""
        facts = self.facts.load(case.facts, case.as_of)
        if case.brand is not None:
            facts = self.brands[case.brand].under(facts)
        read, wrong = self.previous.load(previous, Incident(as_of=case.as_of))
        wrong += [one.mistake for one in read.passed_over] if read else []
        done, wrong_done = self.carried_out.load(list(case.done), case.as_of)
        for error in (*facts.errors, *wrong, *wrong_done)[:MOST_PROBLEMS]:
            message = f"{error.path}: {error.message}"
            collector.at(_place(case, error.path)).error("case-facts", message, error.hint or "")
        return ReadCase(facts, read, done)


def _place(case: Case, path: str) -> Place:
    """The place of the field, or of the nearest enclosing one that is in the file."""
    while path and path not in case.places:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return case.places.get(path, case.place)


def _previous(case: Case, before: Mapping[str, Any] | None) -> Any:
    """The previous answer that a caller would send: parts of the answer before, or what the case itself gives."""
    if before is None:
        return case.previous
    return {key: before[key] for key in PARTS} | {"responses": list(case.responses)}


def _run(
    assessor: Assessor, case: Case, readers: _Readers, before: Mapping[str, Any] | None
) -> CaseResult:
    collector = Collector()
    read = readers.read(case, _previous(case, before), collector)
    answer = None
    if not collector.problems:
        answer = _answer(assessor, case, read, collector.at(case.place))
    if answer is not None:
        with suppress(FullError):
            _check_expectations(case, answer, assessor.pack, collector)
    return CaseResult(case, answer, tuple(collector.problems))


def _answer(
    assessor: Assessor,
    case: Case,
    read: ReadCase,
    here: BoundPlace,
) -> dict[str, Any] | None:
    try:
        return assessor.assess(
            read.facts.values,
            case.as_of,
            assessor.pack.locale,
            previous=read.previous,
            carried_out=read.carried_out,
            reported=read.facts.reported,
            drafts=DRAFTS in case.expect,
        )
    except RuleConflict as conflict:
        rules = ", ".join(conflict.rules)
        message = f"'{case.name}': these rules contradict each other on {conflict.output}: {rules}"
        here.error("case-failed", message)
    except BudgetExceeded as exceeded:
        message = f"'{case.name}': the rules take too many steps: {', '.join(exceeded.rules)}"
        here.error("case-failed", message)
    except EngineDisagreement as disagreement:
        message = f"'{case.name}': the matchers disagree on {', '.join(disagreement.rules)}"
        here.error("case-failed", message)
    return None


def _check_expectations(
    case: Case, answer: dict[str, Any], pack: Pack, collector: Collector
) -> None:
    fired = ", ".join(reason["rule"] for reason in answer["reasons"]) or "no rule"
    for key, sentence in differences(case, answer, pack):
        message = f"'{case.name}': {sentence}"
        collector.at(case.places[key]).error("case-failed", message, f"fired: {fired}")
    for sentence in undecided(answer):
        message = f"'{case.name}': {sentence}"
        collector.at(case.place).error("undecided-opposites", message, f"fired: {fired}")
