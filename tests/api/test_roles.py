"""Who may: roles and addresses, and how a request is refused. The application answers here without a server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from schemas.problem_details import ProblemSchema
from service.access.admission import admits
from service.access.token_watcher import TokenWatcher
from service.api.application import make_app
from service.config import Config, ConfigError, read_server_settings
from tests.tokens import TOKENS, UNKNOWN, bearer, file_of_tokens

JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
ALL = frozenset({"post", "read", "operate"})
MAY = {
    "POST /v1/assessments": {"post"},
    "POST /v1/assessments/batch": {"post"},
    "GET /v1/packs": ALL,
    "GET /v1/packs/<string:name>": ALL,
    "GET /v1/packs/<string:name>/facts": ALL,
    "GET /v1/packs/<string:name>/actions": ALL,
    "GET /v1/packs/<string:name>/outputs": ALL,
    "GET /v1/packs/<string:name>/rules": ALL,
    "GET /v1/packs/<string:name>/brands": ALL,
    "GET /v1/packs/<string:name>/brands/<string:brand>": ALL,
    "GET /openapi.json": ALL,
    "GET /metrics": {"operate"},
}
"""The table a second time: who may. All other addresses are open."""
WITHOUT_TOKEN = {
    "GET /healthz",
    "GET /readyz",
    "GET /",
    "GET /docs",
    "GET /docs/<any('docs.css', 'docs.js'):name>",
}


@pytest.fixture(scope="module")
def app(packs: Path) -> Flask:
    file = file_of_tokens(packs.with_name("tokens-of-app"))
    return make_app(Config(packs=packs, state=packs.with_name("state"), tokens=file))


def asked(app: Flask, address: str, headers: Mapping[str, str]) -> Any:
    method, path = address.split(" ", 1)
    path = re.sub("<any.*>", "docs.css", path).replace("<string:name>", "harbour")
    path = path.replace("/<string:brand>", "")
    data = b'{"facts": {}}' if method == "POST" else None
    kind = (NDJSON if path.endswith("batch") else JSON) if data else {}
    return app.test_client().open(
        path, method=method, data=data, headers={**kind, **headers}, buffered=True
    )


def test_every_address_is_in_the_table(app: Flask) -> None:
    found = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == set(MAY) | WITHOUT_TOKEN


@pytest.mark.parametrize("address", MAY)
def test_only_these_roles_may(app: Flask, address: str) -> None:
    for role, token in TOKENS.items():
        reply = asked(app, address, bearer(token))
        assert reply.status_code == (200 if role in MAY[address] else 403), role
    for headers in ({}, bearer(UNKNOWN), {"Authorization": f"Basic {TOKENS['post']}"}):
        assert asked(app, address, headers).status_code == 401


@pytest.mark.parametrize("address", sorted(WITHOUT_TOKEN))
def test_these_addresses_are_open(app: Flask, address: str) -> None:
    for headers in ({}, bearer(UNKNOWN), bearer(TOKENS["post"])):
        assert asked(app, address, headers).status_code in (200, 303)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/v1/packs", 401),
        ("HEAD", "/healthz", 200),
        ("OPTIONS", "/v1/assessments", 200),
        ("OPTIONS", "/metrics", 200),
        ("GET", "/v1/packs/none", 401),
        ("GET", "/v1/nothing", 404),
        ("GET", "/metrics/", 401),
        ("GET", "/metrics//", 404),
        ("DELETE", "/v1/packs", 405),
        ("GET", "/v1/assessments", 405),
        ("GET", "/docs/other.js", 404),
        ("GET", f"/v1/packs?access_token={TOKENS['read']}", 401),
    ],
)
def test_without_a_token(app: Flask, method: str, path: str, status: int) -> None:
    assert app.test_client().open(path, method=method).status_code == status


def test_an_address_that_has_no_row_is_for_no_role(packs: Path, app: Flask) -> None:
    other = make_app(Config(packs=packs, state=packs.with_name("state"), tokens=_tokens(packs)))
    other.add_url_rule("/new", view_func=lambda: "secret")
    for token in TOKENS.values():
        assert other.test_client().get("/new", headers=bearer(token)).status_code == 403
    assert other.test_client().get("/new").status_code == 401


def _tokens(packs: Path) -> Path:
    return packs.with_name("tokens-of-app")


REFUSALS = {
    "no token": ({}, "GET /metrics", 401, 'Bearer realm="tocsin"'),
    "an unknown token": (
        bearer(UNKNOWN),
        "GET /metrics",
        401,
        'Bearer realm="tocsin", error="invalid_token"',
    ),
    "another role": (
        bearer(TOKENS["post"]),
        "GET /metrics",
        403,
        'Bearer realm="tocsin", error="insufficient_scope", scope="operate"',
    ),
}


@pytest.mark.parametrize(("headers", "address", "status", "challenge"), REFUSALS.values())
def test_a_refusal_is_a_problem_and_says_how_to_authenticate(
    app: Flask, headers: Mapping[str, str], address: str, status: int, challenge: str
) -> None:
    reply = asked(app, address, headers)
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (status, challenge)
    assert reply.content_type == "application/problem+json"
    assert ProblemSchema().validate(reply.json) == {}
    assert reply.json["code"] == {401: "unauthorized", 403: "forbidden"}[status]
    assert reply.headers["Cache-Control"] == "no-store"
    assert not set(TOKENS.values()) & set(re.findall(r"\w+", reply.text))


SPELLINGS = [
    *("Bearer {}", "bearer {}", "BEARER {} ", "Bearer  {}", "Bearer\t{}", "Bearer {},Bearer {}"),
    *("Basic {}", "{}", "Bearer", "", "Bearer {}=", "Bearer a={}", "Bearer {} {}", "Token {}"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_body_is_received_for_every_header_that_the_application_accepts(
    app: Flask, packs: Path, spelling: str
) -> None:
    tokens = TokenWatcher(_tokens(packs)).present
    for role, token in TOKENS.items():
        header = spelling.replace("{}", token)
        answered = asked(app, "POST /v1/assessments/batch", {"Authorization": header}).status_code
        for path in ("/v1/assessments/batch", "/v1/assessments/batch/"):
            admitted = admits(tokens, "POST", path, [header])
            assert admitted == (answered == 200)
        assert admitted == (role == "post" and spelling in SPELLINGS[:4])


def test_a_long_body_is_admitted_at_an_address_that_does_not_exist_with_any_token(
    packs: Path,
) -> None:
    tokens = TokenWatcher(_tokens(packs)).present
    assert admits(tokens, "POST", "/none", [f"Bearer {TOKENS['read']}"])
    assert not admits(tokens, "POST", "/none", [f"Bearer {UNKNOWN}"])


def test_without_the_setting_no_token_is_asked_for_and_none_is_looked_at(packs: Path) -> None:
    open_app = make_app(Config(packs=packs, state=packs.with_name("state")))
    for address in MAY:
        for headers in ({}, bearer(UNKNOWN), {"Authorization": "garbage"}):
            assert asked(open_app, address, headers).status_code == 200
    assert "packs" in asked(open_app, "GET /readyz", {}).json


def test_openapi_says_what_needs_a_token(app: Flask) -> None:
    document = asked(app, "GET /openapi.json", bearer(TOKENS["read"])).json
    assert document["security"] == [{}, {"bearer": []}]
    scheme = document["components"]["securitySchemes"]["bearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert "`operate` for GET /v1/packs" in scheme["description"]
    assert document["paths"]["/healthz"]["get"]["security"] == []
    for status in ("401", "403"):
        answer = document["paths"]["/v1/packs"]["get"]["responses"][status]
        assert set(answer["headers"]) == {"WWW-Authenticate", "X-Request-Id"}
        assert status not in document["paths"]["/readyz"]["get"]["responses"]


def test_tokens_and_open_for_everyone_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match="TOCSIN_OPEN is '1', but must be '0' or empty with"):
        read_server_settings({"TOCSIN_OPEN": "1", "TOCSIN_TOKENS": "tokens"})
