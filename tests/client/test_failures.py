"""Servers that are killed, restarted, busy, slow or silent: every incident gets its one answer, or the caller is told in time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import tocsin_http
from tests.client.asking import PACKS, SETTINGS, client_of, warm
from tests.client.cuts import answers, connections_until_all_are_answered, is_each_answered_once
from tests.client.listening import relay
from tests.server import Server, running
from tests.waiting import eventually
from tocsin_http import Answer, NoAnswer, Problem, Tocsin

NEVER_WAITS = ("FIRST_WAIT_SECONDS", 1000.0)
"""With it a wait before another try is longer than the limit, so the only try must succeed."""


def same_when_asked_again(tocsin: Tocsin, answer: Answer) -> bool:
    """The same moment, so the same id and the same bytes."""
    incident = {**warm(int(answer.incident_id or "")), "as_of": answer.as_of}
    again = tocsin.assess(incident).raw
    return again == {key: answer[key] for key in answer.raw if key not in ("line", "request_id")}


def test_a_batch_goes_on_when_its_worker_is_killed(server: Server, tocsin: Tocsin) -> None:
    found = []
    for answer in tocsin.batch(map(warm, range(1_000))):
        found.append(answer)
        if answer.line == 100:
            (worker,) = server.workers()
            os.kill(worker, signal.SIGKILL)
            killed = time.time()
    right = answers(found)
    assert is_each_answered_once(right, 1_000)
    assert len({answer.request_id for answer in right}) == 2
    assert max(answer.as_of for answer in right) < time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(killed + 1)
    )
    assert all(same_when_asked_again(tocsin, right[place]) for place in (0, 500, 999))


def test_a_batch_goes_on_when_the_whole_server_is_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tocsin_http, "MOST_WAIT_SECONDS", 0.5)
    ended = threading.Event()

    def started_again(bind: str) -> None:
        (tmp_path / "second").mkdir()
        with running(PACKS, tmp_path / "second" / "log", **SETTINGS, TOCSIN_BIND=bind):
            ended.wait(60)

    found = []
    with running(PACKS, tmp_path / "log", **SETTINGS) as server, ThreadPoolExecutor(1) as pool:
        with client_of(server.port) as tocsin:
            for answer in tocsin.batch(map(warm, range(1_000)), lines_per_request=400):
                found.append(answer)
                if answer.line == 500:
                    os.killpg(server.process.pid, signal.SIGKILL)
                    server.process.wait()
                    second = pool.submit(started_again, f"127.0.0.1:{server.port}")
        ended.set()
        second.result()
    assert is_each_answered_once(answers(found), 1_000)


@pytest.mark.parametrize("seed", [13])
def test_wherever_an_answer_is_cut_no_incident_is_lost_or_answered_twice(
    server: Server, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(tocsin_http, "MOST_WAIT_SECONDS", 0.01)
    assert connections_until_all_are_answered(server.port, seed) >= 10


def test_a_busy_server_is_asked_again_when_it_says_and_not_after_the_limit(server: Server) -> None:
    """The server takes one batch at a time. The first one runs for more than a second."""
    refused: list[Problem] = []
    with (
        client_of(server.port) as first,
        client_of(server.port) as second,
        client_of(server.port, limit=0.5) as hurried,
        ThreadPoolExecutor(1) as pool,
    ):

        def is_refused() -> bool:
            try:
                list(hurried.batch([warm(0)]))
            except Problem as problem:
                refused.append(problem)
            return bool(refused)

        running_batch = pool.submit(lambda: list(first.batch(map(warm, range(9_000)), 9_000)))
        eventually(is_refused)
        assert is_each_answered_once(answers(list(second.batch([warm(0)]))), 1)
        assert is_each_answered_once(answers(running_batch.result()), 9_000)
    assert (refused[0].status, refused[0].code) == (503, "busy")
    assert (refused[0].retry_after or 0) >= 1


def test_a_silent_server_is_told_in_time_and_answers_later_tries(server: Server) -> None:
    (worker,) = server.workers()
    os.kill(worker, signal.SIGSTOP)
    try:
        with client_of(server.port, timeout=0.2, limit=0.7) as tocsin:
            begun = time.monotonic()
            with pytest.raises(NoAnswer, match="tries"):
                tocsin.assess(warm(0))
            assert time.monotonic() - begun < 2
        with client_of(server.port, timeout=0.2) as tocsin, ThreadPoolExecutor(1) as pool:
            answer = pool.submit(tocsin.assess, warm(0))
            time.sleep(0.5)
            os.kill(worker, signal.SIGCONT)
            assert answer.result().incident_id == "0"
    finally:
        os.kill(worker, signal.SIGCONT)


def test_the_time_that_the_source_and_the_reader_of_a_batch_take_does_not_count(
    server: Server,
) -> None:
    def slowly() -> Iterator[dict[str, Any]]:
        for number in range(2):
            time.sleep(0.3)
            yield warm(number)

    with client_of(server.port, limit=0.5) as tocsin:
        found = []
        for answer in tocsin.batch(slowly()):
            time.sleep(0.3)
            found.append(answer)
    assert is_each_answered_once(answers(found), 2)


def test_a_connection_that_the_server_closed_meanwhile_costs_no_try(
    server: Server, tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is silent for longer than the server's second, and then its worker is killed."""
    monkeypatch.setattr(tocsin_http, *NEVER_WAITS)
    tocsin.assess(warm(0))
    time.sleep(1.3)
    assert tocsin.assess(warm(1)).incident_id == "1"
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)
    assert tocsin.assess(warm(2)).incident_id == "2"


def test_a_connection_that_is_closed_when_it_is_used_again_costs_no_try(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server closes it without having read the second request."""
    monkeypatch.setattr(tocsin_http, *NEVER_WAITS)
    with client_of(server.port) as tocsin:
        whole = tocsin.assess(warm(0))
    first_length: list[int] = []
    with relay(server.port) as seen, client_of(seen.port) as tocsin:
        tocsin.assess(warm(0))
        first_length.append(len(seen.answered[0]))
    with (
        relay(server.port, [first_length[0], 10**9]) as seen,
        client_of(seen.port) as tocsin,
    ):
        tocsin.assess(warm(0))
        assert tocsin.assess(warm(0)).outputs == whole.outputs
    assert len(seen.asked) == 2


def test_a_request_is_the_same_in_every_try_and_no_4xx_is_tried_again(server: Server) -> None:
    with relay(server.port, [1, 1, 10**9]) as seen, client_of(seen.port) as tocsin:
        tocsin.assess({"facts": {}})
        first, second, third = seen.asked
    assert first == second == third
    assert b'"as_of":' in first
    with relay(server.port) as seen, client_of(seen.port) as tocsin:
        with pytest.raises(Problem, match="invalid-request"):
            tocsin.assess({"facts": {"x": 1}})
        with pytest.raises(Problem, match="body-too-large"):
            tocsin.assess({"facts": {"x": "x" * 1024 * 1024}})
    assert sum(asked.count(b"POST ") for asked in seen.asked) == 2
