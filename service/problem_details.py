"""Makes RFC 9457 problem details from errors, for HTTP and the command. They must not contain internals of the server."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from schemas.strict_json import StrictJSONError
from service.engine.errors import BudgetExceeded, EngineDisagreement, RuleConflict
from service.serving.packs import PacksNotLoaded, PackUnavailable
from service.serving.served_pack import RefusedIncident

_STATUSES = {
    400: ("bad-request", "The request cannot be read"),
    401: ("unauthorized", "The request needs valid credentials"),
    402: ("payment-required", "The request needs a payment first"),
    403: ("forbidden", "The request is not allowed"),
    404: ("not-found", "There is nothing at this address"),
    405: ("method-not-allowed", "This address does not allow this method"),
    406: ("not-acceptable", "None of the media types in Accept is available"),
    407: ("proxy-authentication-required", "The proxy needs valid credentials"),
    408: ("request-timeout", "The request took too long to arrive"),
    409: ("conflict", "The request conflicts with the current state"),
    410: ("gone", "There is nothing at this address any more"),
    411: ("length-required", "The request needs the header Content-Length"),
    412: ("precondition-failed", "A condition in the headers of the request is false"),
    413: ("body-too-large", "The body is too large"),
    414: ("request-uri-too-long", "The address is too long"),
    415: ("unsupported-media-type", "The format of the body is not supported"),
    416: ("requested-range-not-satisfiable", "The requested range does not exist"),
    417: ("expectation-failed", "The server cannot do what the header Expect demands"),
    418: ("im-a-teapot", "This server is a teapot"),
    421: ("misdirected-request", "This server does not answer for this host"),
    422: ("invalid-request", "Fields of the request are wrong"),
    423: ("locked", "The resource at this address is locked"),
    424: ("failed-dependency", "Another request that this one depends on failed"),
    425: ("too-early", "The request came too early and could be a replay"),
    426: ("upgrade-required", "The request needs another protocol"),
    428: ("precondition-required", "The request needs a condition, such as If-Match"),
    429: ("too-many-requests", "There were too many requests"),
    431: ("request-header-fields-too-large", "The headers are too large"),
    451: ("unavailable-for-legal-reasons", "This is not available for legal reasons"),
    500: ("internal-error", "The server could not answer"),
    501: ("not-implemented", "The server does not support this request"),
    502: ("bad-gateway", "Another server gave a wrong answer"),
    503: ("pack-unavailable", "The server cannot answer this now"),
    504: ("gateway-timeout", "Another server did not answer in time"),
    505: ("http-version-not-supported", "The server does not support this version of HTTP"),
    506: ("variant-also-negotiates", "The server cannot choose between forms of the answer"),
    507: ("insufficient-storage", "The server has no storage left"),
    508: ("loop-detected", "The server found an endless loop"),
    510: ("not-extended", "The request needs an extension of HTTP"),
    511: ("network-authentication-required", "The network needs a login first"),
}
"""The code and title of each error status of HTTP. The list is our own: the phrases of http.HTTPStatus change with Python."""

CODES = {status: code for status, (code, _) in _STATUSES.items()}
"""The code of a status if there is no finer one. Codes are stable: clients may rely on them."""

TITLES = {status: title for status, (_, title) in _STATUSES.items()}

FINER_CODES = {
    400: (
        "invalid-json",
        "invalid-utf8",
        "duplicate-key",
        "number-range",
        "too-deep",
        "lone-surrogate",
        "nul-character",
        "unreadable-input",
    ),
    500: ("rule-conflict", "budget-exceeded", "engine-disagreement", "worker-died"),
    503: ("busy",),
}


class IncidentTooLong(Exception):
    """A line of a batch has more bytes than an incident may have."""


@dataclass(frozen=True, slots=True)
class UnreadableInput(Exception):
    """A file of the command cannot be read any further, for this reason. It stands in place of all lines that follow."""

    reason: str


@dataclass(frozen=True, slots=True)
class WorkerDied(Exception):
    """Two processes of the command died over a block of lines. `how` says how, `lines` which."""

    how: str
    lines: str


ASSESSMENT_ERRORS = (
    StrictJSONError,
    IncidentTooLong,
    RefusedIncident,
    PackUnavailable,
    RuleConflict,
    BudgetExceeded,
    EngineDisagreement,
)
"""The errors that reading and assessing an incident raise on purpose."""


def details(
    status: int, detail: str | None = None, code: str | None = None, **more: Any
) -> dict[str, Any]:
    """The problem for this status. If no detail is given, the title is the detail.

    A status from 400 to 599 that HTTP does not define is understood as 400 or 500 (RFC 9110, section 15).
    """
    known = status if status in CODES else status // 100 * 100
    code = code or CODES[known]
    return {
        "type": f"/docs#problem-{code}",
        "title": TITLES[known],
        "status": status,
        "code": code,
        "detail": detail or TITLES[known],
        **more,
    }


def details_of(error: Exception) -> dict[str, Any]:
    """The problem for one of ASSESSMENT_ERRORS. Any other error is a fault of the server, and the problem says only that."""
    match error:
        case StrictJSONError(code=code, detail=detail):
            return details(400, detail, code)
        case IncidentTooLong():
            return details(413, "an incident may have at most 1 MiB")
        case RefusedIncident(errors=errors):
            count = "1 field is" if len(errors) == 1 else f"{len(errors)} fields are"
            listed = [asdict(one) for one in errors]
            return details(422, f"{count} wrong; see errors", errors=listed)
        case PacksNotLoaded():
            return details(503, "this worker has just started and still loads the packs; try again")
        case PackUnavailable():
            return details(503, "this pack's files have errors; /readyz lists them")
        case RuleConflict(output=output, rules=rules):
            detail = f"rules contradict each other on '{output}'; their author must correct them"
            return details(500, detail, "rule-conflict", output=output, rules=list(rules))
        case BudgetExceeded(rules=rules):
            detail = "for these facts the rules take more steps than an incident may take; their author must simplify them"
            return details(500, detail, "budget-exceeded", rules=list(rules))
        case EngineDisagreement(rules=rules):
            detail = "the two matchers disagree on these rules, so no answer can be trusted"
            return details(500, detail, "engine-disagreement", rules=list(rules))
        case UnreadableInput(reason=reason):
            detail = f"the file cannot be read from this line on: {reason}"
            return details(400, detail, "unreadable-input")
        case WorkerDied(how=how, lines=lines):
            detail = f"two processes that assessed {lines} died; the second {how}"
            return details(500, detail, "worker-died")
    return details(500, "this is an error of the server; quote the request_id when you report it")
