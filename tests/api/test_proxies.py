"""What a caller or a proxy says about the address of a request changes no path, no scheme and no redirect."""

from __future__ import annotations

import pytest

from tests.server import Server

EVIL = "evil.example"
FORWARDED = {
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/x",
    "X-Forwarded-Port": "444",
    "X-Forwarded-For": "203.0.113.9",
    "Forwarded": f"host={EVIL};proto=https",
    "X-Original-Url": "/metrics",
    "X-Rewrite-Url": "/metrics",
}
TWO_SPELLINGS = [
    "X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n",
    "X-Forwarded-Proto: https\r\nX-Forwarded-Protocol: http\r\n",
    "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n",
    "X-Forwarded-Proto: https\r\nX_Forwarded_Proto: http\r\n",
]
OTHER_SPELLINGS = [
    "//v1//packs",
    "//v1/packs",
    "/v1//packs",
    "//metrics",
    "///healthz",
    "//",
    "/docs//",
    "//evil.example/v1/packs",
    "/v1/../metrics",
    "/%2Fmetrics",
]


def asked(server: Server, target: str, headers: str = "") -> tuple[int, str]:
    """The status and the whole answer, for a request whose Host is not this server."""
    data = f"GET {target} HTTP/1.1\r\nHost: {EVIL}\r\n{headers}Connection: close\r\n\r\n"
    answer = server.raw(data.encode()).decode()
    return int(answer.split(" ", 2)[1]), answer


@pytest.mark.parametrize("target", OTHER_SPELLINGS)
def test_another_spelling_of_an_address_is_not_found_and_not_redirected(
    server: Server, target: str
) -> None:
    status, answer = asked(server, target)
    assert (status, '"code":"not-found"' in answer) == (404, True)
    assert "location:" not in answer.lower()
    assert EVIL not in answer


@pytest.mark.parametrize("target", ["/", f"http://{EVIL}/", "/?x=1"])
def test_the_only_redirect_leads_to_a_path_of_this_server(server: Server, target: str) -> None:
    headers = "".join(f"{name}: {value}\r\n" for name, value in FORWARDED.items())
    status, answer = asked(server, target, headers)
    assert status == 303
    assert "\r\nLocation: /docs\r\n" in answer
    assert EVIL not in answer


@pytest.mark.parametrize("target", ["/openapi.json", "/docs", "/v1/packs", "/nothing", "/readyz"])
def test_no_answer_quotes_the_host_of_a_request(server: Server, target: str) -> None:
    headers = "".join(f"{name}: {value}\r\n" for name, value in FORWARDED.items())
    _, answer = asked(server, target, headers)
    assert EVIL not in answer
    assert _without_id(answer) == _without_id(asked(server, target)[1])


def _without_id(answer: str) -> list[str]:
    """The lines of an answer that are the same each time."""
    ids = ("x-request-id:", "date:", '{"type"')
    return [line for line in answer.split("\r\n") if not line.lower().startswith(ids)]


@pytest.mark.parametrize("header", ["SCRIPT_NAME", "Script-Name", "X-Script-Name", "PATH_INFO"])
def test_a_header_moves_no_path(server: Server, header: str) -> None:
    for prefix in ("/x", "/healthz", "/v1"):
        assert asked(server, "/healthz", f"{header}: {prefix}\r\n")[0] == 200
        assert asked(server, f"{prefix}/metrics", f"{header}: {prefix}\r\n")[0] == 404


@pytest.mark.parametrize("headers", TWO_SPELLINGS)
def test_two_spellings_of_the_scheme_are_no_error(server: Server, headers: str) -> None:
    assert asked(server, "/healthz", headers)[0] == 200
