"""Clients that send requests to a server all the time, and a record of every answer."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.load import Known, clients_asking
from tests.server import Server
from tests.waiting import eventually

CLIENTS = 4
SECONDS_TO_GIVE_UP = 60.0
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """One request and its answer. `seconds` are those until the answer, with a second try after a broken connection.

    `digest` is "" if the answer is no assessment, `wrong` is "" if nothing is wrong with it.
    """

    sent: float
    seconds: float
    status: int
    digest: str = ""
    wrong: str = ""
    cut: bool = False


@dataclass
class Asked:
    """All answers so far, in the order in which they came."""

    answers: list[Answer] = field(default_factory=list)

    def goes_on(self, count: int = 50) -> None:
        """Waits for so many more answers."""
        enough = len(self.answers) + count
        eventually(lambda: len(self.answers) >= enough)


@contextmanager
def asking(
    server: Server,
    known: Sequence[Known],
    seed: int,
    clients: int = CLIENTS,
    keep_alive: bool = True,
) -> Iterator[Asked]:
    """Runs the clients until the block ends."""
    asked = Asked()
    all_clients = [_Client(server.port, asked) for _ in range(clients)]
    with clients_asking(all_clients, known, seed, keep_alive):
        yield asked


class _Client:
    def __init__(self, port: int, asked: Asked) -> None:
        timeout = SECONDS_TO_GIVE_UP
        self._asked = asked
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def ask(self, known: Known) -> None:
        self._asked.answers.append(self._answer_to(known))

    def close(self) -> None:
        self._connection.close()

    def _answer_to(self, known: Known) -> Answer:
        """Sends a request, and once more if the connection breaks, as a careful caller does."""
        sent, cut = time.monotonic(), False
        try:
            found = self._try(known.body)
        except (OSError, http.client.HTTPException) as first:
            self.close()
            cut = True
            try:
                found = self._try(known.body)
            except (OSError, http.client.HTTPException) as second:
                self.close()
                wrong = f"no answer: {first!r}, then {second!r}"
                return Answer(sent, time.monotonic() - sent, 0, wrong=wrong, cut=True)
        status, kind, body = found
        seconds = time.monotonic() - sent
        digest, wrong = _judged(known, status, kind, body)
        return Answer(sent, seconds, status, digest, wrong, cut)

    def _try(self, body: bytes) -> tuple[int, str, bytes]:
        self._connection.request(
            "POST", "/v1/assessments", body, {"Content-Type": "application/json"}
        )
        response = self._connection.getresponse()
        return response.status, response.headers.get_content_type(), response.read()


def _judged(known: Known, status: int, kind: str, body: bytes) -> tuple[str, str]:
    """The digest of an answer, and what is wrong with it. A problem with status 503 is right, as an answer of either version."""
    try:
        answer = json.loads(body)
    except ValueError:
        return "", f"{status} without JSON: {body[:200]!r}"
    if status == 503 and kind == PROBLEM and "code" in answer:
        return "", ""
    if status != 200:
        return "", f"{status} {body[:300]!r}"
    digest = answer["pack"]["digest"]
    del answer["assessment_id"]
    return digest, "" if answer == known.answers.get(
        digest
    ) else f"no version's answer: {answer!r:.300}"
