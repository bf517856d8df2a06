"""A small run gives the page's tables. bench reports missing programs before it measures."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bench import decide, growth, large_packs, looking_ahead, request_parts, start_reload
from bench.echo import app as echo
from bench.figures import Section, Verdict
from bench.match import hold, section, synthetic_contest
from bench.ours import both, reference
from bench.page import page
from bench.rounds import Timing, side_by_side
from bench.synthetic import Shape
from service.language.model import Pack
from tests.bench.python_peer import python
from tests.packs import default_pack
from tests.server import ROOT

ENTRIES = (reference, both, python)


def some_cases(number: int) -> Pack:
    """The default pack with the first cases only."""
    return replace(default_pack(), cases=default_pack().cases[:number])


def test_a_small_contest_gives_the_tables_of_match_decide_and_growth(tmp_path: Path) -> None:
    result = hold(synthetic_contest(Shape(20), tmp_path / "pack"), ENTRIES, rounds=1)
    assert result.fastest_peer == "Python"
    pack = some_cases(20)
    step = [result, result]
    sections = [
        section([result]),
        decide.section(decide.measured(pack, rounds=1), result),
        growth.section([(name, (20, 20), step) for name in ("rules", "facts", "firing rules")]),
        large_packs.section(large_packs.measured(tmp_path / "large", sizes=(20, 30))),
    ]
    text = page("a test", ["- a machine"], sections)
    for line in (
        "# Benchmarks",
        "## Targets",
        "## Match",
        "## Decide",
        "## Growth",
        "## Large packs",
        "- a machine",
    ):
        assert line in text.splitlines()
    for name in ("Tocsin, reference", "Tocsin, both", "Python"):
        assert text.count(f"\n| {name} | ") >= 4


def test_the_time_that_contingency_and_explanation_add_is_measured_for_every_case() -> None:
    added = looking_ahead.Added({"contingency": [1.0, 60.0, 2.0], "explain: full": [0.5, 0.5, 0.5]})
    told = looking_ahead.section(added)
    assert "| contingency | 2.0 | 60.0 | 60.0 |" in told.lines
    assert [verdict.reached for verdict in told.verdicts] == [False]
    found = looking_ahead.measured(some_cases(3), repeats=1)
    assert {name: len(costs) for name, costs in found.milliseconds.items()} == {
        "contingency": 3,
        "explain: full": 3,
    }


def test_every_part_of_a_request_is_in_its_table() -> None:
    lines = request_parts.section(request_parts.measured(rounds=1), None).lines
    parts = [line.split(" | ")[0] for line in lines if line.startswith("| ")]
    assert [part[2:].split(":")[0].split(" ")[0] for part in parts] == [
        "part", "JSON", "body", "facts", "environment", "reference", "rete", "relaxed", "JSON", "metrics", "Flask",
    ]  # fmt: skip


def test_a_reload_is_measured_on_the_real_server(tmp_path: Path) -> None:
    [seconds] = start_reload.reloads(1, tmp_path)
    assert seconds > 0
    waits = start_reload.Waits(first_start=[0.5], next_start=[0.4], reload=[1.2])
    assert [verdict.reached for verdict in start_reload.section(waits).verdicts] == [True, False]


def test_a_missed_target_is_marked() -> None:
    verdicts = [
        Verdict("this", "≥ 2", "3", reached=True),
        Verdict("that", "≥ 2", "1", reached=False, bound="the clock"),
    ]
    text = page("a test", [], [Section("Some", ["text"], verdicts)])
    assert "| this | ≥ 2 | 3 | yes |  |" in text
    assert "| that | ≥ 2 | 1 | **no** | the clock |" in text


def test_a_timing_is_the_median_of_its_rounds_with_their_spread() -> None:
    timing = Timing((5.0, 1.0, 2.0, 3.0, 4.0))
    assert timing.seconds == 3.0
    assert timing.spread == pytest.approx(1 / 3)


def test_all_tasks_take_part_in_every_round_after_a_warm_up() -> None:
    calls = {"first": 0, "second": 0}

    def counting(name: str) -> int:
        calls[name] += 1
        return sum(range(2000)) and 1

    timings = side_by_side({name: partial(counting, name) for name in calls}, rounds=2)
    assert set(timings) == set(calls)
    assert all(len(timing.rounds) == 2 for timing in timings.values())
    assert all(count > 2 for count in calls.values())


def test_the_echo_returns_the_json_it_received() -> None:
    client = echo.test_client()
    body = {"facts": {"a": [1, 2.5, "文"]}}
    assert client.post("/v1/assessments", data=json.dumps(body)).json == body
    lines = b'{"a": 1}\n{"a": 2}\n'
    assert client.post("/v1/assessments/batch", data=lines).data == b'{"a": 1}\n{"a": 2}'


def test_bench_reports_missing_programs_and_does_not_measure(tmp_path: Path) -> None:
    target = tmp_path / "page.md"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--page", str(target)],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "wrk is needed for the HTTP figures" in done.stderr
    assert not target.exists()
