"""Runs a pack's cases through the engine and says which do not come out as their author expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from schemas.facts import facts_schema, load_facts
from service.authoring.expectations import differences
from service.engine.assess import Assessor
from service.engine.cross_check import EngineName
from service.engine.errors import EngineDisagreement, RuleConflict
from service.language.model import Case, Pack
from service.language.problem import Problem


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`answer` is None where the case has no answer; `problems` is empty for a case that passed."""

    case: Case
    answer: dict[str, Any] | None
    problems: tuple[Problem, ...]


def run_cases(pack: Pack, engine: EngineName = "both") -> Iterator[CaseResult]:
    assessor = Assessor(pack, engine)
    try:
        for case in pack.cases:
            yield _run(assessor, case)
    finally:
        assessor.close()


def fact_problems(pack: Pack, cases: Iterable[Case]) -> list[Problem]:
    """Facts of cases that the API would refuse."""
    schema = facts_schema(pack.vocabulary)
    return [problem for case in cases for problem in _fact_problems(schema, case)]


def _fact_problems(schema: Any, case: Case) -> list[Problem]:
    _, errors = load_facts(schema, case.facts)
    return [
        replace(
            case.places.get(error.path, case.place),
            code="case-facts",
            message=f"{error.path}: {error.message}",
            hint=error.hint or "",
        )
        for error in errors
    ]


def _run(assessor: Assessor, case: Case) -> CaseResult:
    schema = facts_schema(assessor.pack.vocabulary)
    facts, errors = load_facts(schema, case.facts)
    if errors:
        return CaseResult(case, None, tuple(_fact_problems(schema, case)))
    try:
        answer = assessor.assess(facts, case.as_of, assessor.pack.locale)
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
