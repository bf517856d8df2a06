"""TOCSIN_CROSS_CHECK: two matchers judge a share of the answers. Where the server tells what was checked, it tells the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.test_metrics import value
from tests.lying_server import ORDERS
from tests.packs import copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

STORM = {"facts": {"wind": {"speed": 30}}, "as_of": "2026-05-01T00:00:00Z"}
NDJSON = {"Content-Type": "application/x-ndjson"}
POSTS = 60
"""That chance, at a half, draws all of them or none is out of the question."""
CHECKED = 'tocsin_cross_checked_answers_total{pack="harbour"}'
UNCHECKED = 'tocsin_not_cross_checked_answers_total{pack="harbour"}'


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("orders") / "orders"
    file.write_text("", "utf-8")
    return file


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, orders: Path) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("half")
    (folder / "packs").mkdir()
    copy_of_harbour(folder / "packs")
    settings = {ORDERS: str(orders), "TOCSIN_CROSS_CHECK": "0.5"}
    application = "tests.lying_server:create_app()"
    with running(folder / "packs", folder / "log", application, **settings) as started:
        yield started


def batch(server: Server) -> list[bytes]:
    lines = json.dumps(STORM).encode() + b"\n"
    reply = server.request("POST", "/v1/assessments/batch", lines * POSTS, NDJSON)
    return reply.body.splitlines()


def test_the_share_stands_where_an_operator_looks(server: Server) -> None:
    assert server.get("/readyz").json["cross_check"] == 0.5
    assert value(server.metrics(), "tocsin_cross_check_share") == 0.5
    assert {line["cross_check"] for line in server.log_lines("worker-started")} == {0.5}


def test_log_and_metrics_tell_what_was_checked_and_the_answers_do_not_differ(
    server: Server,
) -> None:
    assert len({server.post(STORM).body for _ in range(POSTS)}) == 1
    eventually(lambda: len(server.log_lines("request")) >= POSTS)
    drawn = [line["cross_checked"] for line in server.log_lines("request") if "pack" in line]
    assert len(batch(server)) == POSTS
    (line,) = server.log_lines("batch")
    text = server.metrics()
    assert 0 < drawn.count(True) < POSTS
    assert 0 < line["cross_checked"] < POSTS
    assert value(text, CHECKED) == drawn.count(True) + line["cross_checked"]
    assert value(text, CHECKED) + value(text, UNCHECKED) == 2 * POSTS


def test_of_wrong_matches_those_are_noticed_that_were_drawn(server: Server, orders: Path) -> None:
    orders.write_text("miss", "utf-8")
    refused = sum(b'"engine-disagreement"' in line for line in batch(server))
    orders.write_text("", "utf-8")
    assert 0 < refused < POSTS
    assert value(server.metrics(), "tocsin_engine_disagreements_total") == refused
    assert server.log_lines("batch")[-1]["cross_checked"] == 0
