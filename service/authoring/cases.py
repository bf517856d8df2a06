"""Runs a pack's cases through the engine and reports those whose answers differ from what their author expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from schemas.facts import FactsSchema, LoadedFacts
from schemas.field_error import FieldError
from schemas.previous import Previous, PreviousReader
from service.authoring.expectations import differences
from service.engine.assess import Assessor
from service.engine.errors import EngineDisagreement, RuleConflict
from service.engine.judging.cross_check import EngineName
from service.engine.judging.previous import previous_reader
from service.language.model import Case, Pack
from service.language.problem import Problem

PARTS = ("as_of", "outputs", "actions", "since")
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


def fact_problems(pack: Pack, cases: Iterable[Case]) -> list[Problem]:
    """A problem for each fact and previous answer of a case that the API would refuse."""
    readers = _Readers.of(pack)
    return [problem for case in cases for problem in readers.read(case, case.previous).problems]


class _Read(NamedTuple):
    """A case in the form that the engine takes, and a problem for each part that the API would refuse."""

    facts: LoadedFacts
    previous: Previous | None
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class _Readers:
    """Reads a case in the same way as the API reads a request."""

    facts: FactsSchema
    previous: PreviousReader

    @classmethod
    def of(cls, pack: Pack) -> _Readers:
        return cls(FactsSchema(pack.vocabulary), previous_reader(pack))

    def read(self, case: Case, previous: Any) -> _Read:
        facts = self.facts.load(case.facts)
        last, wrong = self.previous.load(previous)
        return _Read(facts, last, [_placed(case, error) for error in (*facts.errors, *wrong)])


def _placed(case: Case, error: FieldError) -> Problem:
    """The problem at the field, or at the nearest enclosing one that is in the file."""
    path = error.path
    while path and path not in case.places:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return replace(
        case.places.get(path, case.place),
        code="case-facts",
        message=f"{error.path}: {error.message}",
        hint=error.hint or "",
    )


def _previous(case: Case, before: Mapping[str, Any] | None) -> Any:
    """The previous answer that a caller would send: parts of the answer before, or what the case itself gives."""
    if before is None:
        return case.previous
    return {key: before[key] for key in PARTS} | {"responses": list(case.responses)}


def _run(
    assessor: Assessor, case: Case, readers: _Readers, before: Mapping[str, Any] | None
) -> CaseResult:
    facts, previous, problems = readers.read(case, _previous(case, before))
    if problems:
        return CaseResult(case, None, tuple(problems))
    try:
        answer = assessor.assess(
            facts.values,
            case.as_of,
            assessor.pack.locale,
            previous=previous,
            reported=facts.reported,
        )
    except RuleConflict as conflict:
        message = f"'{case.name}': these rules contradict each other on {conflict.output}: {', '.join(conflict.rules)}"
        return CaseResult(case, None, (replace(case.place, message=message),))
    except EngineDisagreement as disagreement:
        message = f"'{case.name}': the matchers disagree on {', '.join(disagreement.rules)}"
        return CaseResult(case, None, (replace(case.place, message=message),))
    return CaseResult(case, answer, tuple(_failures(case, answer, assessor.pack)))


def _failures(case: Case, answer: dict[str, Any], pack: Pack) -> Iterator[Problem]:
    fired = ", ".join(reason["rule"] for reason in answer["reasons"]) or "no rule"
    for key, sentence in differences(case, answer, pack):
        yield replace(
            case.places[key], message=f"'{case.name}': {sentence}", hint=f"fired: {fired}"
        )
