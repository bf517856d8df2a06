"""What can be wrong with a request, as RFC 9457 problem details. HTTP and the command share it; nothing internal is in it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from schemas.strict_json import StrictJSONError
from service.engine.errors import EngineDisagreement, RuleConflict
from service.serving.packs import PackUnavailable
from service.serving.served_pack import RefusedIncident

TITLES = {
    400: "The request cannot be read",
    404: "There is nothing at this address",
    405: "This address does not take this method",
    406: "There is no answer of the kind that is accepted",
    413: "The body is too large",
    415: "The body is not of a kind that is taken here",
    422: "Fields of the request are wrong",
    500: "The server could not answer",
    503: "This cannot be answered now",
}
CODES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
    415: "unsupported-media-type",
    422: "invalid-request",
    500: "internal-error",
    503: "pack-unavailable",
}
"""The code where there is no finer one. Codes are stable: clients may rely on them."""

FINER_CODES = {
    400: (
        "invalid-json",
        "invalid-utf8",
        "duplicate-key",
        "number-range",
        "too-deep",
        "lone-surrogate",
        "nul-character",
    ),
    500: ("rule-conflict", "engine-disagreement"),
    503: ("busy",),
}
ASSESSMENT_ERRORS = (
    StrictJSONError,
    RefusedIncident,
    PackUnavailable,
    RuleConflict,
    EngineDisagreement,
)
"""What reading and assessing an incident raises on purpose."""


def details(status: int, detail: str, code: str | None = None, **more: Any) -> dict[str, Any]:
    code = code or CODES[status]
    return {
        "type": f"/docs#problem-{code}",
        "title": TITLES[status],
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }


def details_of(error: Exception) -> dict[str, Any]:
    """The problem that one of ASSESSMENT_ERRORS is; any other is our fault and says only that."""
    match error:
        case StrictJSONError(code=code, detail=detail):
            return details(400, detail, code)
        case RefusedIncident(errors=errors):
            count = "1 field is" if len(errors) == 1 else f"{len(errors)} fields are"
            listed = [asdict(one) for one in errors]
            return details(422, f"{count} wrong; see errors", errors=listed)
        case PackUnavailable():
            return details(503, "this pack's files have errors; /readyz lists them")
        case RuleConflict(output=output, rules=rules):
            detail = f"rules contradict each other on '{output}'; their author must settle it"
            return details(500, detail, "rule-conflict", output=output, rules=list(rules))
        case EngineDisagreement(rules=rules):
            detail = "the two matchers disagree on these rules, so there is no answer to be trusted"
            return details(500, detail, "engine-disagreement", rules=list(rules))
    return details(500, "the fault is ours; quote the request_id when you report it")
