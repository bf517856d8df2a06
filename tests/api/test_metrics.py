"""Metrics are summed over all workers, and the id of a request is the id of its caller's trace."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

from service.api.metrics import ANSWERS, AnswerMetrics
from service.engine.answer.summary import Summary
from service.serving.served_pack import Assessment
from tests.packs import copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

STORM = {"facts": {"wind": {"speed": 30}}}


def value(text: str, name: str) -> float:
    """The value of the sample with this name and these labels, or 0 if there is none."""
    found = re.search(f"^{re.escape(name)} (.*)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_metrics_are_plain_text(server: Server) -> None:
    reply = server.get("/metrics")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/plain")


def test_the_requests_to_all_workers_are_counted_together(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    about = copy_of_harbour(tmp_path / "packs") / "pack.yaml"
    notices = about.read_text("utf-8").replace("[alert]", "[alert]\nnotices: [crew]")
    about.write_text(notices, "utf-8")
    with running(tmp_path / "packs", tmp_path / "log") as server:
        for _ in range(50):
            server.post(STORM)
        for _ in range(3):
            server.post({"facts": {"wind": {"speed": "x"}}})
        batch = b"".join(json.dumps(STORM).encode() + b"\n" for _ in range(7))
        server.request(
            "POST", "/v1/assessments/batch", batch, {"Content-Type": "application/x-ndjson"}
        )
        text = server.metrics()
        digest = server.get("/v1/packs").json["packs"][0]["digest"]
    assert value(text, 'tocsin_requests_total{resource="assessments.assess",status="200"}') == 50
    assert value(text, 'tocsin_requests_total{resource="assessments.assess",status="422"}') == 3
    assert value(text, 'tocsin_request_seconds_count{resource="assessments.assess"}') == 53
    assert value(text, 'tocsin_answers_total{output="alert",pack="harbour",value="storm"}') == 57
    assert value(text, 'tocsin_answers_total{output="crew",pack="harbour",value="night"}') == 57
    assert value(text, 'tocsin_rules_fired_total{pack="harbour",rule="alert.storm"}') == 57
    assert value(text, "tocsin_engine_disagreements_total") == 0
    assert value(text, f'tocsin_pack{{digest="{digest}",pack="harbour"}}') == 1


def test_the_good_and_broken_reloads_of_every_worker_are_counted(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    rules = copy_of_harbour(tmp_path / "packs") / "10_alert.yaml"
    good = rules.read_text("utf-8")
    state = str(tmp_path / "state")
    with running(tmp_path / "packs", tmp_path / "log", TOCSIN_STATE=state) as server:
        rules.write_text(good.replace(">= 25", ">= 26"), "utf-8")
        eventually(lambda: reloads(server) == (2, 0))
        assert server.metrics().count("\ntocsin_pack{") == 1  # the series of the old digest ended
        rules.write_text(good.replace("wind.speed", "wind.sped"), "utf-8")
        eventually(lambda: reloads(server) == (2, 2))


def reloads(server: Server) -> tuple[float, float]:
    text = server.metrics()
    good, broken = (
        value(text, f'tocsin_reloads_total{{outcome="{outcome}"}}')
        for outcome in ("good", "broken")
    )
    return good, broken


def test_an_address_that_does_not_exist_makes_no_new_series(server: Server) -> None:
    server.get("/one/two/three")
    assert "three" not in server.metrics()


def test_the_id_of_a_trace_is_the_id_of_its_request(server: Server) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    assert server.request("GET", "/healthz", headers=headers).headers["x-request-id"] == trace
    for broken in (
        f"ff-{trace}-00f067aa0ba902b7-01",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "x",
    ):
        answer = server.request("GET", "/healthz", headers={"traceparent": broken})
        assert trace not in answer.headers["x-request-id"]
        assert answer.headers["x-request-id"] != "0" * 32


def test_sighup_loses_no_counts(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    copy_of_harbour(tmp_path / "packs")
    with running(tmp_path / "packs", tmp_path / "log") as server:
        old = server.workers()
        server.post(STORM)
        os.kill(server.master(), signal.SIGHUP)
        eventually(lambda: bool(server.workers()) and not server.workers() & old)
        server.post(STORM)
        text = server.metrics()
    assert value(text, 'tocsin_requests_total{resource="assessments.assess",status="200"}') == 2


def test_only_values_of_a_closed_set_are_labels() -> None:
    """Every other number would be a series of its own for ever."""
    for number in range(3):
        lifted = {"n": number, "f": 0.5 + number, "b": True, "e": "red", "l": ("x", str(number))}
        summary = Summary("labels", "", lifted, {}, provisional=False, fired=[])
        AnswerMetrics().assessed(Assessment("", None, "en", {}, summary))
    found = {labels[1:]: n for labels, (n,) in ANSWERS.sums().items() if labels[0] == "labels"}
    assert found == {
        ("n", "number"): 3,
        ("f", "number"): 3,
        ("b", "True"): 3,
        ("e", "red"): 3,
        ("l", "list"): 3,
    }
