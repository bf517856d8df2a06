"""An HTTP error that is raised, or aborted with a response, becomes a problem and keeps its status and headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from schemas.problem_details import ProblemSchema
from tests.packs import copy_of_harbour
from tests.raising_server import KEPT, OF_THE_BODY, SECRET
from tests.server import Reply, Server, running

CODES = {
    400: "bad-request",
    401: "unauthorized",
    402: "payment-required",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    407: "proxy-authentication-required",
    408: "request-timeout",
    409: "conflict",
    410: "gone",
    411: "length-required",
    412: "precondition-failed",
    413: "body-too-large",
    414: "request-uri-too-long",
    415: "unsupported-media-type",
    416: "requested-range-not-satisfiable",
    417: "expectation-failed",
    418: "im-a-teapot",
    421: "misdirected-request",
    422: "invalid-request",
    423: "locked",
    424: "failed-dependency",
    425: "too-early",
    426: "upgrade-required",
    428: "precondition-required",
    429: "too-many-requests",
    431: "request-header-fields-too-large",
    451: "unavailable-for-legal-reasons",
    500: "internal-error",
    501: "not-implemented",
    502: "bad-gateway",
    503: "busy",
    504: "gateway-timeout",
    505: "http-version-not-supported",
    506: "variant-also-negotiates",
    507: "insufficient-storage",
    508: "loop-detected",
    510: "not-extended",
    511: "network-authentication-required",
}
UNDEFINED = {419: "bad-request", 499: "bad-request", 509: "internal-error", 599: "internal-error"}
OLDER_THAN_THE_PHRASES = {413, 422, 500, 503}
RENAMED_IN_PYTHON_3_13 = {414, 416}
STATUSES = [*CODES.items(), *UNDEFINED.items()]


@pytest.fixture(scope="module")
def raising(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("raising")
    (folder / "packs").mkdir()
    copy_of_harbour(folder / "packs")
    application = "tests.raising_server:create_app()"
    with running(folder / "packs", folder / "log", application) as started:
        yield started


def heads(server: Server, path: str, method: str = "GET") -> list[str]:
    """The header lines as they are sent. A mapping would lose the second header with the same name."""
    request = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    head, _, _ = server.raw(request.encode()).partition(b"\r\n\r\n")
    return head.decode("latin-1").split("\r\n")[1:]


def assert_problem(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.json["status"], reply.json["code"]) == (status, status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert ProblemSchema().validate(reply.json) == {}
    assert reply.json["type"] == f"/docs#problem-{code}"
    assert reply.json["request_id"] == reply.headers["x-request-id"]


def test_the_table_has_every_error_status_of_python() -> None:
    assert set(CODES) == {status.value for status in HTTPStatus if status >= 400}


def test_a_code_is_the_phrase_in_kebab_case_unless_it_is_older() -> None:
    for status in set(CODES) - OLDER_THAN_THE_PHRASES - RENAMED_IN_PYTHON_3_13:
        phrase = HTTPStatus(status).phrase.lower().replace("'", "")
        assert CODES[status] == re.sub("[^a-z]+", "-", phrase)


def test_openapi_lists_every_status_with_its_code_and_a_title(raising: Server) -> None:
    listed = raising.get("/openapi.json").json["x-problems"]
    assert set(CODES.items()) <= {(one["status"], one["code"]) for one in listed}
    assert all(one["title"] for one in listed)


@pytest.mark.parametrize("way", ["raised", "aborted"])
@pytest.mark.parametrize(("status", "code"), STATUSES)
def test_an_error_keeps_its_status_and_all_headers_but_those_of_its_body(
    raising: Server, way: str, status: int, code: str
) -> None:
    assert_problem(raising.get(f"/{way}/{status}"), status, code)
    sent = heads(raising, f"/{way}/{status}")
    assert [f"{name}: {value}" for name, value in KEPT if f"{name}: {value}" not in sent] == []
    assert [f"{name}: {value}" for name, value in OF_THE_BODY if f"{name}: {value}" in sent] == []
    assert len([line for line in sent if line.startswith("Cache-Control")]) == 1


@pytest.mark.parametrize("way", ["raised", "aborted"])
@pytest.mark.parametrize("status", [401, 503, 499])
def test_head_gets_the_same_headers_without_a_body(raising: Server, way: str, status: int) -> None:
    asked = raising.get(f"/{way}/{status}")
    reply = raising.request("HEAD", f"/{way}/{status}")
    own = {"date", "x-request-id"}
    assert (reply.status, reply.body) == (status, b"")
    assert {n: v for n, v in reply.headers.items() if n not in own} == {
        n: v for n, v in asked.headers.items() if n not in own
    }


def test_a_replaced_body_is_not_in_the_problem(raising: Server) -> None:
    reply = raising.get("/aborted/502")
    assert SECRET.encode() not in reply.body
    assert reply.json["detail"] == reply.json["title"]


def test_401_keeps_every_way_to_authenticate(raising: Server) -> None:
    assert_problem(raising.get("/unauthorized"), 401, "unauthorized")
    sent = heads(raising, "/unauthorized")
    assert 'WWW-Authenticate: Basic realm="the desk"' in sent
    assert len([line for line in sent if line.startswith("WWW-Authenticate: ")]) == 2


def test_429_keeps_retry_after_and_its_description(raising: Server) -> None:
    reply = raising.get("/too-many")
    assert_problem(reply, 429, "too-many-requests")
    assert reply.headers["retry-after"] == "7"
    assert reply.json["detail"] == "ten requests a second are allowed"


def test_416_keeps_the_size_of_the_resource(raising: Server) -> None:
    reply = raising.get("/range")
    assert_problem(reply, 416, "requested-range-not-satisfiable")
    assert reply.headers["content-range"] == "bytes */100"


def test_the_status_of_an_error_is_that_of_its_response_not_of_its_class(raising: Server) -> None:
    reply = raising.get("/class-and-response")
    assert_problem(reply, 410, "gone")
    assert reply.headers["retry-after"] == "9"


def test_a_description_that_is_not_text_is_not_in_the_problem(raising: Server) -> None:
    reply = raising.get("/data-for-words")
    assert_problem(reply, 400, "bad-request")
    assert SECRET.encode() not in reply.body


@pytest.mark.parametrize(
    "path", ["/without-status", "/raised/100", "/raised/600", "/aborted/600", "/aborted/999"]
)
def test_an_error_without_a_status_of_an_error_is_an_internal_error_and_logged(
    raising: Server, path: str
) -> None:
    reply = raising.get(path)
    assert_problem(reply, 500, "internal-error")
    assert SECRET.encode() not in reply.body
    assert "retry-after" not in reply.headers
    faults = {line["request_id"] for line in raising.log_lines("internal-error")}
    assert reply.json["request_id"] in faults


def test_a_redirect_is_not_an_error(raising: Server) -> None:
    reply = raising.get("/redirected")
    assert (reply.status, reply.headers["location"]) == (307, "/v1/packs")


@pytest.mark.parametrize("path", ["/v1//packs", "//v1/packs"])
def test_a_redirect_that_the_routing_would_make_from_the_host_is_not_found(
    raising: Server, path: str
) -> None:
    reply = raising.get(path)
    assert (reply.status, reply.json["code"], "location" in reply.headers) == (
        404,
        "not-found",
        False,
    )


def test_a_response_that_is_not_an_error_stays_as_it_is(raising: Server) -> None:
    reply = raising.get("/finished")
    assert (reply.status, reply.body) == (200, b"done")


def test_a_header_that_http_does_not_allow_is_left_out_and_logged(raising: Server) -> None:
    reply = raising.get("/unsendable")
    assert_problem(reply, 403, "forbidden")
    names = {name for name in reply.headers if name.startswith("x-")}
    assert names == {"x-good", "x-number", "x-request-id", "x-content-type-options"}
    left_out = {
        line["header"]
        for line in raising.log_lines("header-left-out")
        if line["request_id"] == reply.json["request_id"]
    }
    assert left_out == {"X-Break", "X-Wide", "X-Control", "X Space", "X-Colon: 1\r\nX-Injected"}


def test_a_header_of_an_error_replaces_no_header_that_every_answer_has(raising: Server) -> None:
    reply = raising.get("/unsendable")
    assert SECRET not in reply.headers["x-request-id"]
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_the_request_log_has_status_and_code(raising: Server) -> None:
    request_id = raising.get("/aborted/423").json["request_id"]
    (line,) = [line for line in raising.log_lines("request") if line["request_id"] == request_id]
    assert (line["status"], line["problem"]) == (423, "locked")
