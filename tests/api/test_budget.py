"""Requests that would take minutes without a budget, on the real server: each is answered, and other clients meanwhile.

Without a budget these tests fail: their clients wait 30 seconds for an answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.packs import PLAIN_PACK, plain_pack
from tests.semantics.random_packs import text_of
from tests.server import Server, running

AT_ONCE = 8
LENGTH = 200
LISTS = ("l.one", "l.two", "l.three")
NESTED = "l.one.exists(w, l.two.exists(x, l.three.exists(y, l.one.exists(z, w + x == y + z + z))))"
PACK = PLAIN_PACK.replace(
    "values: {high: {level: 1}, middle: {level: 2}, low: {level: 3}}",
    "values: {high: {level: 1}, middle: {level: 2}, low: {level: 3}, none: {level: 4}}",
).replace("default: low", "default: none")
FACTS = {
    "facts": {
        "t.nested": {"type": "boolean", "assume": False, "text": {"en": "nested"}},
        **{name: {"type": "list", "of": "string", "text": {"en": name}} for name in LISTS},
    }
}
RULES = [
    ("r.nested", f"t.nested && {NESTED}", "high"),
    ("r.high", "l.one.exists(x, l.two.exists(y, x == y + y))", "high"),
    ("r.middle", "l.one.exists(x, l.two.exists(y, x + x == y))", "middle"),
    ("r.low", "l.one.exists(x, l.two.exists(y, x + y == y + x && x != y))", "low"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("budget")
    rules = [
        {"id": name, "when": when, "then": {"level": level}, "because": {"en": "r"}}
        for name, when, level in RULES
    ]
    pack = PACK + "contingency: {output: level}\n"
    (folder / "packs").mkdir()
    plain_pack(
        folder / "packs" / "plain", text_of({"rules": rules}), facts=text_of(FACTS), pack=pack
    )
    with running(folder / "packs", folder / "log") as serving:
        yield serving


def body(nested: bool, **more: Any) -> dict[str, Any]:
    texts = [[f"{letter}{n:05}" for n in range(LENGTH)] for letter in "abc"]
    lists = dict(zip(("one", "two", "three"), texts, strict=True))
    facts = {"l": lists, "t": {"nested": nested}}
    return {"facts": facts, "as_of": "2026-01-01T00:00:00Z", **more}


def test_nested_loops_over_long_lists_are_a_problem_that_names_the_rule(
    server: Server,
) -> None:
    reply = server.post(body(nested=True))
    assert (reply.status, reply.json["code"]) == (500, "budget-exceeded")
    assert reply.json["rules"] == ["r.nested"]
    (line,) = server.log_lines("budget-exceeded")
    assert line["rules"] == ["r.nested"]


def test_a_contingency_over_two_long_lists_says_what_was_not_searched(server: Server) -> None:
    asked = body(nested=False, contingency=True)
    reply = server.post(asked)
    assert reply.status == 200
    assert reply.json["contingency"]["not_searched"] == ["low", "middle", "high"]
    again = server.post(asked).json
    assert {**again, "assessment_id": reply.json["assessment_id"]} == reply.json


def test_a_line_of_a_batch_beyond_its_budget_affects_no_other(server: Server) -> None:
    bodies = [body(nested=True), {"facts": {}}]
    batch = "\n".join(map(json.dumps, bodies)).encode()
    kind = {"Content-Type": "application/x-ndjson"}
    reply = server.request("POST", "/v1/assessments/batch", batch, kind)
    first, second = map(json.loads, reply.body.splitlines())
    assert (first["code"], first["line"], first["status"]) == ("budget-exceeded", 1, 500)
    assert second["level"]["code"] == "none"


def test_the_server_answers_other_clients_during_eight_such_requests(server: Server) -> None:
    bodies = [body(nested=n % 2 == 0, contingency=True) for n in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as clients:
        replies = [clients.submit(server.post, one) for one in bodies]
        while not all(reply.done() for reply in replies):
            assert server.get("/healthz").status == 200
    assert [reply.result().status for reply in replies] == [500, 200] * (AT_ONCE // 2)
