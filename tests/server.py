"""The real server for tests: gunicorn as `make run` starts it, on a free port, stopped gracefully."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import IO, Any

ROOT = Path(__file__).parent.parent
SECONDS_TO_START = 60
SECONDS_WITHOUT_A_LINE = 0.1
MOST_SECONDS_FOR_LINES = 1.0
SECONDS_FOR_FIGURES = 30
WRITTEN = re.compile(
    r'^tocsin_metrics_last_write_timestamp_seconds{process="(\d+)"} (\S+)$', re.MULTILINE
)
PORTS = range(20_000, 30_000)
TOCSIN = "service:create_app()"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """A running server; `log` is the file of its standard error."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> Reply:
        return self.request("GET", path)

    def post(self, body: Any) -> Reply:
        """Posts `body` for an assessment. It is data for JSON, or the raw bytes."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        return self.request("POST", "/v1/assessments", raw, headers)

    def log_lines(self, event: str) -> list[dict[str, Any]]:
        """The log lines with this event, in order. A line is written a moment after the answer: waits for one, and then for a pause."""
        deadline, size = time.monotonic() + MOST_SECONDS_FOR_LINES, -1
        while time.monotonic() < deadline:
            paused = size == (size := self.log.stat().st_size)
            if paused and (found := self._lines(event)):
                return found
            time.sleep(SECONDS_WITHOUT_A_LINE)
        return self._lines(event)

    def _lines(self, event: str) -> list[dict[str, Any]]:
        whole, _, _ = self.log.read_bytes().rpartition(b"\n")
        lines = (line for line in whole.splitlines() if line.startswith(b"{"))
        return [found for line in lines if (found := json.loads(line))["event"] == event]

    def workers(self) -> set[int]:
        """The processes that answer now, according to the server's log."""
        started = {line["process"] for line in self._lines("worker-started")}
        return started - {line["process"] for line in self._lines("worker-stopped")}

    def master(self) -> int:
        """The process that takes signals for all workers."""
        return int(self._lines("worker-started")[-1]["master"])

    def metrics(self) -> str:
        """`/metrics` with everything counted so far: each worker writes its figures for the others a few times a second."""
        now = time.time()
        deadline = time.monotonic() + SECONDS_FOR_FIGURES
        while time.monotonic() < deadline:
            reply = self.get("/metrics")
            assert reply.status == 200, (reply.body, self.log.read_text("utf-8"))
            text = reply.body.decode()
            written = {int(process): float(at) for process, at in WRITTEN.findall(text)}
            if set(written) == self.workers() and min(written.values()) > now:
                return text
            time.sleep(0.02)
        raise AssertionError(f"a worker wrote no figures: {text}")

    def raw(self, data: bytes) -> bytes:
        """All bytes that the server sends back for these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))


def command(application: str = TOCSIN) -> list[str]:
    """`make run` in the environment of these tests; if make did not install it, the command that `make run` runs.

    ARGS is empty: the options of the `make test` that runs these tests are not for the server.
    """
    if application == TOCSIN and (Path(sys.prefix) / ".run").exists():
        return ["make", "--silent", "run", f"VENV={sys.prefix}", "ARGS="]
    return [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application]


@contextmanager
def running(
    folder: Path,
    log: Path,
    application: str = TOCSIN,
    started_by: Sequence[str] = (),
    **settings: str,
) -> Iterator[Server]:
    """The server with the packs of `folder`; `settings` are environment variables. Without `TOCSIN_BIND` its port is a free one.

    `started_by` is a command that runs the command of the server.
    """
    settings = {"TOCSIN_STATE": str(log.parent / "state"), **settings}
    with (
        log.open("wb") as errors,
        _serving(folder, errors, [*started_by, *command(application)], settings) as (
            port,
            process,
        ),
    ):
        server = Server(port, process, log)
        workers = int({**os.environ, **settings}.get("TOCSIN_WORKERS", "2"))
        _wait_until_ready(server, workers)
        yield server


@contextmanager
def running_with_log(errors: IO[bytes] | int, folder: Path, **settings: str) -> Iterator[Server]:
    """The server with its standard error as the test gives it: a broken one, so the server has no log to read."""
    settings = {"TOCSIN_STATE": str(folder.parent / "state"), **settings}
    with _serving(folder, errors, command(), settings) as (port, process):
        server = Server(port, process, Path(os.devnull))
        _wait_until_ready(server, 0)
        yield server


@contextmanager
def _serving(
    folder: Path, errors: IO[bytes] | int, command: list[str], settings: Mapping[str, str]
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The port and the process of a server that starts. It is stopped at the end."""
    _, _, bound = settings.get("TOCSIN_BIND", "").rpartition(":")
    port = int(bound) if bound else _free_port()
    environment = {
        **os.environ,
        "TOCSIN_PACKS": str(folder),
        "TOCSIN_BIND": f"127.0.0.1:{port}",
        **settings,
    }
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=errors, start_new_session=True
    )
    try:
        yield port, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(SECONDS_TO_START)


def _free_port() -> int:
    """A free port outside the range for clients: a client of another test could take one of that range first."""
    while True:
        port = SystemRandom().choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _wait_until_ready(server: Server, workers: int) -> None:
    """Waits until all workers have logged that they started: a test may list them immediately."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            server.get("/readyz")
            if len(server.workers()) == workers:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"the server did not start: {server.log.read_text('utf-8')}")
