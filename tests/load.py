"""Clients that send requests to a running server without a pause, and the expected answers, computed here in one thread."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Protocol

from schemas.strict_json import read_json
from service.answering import finish
from service.asking.posted import Posted
from service.config import Config
from service.serving.deployment import load_packs
from service.serving.packs import Packs
from tests.incidents import random_bodies
from tests.packs import HARBOUR
from tests.server import ROOT, Server

NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The clock of the expected answers: every body has its own moment."""
SECONDS_TO_ANSWER = 60
JSON = "application/json"


@dataclass(frozen=True)
class Known:
    """A request, and its answers without their ids, by the digest of the pack that gives them."""

    body: bytes
    answers: Mapping[str, Any]


@dataclass
class Asked:
    """The results of all clients. `wrong`: answers other than the known one. `cut`: connections lost before an answer.
    `refused`: connections that could not be opened. `unanswered`: requests without an answer, also after a second try.
    """

    right: int = 0
    cut: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    by_digest: dict[str, int] = field(default_factory=dict)


def two_packs(folder: Path) -> Path:
    """Copies the default pack and the harbour pack into the folder, without their cases."""
    for pack in (ROOT / "rules" / "pr_crisis", HARBOUR):
        shutil.copytree(pack, folder / pack.name, ignore=shutil.ignore_patterns("cases"))
    return folder


def packs_of(folder: Path, state: Path) -> Packs:
    return load_packs(Config(packs=folder, state=state).deployment())


def known_answers(versions: Sequence[Packs], seed: int, how_many: int) -> list[Known]:
    """Random incidents with their answers by each version of the packs."""
    models = [served.pack for served in versions[0].served.values()]
    bodies = random_bodies(models, Random(seed), how_many)
    return [Known(body, dict(answer_to(packs, body) for packs in versions)) for body in bodies]


def answer_to(packs: Packs, body: bytes) -> tuple[str, Any]:
    """The digest of the pack that answers, and its answer."""
    assessment = packs.assess(Posted(read_json(body), NEVER))
    answer = json.loads(json.dumps(finish(assessment)))
    del answer["assessment_id"]
    return assessment.summary.digest, answer


@contextmanager
def asking(
    server: Server, known: Sequence[Known], clients: int, seed: int, keep_alive: bool = True
) -> Iterator[Asked]:
    """Runs the clients until the block ends. Each has its own connection, or a new one for each request."""
    asked, lock = Asked(), threading.Lock()
    all_clients = [
        _Client(server.port, asked, lock, f"{seed}-{number}") for number in range(clients)
    ]
    with clients_asking(all_clients, known, seed, keep_alive):
        yield asked


class Client(Protocol):
    def ask(self, known: Known) -> None: ...

    def close(self) -> None: ...


@contextmanager
def clients_asking(
    clients: Sequence[Client], known: Sequence[Known], seed: int, keep_alive: bool
) -> Iterator[None]:
    """Each client asks for random known answers in a thread of its own, until the block ends."""
    stop = threading.Event()

    def ask(number: int, client: Client) -> None:
        random = Random(f"{seed}-{number}")
        while not stop.is_set():
            client.ask(random.choice(known))
            if not keep_alive:
                client.close()
        client.close()

    threads = [threading.Thread(target=ask, args=numbered) for numbered in enumerate(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


class _Client:
    def __init__(self, port: int, asked: Asked, lock: threading.Lock, name: str) -> None:
        self.name = name
        self._asked, self._lock = asked, lock
        self._number = 0
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_ANSWER)

    def ask(self, known: Known) -> None:
        """Sends a request, and once more on a new connection if the first one is lost, as a careful caller does."""
        self._number += 1
        first = self._try(known)
        second = self._try(known) if first else ""
        if second:
            with self._lock:
                self._asked.unanswered.append(f"{first}, then {second}")

    def close(self) -> None:
        self._connection.close()

    def _try(self, known: Known) -> str:
        """How the connection was lost; "" if there was an answer."""
        try:
            status, request_id, body = self._exchange(known.body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            with self._lock:
                if isinstance(error, ConnectionRefusedError):
                    self._asked.refused += 1
                else:
                    self._asked.cut += 1
            return repr(error)
        self._note(known, status, request_id, body)
        return ""

    def _exchange(self, body: bytes) -> tuple[int, str | None, bytes]:
        headers = {"Content-Type": JSON, "X-Request-Id": f"{self.name}-{self._number}"}
        self._connection.request("POST", "/v1/assessments", body, headers)
        response = self._connection.getresponse()
        return response.status, response.getheader("X-Request-Id"), response.read()

    def _note(self, known: Known, status: int, request_id: str | None, body: bytes) -> None:
        answer = json.loads(body)
        digest = answer.get("pack", {}).get("digest", "")
        answer.pop("assessment_id", None)
        right = (
            status == 200
            and request_id == f"{self.name}-{self._number}"
            and answer == known.answers.get(digest)
        )
        with self._lock:
            if right:
                self._asked.right += 1
                self._asked.by_digest[digest] = self._asked.by_digest.get(digest, 0) + 1
            else:
                self._asked.wrong.append(f"{status} {request_id} {body[:300]!r}")
