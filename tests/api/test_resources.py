"""The answers of each address: packs, health, documents, and the problems of HTTP itself."""

from __future__ import annotations

import json
import re

import pytest

from schemas.health import ReadinessSchema
from schemas.pack_views import PackListSchema, PackSchema
from schemas.problem_details import ProblemSchema
from service.problem_details import CODES, FINER_CODES
from tests.server import Server

JSON = {"Content-Type": "application/json"}


def test_the_packs_are_listed_with_their_digests(server: Server) -> None:
    reply = server.get("/v1/packs")
    assert PackListSchema().validate(reply.json) == {}
    (pack,) = reply.json["packs"]
    assert pack["default"] is True
    assert re.fullmatch("[0-9a-f]{64}", pack["digest"])


def test_a_pack_is_shown_in_every_language_or_in_one(server: Server) -> None:
    both = server.get("/v1/packs/pr_crisis").json
    assert PackSchema().validate(both) == {}
    assert both["title"] == {"zh": "公关危机", "en": "PR crisis"}
    english = server.get("/v1/packs/pr_crisis?locale=en").json
    assert english["title"] == "PR crisis"
    assert len(english["rules"]) == len(both["rules"]) > 100
    assert not re.search("[\u4e00-\u9fff]", json.dumps(english["facts"][0]["text"]))


def test_a_rule_is_shown_as_it_is_written(server: Server) -> None:
    rules = server.get("/v1/packs/pr_crisis?locale=en").json["rules"]
    rule = next(rule for rule in rules if rule["id"] == "impact.red.deaths")
    assert rule["when"] == "harm.deaths >= 1"
    assert rule["then"] == {"impact": "red"}
    assert rule["place"].startswith("30_impact.yaml:")


def test_readiness_names_the_packs_and_their_digests(server: Server) -> None:
    reply = server.get("/readyz")
    assert reply.status == 200
    assert ReadinessSchema().validate(reply.json) == {}
    assert reply.json["problems"] == []


def test_health_is_ok(server: Server) -> None:
    assert server.get("/healthz").json == {"status": "ok"}


HTTP_PROBLEMS = {
    "no such address": ("GET", "/v1/nothing", b"", {}, 404, "not-found"),
    "no such pack": ("GET", "/v1/packs/nope", b"", {}, 404, "not-found"),
    "a path with ..": ("GET", "/v1/packs/..%2f..%2fetc", b"", {}, 404, "not-found"),
    "the wrong method": ("GET", "/v1/assessments", b"", {}, 405, "method-not-allowed"),
    "deleting a pack": ("DELETE", "/v1/packs", b"", {}, 405, "method-not-allowed"),
    "no content type": ("POST", "/v1/assessments", b"{}", {}, 415, "unsupported-media-type"),
    "a form": (
        "POST",
        "/v1/assessments",
        b"facts=1",
        {"Content-Type": "application/x-www-form-urlencoded"},
        415,
        "unsupported-media-type",
    ),
    "another charset": (
        "POST",
        "/v1/assessments",
        b"{}",
        {"Content-Type": "application/json; charset=gbk"},
        415,
        "unsupported-media-type",
    ),
    "compressed": (
        "POST",
        "/v1/assessments",
        b"{}",
        {**JSON, "Content-Encoding": "br"},
        415,
        "unsupported-media-type",
    ),
    "an unknown language of a pack": (
        "GET",
        "/v1/packs/pr_crisis?locale=tlh",
        b"",
        {},
        422,
        "invalid-request",
    ),
}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    HTTP_PROBLEMS.values(),
    ids=HTTP_PROBLEMS,
)
def test_every_problem_has_one_shape(
    server: Server,
    method: str,
    path: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    reply = server.request(method, path, body, headers)
    assert reply.headers["content-type"] == "application/problem+json"
    assert ProblemSchema().validate(reply.json) == {}
    assert (reply.status, reply.json["code"]) == (status, code)
    assert reply.json["request_id"] == reply.headers["x-request-id"]


def test_405_lists_the_allowed_methods(server: Server) -> None:
    assert "POST" in server.get("/v1/assessments").headers["allow"]


def test_a_request_id_is_kept_if_it_has_the_allowed_form(server: Server) -> None:
    given = server.request("GET", "/healthz", headers={"X-Request-Id": "abc-123"})
    assert given.headers["x-request-id"] == "abc-123"
    refused = server.request("GET", "/healthz", headers={"X-Request-Id": "a b;<c>"})
    assert refused.headers["x-request-id"] != "a b;<c>"


def test_openapi_has_the_facts_of_the_pack_and_every_address(server: Server) -> None:
    document = server.get("/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert {"/v1/assessments", "/v1/packs", "/v1/packs/{name}", "/healthz", "/readyz"} <= set(
        document["paths"]
    )
    schemas = document["components"]["schemas"]
    harm, null = schemas["Facts-pr_crisis"]["properties"]["harm"]["anyOf"]
    assert (harm, null) == ({"$ref": "#/components/schemas/Facts-pr_crisis.harm"}, {"type": "null"})
    deaths = schemas["Facts-pr_crisis.harm"]["properties"]["deaths"]
    bare, null, reported = deaths["anyOf"]
    assert (bare["type"], bare["minimum"], null) == ("integer", 0, {"type": "null"})
    assert reported == {"$ref": "#/components/schemas/Reported-integer-from-0"}
    assert schemas["Reported-integer-from-0"]["properties"]["value"] == {"anyOf": [bare, null]}


def test_openapi_describes_a_request_as_far_as_json_schema_can(server: Server) -> None:
    document = server.get("/openapi.json").json
    schemas = document["components"]["schemas"]
    assert schemas["Incident"] == {"anyOf": [{"$ref": "#/components/schemas/Incident-pr_crisis"}]}
    incident = schemas["Incident-pr_crisis"]["properties"]
    name, null = incident["pack"]["anyOf"]
    assert (name["const"], null) == ("pr_crisis", {"type": "null"})
    locale, null = incident["locale"]["anyOf"]
    assert locale["examples"] == ["zh", "en", "both"]
    written = re.compile(locale["pattern"])
    assert all(map(written.search, ("zh", "en", "both", "zh-CN", "en_US")))
    assert not any(map(written.search, ("fr", "zhx", "both-CN", "")))
    previous, null = incident["previous"]["anyOf"]
    assert previous == {"$ref": "#/components/schemas/Previous-pr_crisis"}
    assert schemas["Previous-pr_crisis"]["required"] == ["as_of"]
    assert "grade" in schemas["PreviousOutputs-pr_crisis"]["properties"]
    first_post = schemas["Facts-pr_crisis.source"]["properties"]["first_post"]
    text = first_post["anyOf"][0]
    assert (text["maxLength"], text["pattern"]) == (4096, r"^[^\u0000]*$")
    (name,) = document["paths"]["/v1/packs/{name}"]["parameters"]
    assert name["schema"] == {"$ref": "#/components/schemas/PackName"}
    assert schemas["PackName"]["enum"] == ["pr_crisis"]


def test_openapi_describes_the_problems_of_a_batch_and_of_a_line(server: Server) -> None:
    document = server.get("/openapi.json").json
    responses = document["paths"]["/v1/assessments/batch"]["post"]["responses"]
    statuses = {"200", "400", "401", "403", "406", "408", "413", "415", "422", "503"}
    assert statuses == set(responses)
    assert "line" in document["components"]["schemas"]["Problem"]["properties"]
    assert all("X-Request-Id" in response["headers"] for response in responses.values())


def test_every_reference_in_openapi_has_a_target(server: Server) -> None:
    raw = server.get("/openapi.json").body.decode()
    schemas = json.loads(raw)["components"]["schemas"]
    found = set(re.findall('"#/components/schemas/([^"]+)"', raw))
    assert found
    assert found <= set(schemas)


def test_every_problem_code_is_documented(server: Server) -> None:
    listed = {problem["code"] for problem in server.get("/openapi.json").json["x-problems"]}
    assert listed == {*CODES.values(), *(code for codes in FINER_CODES.values() for code in codes)}


def test_the_page_loads_everything_from_this_server(server: Server) -> None:
    page = server.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assets = re.findall('(?:src|href)="([^"#]+)"', page.body.decode())
    for asset in set(assets) - {"data:,"}:
        assert asset.startswith("/")
        assert server.get(asset).status == 200
    assert server.get("/docs/secrets.env").status == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_root_redirects_to_the_page(server: Server, method: str) -> None:
    reply = server.request(method, "/?from=mail", headers={"Accept": "text/html"})
    assert (reply.status, reply.headers["location"]) == (303, "/docs")
    assert server.get(reply.headers["location"]).headers["content-type"].startswith("text/html")


def test_the_root_allows_no_other_method(server: Server) -> None:
    reply = server.request("POST", "/", b"{}", JSON)
    assert (reply.status, reply.json["code"]) == (405, "method-not-allowed")
    assert "GET" in reply.headers["allow"]


def test_the_root_is_counted_by_itself_and_is_no_part_of_openapi(server: Server) -> None:
    server.get("/")
    sample = 'tocsin_requests_total{resource="documentation.root",status="303"}'
    assert sample in server.metrics()
    assert not {"/", "/docs"} & set(server.get("/openapi.json").json["paths"])
