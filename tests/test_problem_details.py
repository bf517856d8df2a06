"""Each error that assessing an incident raises on purpose has a problem document of its own."""

from __future__ import annotations

import pytest

from schemas.strict_json import StrictJSONError
from service.engine.errors import BudgetExceeded, EngineDisagreement, RuleConflict
from service.problem_details import (
    ASSESSMENT_ERRORS,
    CODES,
    FINER_CODES,
    IncidentTooLong,
    details_of,
)
from service.serving.packs import PackUnavailable
from service.serving.served_pack import RefusedIncident

EXPECTED: dict[Exception, tuple[int, str]] = {
    StrictJSONError("too-deep", "more than 32 levels"): (400, "too-deep"),
    IncidentTooLong(): (413, "body-too-large"),
    RefusedIncident(()): (422, "invalid-request"),
    PackUnavailable(): (503, "pack-unavailable"),
    RuleConflict("grade", ["one", "other"]): (500, "rule-conflict"),
    BudgetExceeded(["one"]): (500, "budget-exceeded"),
    EngineDisagreement(["one"]): (500, "engine-disagreement"),
}


def test_every_error_of_an_assessment_is_in_this_table() -> None:
    assert {type(error) for error in EXPECTED} == set(ASSESSMENT_ERRORS)


@pytest.mark.parametrize(
    ("error", "status_and_code"),
    EXPECTED.items(),
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
def test_an_error_of_an_assessment_has_its_own_code(
    error: Exception, status_and_code: tuple[int, str]
) -> None:
    found = details_of(error)
    assert (found["status"], found["code"]) == status_and_code
    assert found["code"] in (CODES[found["status"]], *FINER_CODES.get(found["status"], ()))


def test_any_other_error_is_an_error_of_the_server() -> None:
    found = details_of(KeyError("harm.deaths"))
    assert (found["status"], found["code"]) == (500, "internal-error")
    assert "harm.deaths" not in found["detail"]
