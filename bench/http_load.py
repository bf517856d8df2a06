"""Measures `POST /v1/assessments` and its batch, and a bare Flask echo of the same JSON with the same gunicorn settings."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Section, Verdict, microseconds, percent, rate, table, times
from bench.ours import BOTH, REFERENCE
from bench.rounds import spread
from tests.server import ROOT, TOCSIN, Server, running

GENERATOR = "wrk"
SCRIPT = Path(__file__).with_name("post.lua")
WORKERS = (1, 2)
BATCH_LINES = 50
"""Few, so that requests under way when the generator stops, which are not counted, change the result little."""
SINGLE, LEAN, BATCH = "single", "lean", "batch"
LEAN_FIELDS = "grade,type,stage,verdict,actions"
LEAST_OF_ECHO = {(SINGLE, "both"): 0.3, (LEAN, "both"): 0.45, (LEAN, "reference"): 0.65}
"""By load and engine, with one worker."""
ECHO = "bare Flask echo"
SERVERS: Mapping[str, tuple[str, dict[str, str]]] = {
    ECHO: ("bench.echo:app", {}),
    REFERENCE: (TOCSIN, {"TOCSIN_ENGINE": "reference"}),
    BOTH: (TOCSIN, {"TOCSIN_ENGINE": "both"}),
}


class RefusedRequest(AssertionError):
    """A server under load did not answer every request with 2xx."""


@dataclass(frozen=True)
class Load:
    """The requests of one kind: their bodies, path and type, the number of connections, and the incidents per request."""

    kind: str
    path: str
    mimetype: str
    connections: int
    incidents: int
    bodies: Path


@dataclass(frozen=True)
class Rates:
    """Incidents a second in each round, the median and 99th percentile of a request's milliseconds, and the CPU seconds of the
    workers for one request.
    """

    rounds: tuple[float, ...]
    median_milliseconds: float
    slow_milliseconds: float
    cpu_seconds: float

    @property
    def a_second(self) -> float:
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        return spread(self.rounds)


Rated = dict[tuple[int, str, str], Rates]
"""By workers, kind of load and server."""


def missing() -> str | None:
    """A sentence that names a missing program, or None."""
    if shutil.which(GENERATOR):
        return None
    return f"{GENERATOR} is needed for the HTTP figures. Debian: apt install wrk    macOS: brew install wrk"


def generator_version() -> str:
    said = subprocess.run([GENERATOR, "-v"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"wrk (?:debian/)?([\d.]+)", said)
    return f"{GENERATOR} {found[1] if found else '(version unknown)'}"


def loads(bodies: Sequence[bytes], folder: Path) -> list[Load]:
    """Batches use few connections: the server runs only a few batches at once and answers further ones with 503."""
    single, batch = folder / "single", folder / "batch"
    single.write_bytes(b"\n".join(bodies))
    repeated = (list(bodies) * BATCH_LINES)[:BATCH_LINES]
    batch.write_bytes(b"\n".join(repeated))
    path = "/v1/assessments"
    return [
        Load(SINGLE, path, "application/json", 8, 1, single),
        Load(LEAN, f"{path}?fields={LEAN_FIELDS}", "application/json", 8, 1, single),
        Load(BATCH, f"{path}/batch", "application/x-ndjson", 2, BATCH_LINES, batch),
    ]


def measured(bodies: Sequence[bytes], rounds: int, seconds: int, folder: Path) -> Rated:
    found: Rated = {}
    for workers in WORKERS:
        with ExitStack() as stack:
            servers = dict(_started(workers, folder, stack))
            for load in loads(bodies, folder):
                for name, rates in _rounds(servers, load, rounds, seconds).items():
                    found[workers, load.kind, name] = rates
    return found


def _started(workers: int, folder: Path, stack: ExitStack) -> Iterator[tuple[str, Server]]:
    """Starts all servers at once, so that rounds can alternate between them. An idle server uses no CPU time."""
    for number, (name, (application, settings)) in enumerate(SERVERS.items()):
        log = folder / f"log-{workers}-{number}"
        state = {"TOCSIN_STATE": str(folder / "state"), "TOCSIN_WORKERS": str(workers)}
        server = stack.enter_context(running(ROOT / "rules", log, application, **state, **settings))
        yield name, server


def _rounds(
    servers: Mapping[str, Server], load: Load, rounds: int, seconds: int
) -> dict[str, Rates]:
    said: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
    for server in servers.values():
        _ask(server, load, 1)
    for _ in range(rounds):
        for name, server in servers.items():
            said[name].append(_ask(server, load, seconds))
    return {
        name: Rates(
            tuple(round_["requests"] / round_["seconds"] * load.incidents for round_ in found),
            statistics.median(round_["median"] for round_ in found),
            statistics.median(round_["slow"] for round_ in found),
            statistics.median(round_["cpu"] / round_["requests"] for round_ in found),
        )
        for name, found in said.items()
    }


def _cpu_seconds(processes: Iterable[int]) -> float:
    """The CPU time that these processes have taken. Linux counts it in hundredths of a second."""
    taken = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
        taken += int(fields[11]) + int(fields[12])
    return taken / os.sysconf("SC_CLK_TCK")


def _ask(server: Server, load: Load, seconds: int) -> dict[str, float]:
    """One run of the generator. Raises RefusedRequest if an answer was not 2xx, a connection broke or none was answered."""
    options = ["-t1", f"-c{load.connections}", f"-d{seconds}s", "--timeout", "10s"]
    url = f"http://127.0.0.1:{server.port}{load.path}"
    arguments = [str(load.bodies), load.mimetype, load.kind]
    workers = server.workers() or child_processes(server.process.pid)
    before = _cpu_seconds(workers)
    done = subprocess.run(
        [GENERATOR, *options, "-s", str(SCRIPT), url, "--", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if said["errors"] or not said["requests"]:
        raise RefusedRequest(f"{url}: {said}")
    return {**said, "cpu": _cpu_seconds(workers) - before}


def child_processes(process: int) -> list[int]:
    """The workers of the echo, whose log does not tell them. Linux lists them."""
    return list(
        map(int, Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split())
    )


def section(rated: Rated, decided: float) -> Section:
    """`decided` is the seconds that one of these assessments needs in this process."""
    lines = [
        f"Incidents a second over HTTP: the public cases, posted one by one over 8 connections, and in batches of {BATCH_LINES} lines over 2.",
        f"A lean answer has the fields {LEAN_FIELDS}. CPU is that of the workers for one request.",
        f"{generator_version()} sends them from the same machine and uses part of the processor: with 2 workers on 2 cores, it slows the echo",
        "and Tocsin the same way. The echo (`bench/echo.py`) parses the same JSON and writes it back, with the same `gunicorn.conf.py`. It",
        "has no log and no metrics, and its answer is only as long as the request.",
        "",
    ]
    for workers in WORKERS:
        head = [
            f"{workers} {'worker' if workers == 1 else 'workers'} × 4 threads",
            "single, a second",
            "± spread",
            "of the echo",
            "median ms",
            "99 % ms",
            "CPU µs",
            "lean, a second",
            "of the echo",
            "CPU µs",
            "batch, a second",
            "of the echo",
            "batch ÷ single",
        ]
        lines += table(head, (_row(rated, workers, name) for name in SERVERS))
    return Section("HTTP", lines, list(_verdicts(rated, decided)))


def _row(rated: Rated, workers: int, name: str) -> list[str]:
    single, lean, batch = (rated[workers, kind, name] for kind in (SINGLE, LEAN, BATCH))
    return [
        name,
        rate(single.a_second),
        percent(single.spread),
        times(_of_echo(rated, workers, SINGLE, name)),
        f"{single.median_milliseconds:.1f}",
        f"{single.slow_milliseconds:.1f}",
        microseconds(single.cpu_seconds),
        rate(lean.a_second),
        times(_of_echo(rated, workers, LEAN, name)),
        microseconds(lean.cpu_seconds),
        rate(batch.a_second),
        times(_of_echo(rated, workers, BATCH, name)),
        times(batch.a_second / single.a_second),
    ]


def _of_echo(rated: Rated, workers: int, kind: str, name: str) -> float:
    return rated[workers, kind, name].a_second / rated[workers, kind, ECHO].a_second


def _verdicts(rated: Rated, decided: float) -> Iterable[Verdict]:
    for (kind, engine), least in LEAST_OF_ECHO.items():
        name = BOTH if engine == "both" else REFERENCE
        ratio = _of_echo(rated, 1, kind, name)
        allowed = 1 / (least * rated[1, SINGLE, ECHO].a_second)
        yield Verdict(
            what=f"POST /v1/assessments, {'whole' if kind == SINGLE else kind} answer, 1 worker, {engine}",
            target=f"≥ {least} of a bare Flask echo",
            measured=times(ratio),
            reached=ratio >= least,
            bound=f"at the target a request takes {microseconds(allowed)} µs, HTTP included; "
            f"now it takes {microseconds(rated[1, kind, name].cpu_seconds)} µs of CPU, and the whole "
            f"assessment alone {microseconds(decided)}",
        )
