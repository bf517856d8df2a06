"""Posts incidents to a Tocsin server and reads its answers. It is one file and needs only the standard library, Python 3.10 or later.

    with Tocsin("http://127.0.0.1:8000", locale="en") as tocsin:
        answer = tocsin.assess({"facts": {"harm": {"injuries": 3}}})
        print(answer.text("grade"), [action["code"] for action in answer.actions])

A request may be sent again without harm: an assessment changes nothing on the server. The client sets `as_of` before the first
try, so each try asks the same and its answer has the same `assessment_id`.

One client may be used by several threads. Each request has a connection of its own while it runs; a connection that is free is used
again. An iterator of `batch` belongs to one thread at a time.

    TocsinError
    ├── Problem     the server refused the request, or could not answer it
    └── NoAnswer    no answer came within the limit, or what came is not an answer of Tocsin
"""

from __future__ import annotations

import base64
import http.client
import io
import itertools
import json
import os
import random
import re
import selectors
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypedDict, cast
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

__all__ = ["Answer", "Incident", "NoAnswer", "Problem", "Tocsin", "TocsinError"]
__version__ = "0.1.0"

ASSESS, BATCH = "/v1/assessments", "/v1/assessments/batch"
JSON, LINES = "application/json", "application/x-ndjson"
MARKDOWN, PLAIN_TEXT = "text/markdown", "text/plain"
MOST_LINES = 10_000
"""The server's limit for the lines of one request."""
TOO_LONG_BYTES = 1024 * 1024 + 2
"""The server reads no more of a line, and refuses one of so many bytes alone."""
BLOCK_BYTES = 8 * 1024 * 1024
"""A block of lines is no longer than this. The server's limit is 32 MiB."""
READ_BYTES = 64 * 1024
LEAST_PACKED_BYTES = 1024
GZIP = 16 + zlib.MAX_WBITS
MOST_IDLE = 8
"""So many connections are kept while they are free."""
FIRST_WAIT_SECONDS, MOST_WAIT_SECONDS = 0.1, 5.0
NOT_KEPT = ("actions", "blocked", "held")
"""These outputs are kept as codes of actions."""
KEPT_OF_ACTIONS = (
    *("code", "due_at", "approve_by", "done"),
    *("asked_at", "done_at", "again_at", "seen", "if"),
)
KEPT_OF_FIGURES: tuple[Literal["value", "measured_at"], ...] = ("value", "measured_at")
NOT_READY = (502, 503, 504)
"""Tocsin answers 503. A proxy answers all three while its server cannot be reached."""


# --- What is sent and what comes back. docs/api.md explains each key. ---


class Done(TypedDict):
    """An action that was carried out, and when. A `datetime` must have a time zone."""

    code: str
    at: str | datetime


class Incident(TypedDict, total=False):
    """The body of a request. Only `facts` is required. A `datetime` in it must have a time zone."""

    facts: Mapping[str, Any]
    as_of: str | datetime
    incident_id: str
    locale: str
    timezone: str
    pack: str
    brand: str
    previous: Mapping[str, Any]
    done: Sequence[Done]
    explain: str
    contingency: bool
    drafts: bool
    fields: str | Sequence[str]


class Pack(TypedDict):
    name: str
    version: str
    digest: str


class Result(TypedDict, total=False):
    """An output at the top of the answer. `code` is a text: a pack may have gained a value."""

    code: str
    level: int
    value: Any
    text: str


class Condition(TypedDict):
    """What is not yet decided about an action: with `asked` which ground and deadline apply, otherwise whether it applies."""

    asked: bool
    facts: list[str]
    text: str


class Question(TypedDict):
    fact: str
    question: str | None
    ask: str | None
    ask_text: str | None


Conditional = TypedDict("Conditional", {"if": Condition | None})


class Action(Conditional):
    code: str
    text: str
    kind: str | None
    sequence: int
    owner: str | None
    owner_text: str | None
    deputy: str | None
    deputy_text: str | None
    channels: list[str]
    approval: list[str]
    inform: list[str]
    due_at: str | None
    within: str | None
    due_unsure: bool
    starts_with: list[Question]
    approve_by: str | None
    every: str | None
    until: str | None
    done: bool
    asked_at: str | None
    done_at: str | None
    again_at: str | None
    seen: dict[str, Any] | None
    after: list[str]
    reversible: bool | None
    statutory: bool
    ground: str | None
    because: list[str]


class Blocked(TypedDict):
    code: str
    text: str
    because: list[str]
    ground: str | None
    instead: list[str]


class Unknown(Question):
    text: str
    could_change: list[str]


class _Held(TypedDict):
    code: str
    text: str
    until: list[str]
    questions: list[Question]
    ground: str | None
    because: list[str]


class Held(_Held, total=False):
    """`opposites` is there only if an action that contradicts it may be asked for."""

    opposites: list[str]


class _Reason(TypedDict):
    rule: str
    text: str
    source: str | None
    facts: dict[str, Any]


class Reason(_Reason, total=False):
    """`left_out` is there only if the rule left out actions that contradict the one it asks for."""

    left_out: list[str]


class Output(TypedDict):
    value: Any
    text: str
    established: bool
    can_be: Any


class Due(TypedDict):
    """An action that is due at once (`due_at` is None) or within an hour."""

    code: str
    text: str
    owner: str | None
    owner_text: str | None
    due_at: str | None
    overdue: bool


class Clock(TypedDict):
    since: dict[str, Any]
    overdue: list[str]


ChangedOutput = TypedDict(
    "ChangedOutput",
    {
        "name": str,
        "text": str,
        "from": Any,
        "to": Any,
        "from_text": str,
        "to_text": str,
        "direction": "str | None",
        "because": "list[str]",
    },
)
Moved = TypedDict("Moved", {"from": "str | None", "to": "str | None"})


class AddedAction(TypedDict):
    code: str
    text: str
    because: list[str]


class _Dropped(TypedDict):
    code: str
    text: str
    now: str


class DroppedAction(_Dropped, total=False):
    """`now` is what the action is in this answer: `blocked`, `held`, `left out`, `not asked` or `gone`.

    `because` is there only if it is left out.
    """

    because: list[str]


class ChangedActions(TypedDict):
    added: list[AddedAction]
    dropped: list[DroppedAction]


class KeptBack(AddedAction):
    ground: str | None


class Released(_Dropped):
    """`now` may also be `allowed`."""

    because: list[str]


class ChangedKeptBack(TypedDict):
    added: list[KeptBack]
    dropped: list[Released]


class MovedDeadline(TypedDict):
    code: str
    text: str
    due_at: Moved | None
    approve_by: Moved | None
    because: list[str]


class DoneAction(TypedDict):
    code: str
    text: str
    done_at: str | None


class Again(TypedDict):
    """A change that asks for an action again. `name` is that of a fact or an output."""

    by: str
    name: str | None
    text: str


class Reopened(DoneAction):
    because: list[Again]


class Figure(TypedDict):
    """A number of the pack's trend."""

    text: str
    value: float
    measured_at: str | None


ChangedFigure = TypedDict(
    "ChangedFigure",
    {
        "name": str,
        "text": str,
        "from": float,
        "to": float,
        "from_text": str,
        "to_text": str,
        "direction": str,
        "percent": "float | None",
        "from_measured_at": "str | None",
        "to_measured_at": "str | None",
    },
)


class Changes(TypedDict):
    """What differs from the previous answer."""

    outputs: list[ChangedOutput]
    actions: ChangedActions
    blocked: ChangedKeptBack
    held: ChangedKeptBack
    done: list[DoneAction]
    reopened: list[Reopened]
    figures: list[ChangedFigure]
    deadlines: list[MovedDeadline]
    next_review: Moved | None


class Deprecated(TypedDict):
    """A former name that was sent, and the present one."""

    path: str
    was: str
    now: str


class Ignored(TypedDict):
    """A part of the previous answer that this version of the pack does not have."""

    path: str
    reason: str
    text: str
    got: Any


class FieldError(TypedDict, total=False):
    path: str
    code: str
    message: str
    got: Any
    allowed: str
    hint: str


@dataclass(frozen=True)
class Answer:
    """An answer. `raw` is the whole JSON, with the keys that this client does not know; `answer["key"]` reads it.

    Moments are texts, as they came. `line` is the number of the incident in a batch, from 1.
    """

    raw: dict[str, Any] = field(repr=False)
    request_id: str | None = None
    line: int | None = None

    def __getitem__(self, key: str) -> Any:
        return self.raw[key]

    def __post_init__(self) -> None:
        object.__setattr__(self, "raw", _Keys(self.raw))

    def value(self, output: str) -> Any:
        """The value of an output, such as `value("grade")`. That of an enum is its code."""
        if "outputs" in self.raw:
            return self.outputs[output]["value"]
        result = self.results[output]
        return result["code"] if "code" in result else result["value"]

    def text(self, output: str) -> str:
        """The value of an output in words, in the language of the answer."""
        return (self.outputs if "outputs" in self.raw else self.results)[output]["text"]

    @property
    def assessment_id(self) -> str:
        return cast(str, self.raw["assessment_id"])

    @property
    def incident_id(self) -> str | None:
        return cast("str | None", self.raw["incident_id"])

    @property
    def as_of(self) -> str:
        return cast(str, self.raw["as_of"])

    @property
    def pack(self) -> Pack:
        return cast(Pack, self.raw["pack"])

    @property
    def verdict(self) -> str | None:
        return cast("str | None", self.raw["verdict"])

    @property
    def provisional(self) -> bool:
        return cast(bool, self.raw["provisional"])

    @property
    def results(self) -> dict[str, Result]:
        """The outputs at the top of the answer: the main results and the notices of the pack."""
        names = self.outputs if "outputs" in self.raw else self.raw
        return {
            name: cast(Result, self.raw[name])
            for name in names
            if isinstance(self.raw.get(name), dict) and "text" in self.raw[name]
        }

    @property
    def at_worst(self) -> dict[str, Result]:
        return cast("dict[str, Result]", self.raw["at_worst"])

    @property
    def at_best(self) -> dict[str, Result]:
        return cast("dict[str, Result]", self.raw["at_best"])

    @property
    def actions(self) -> list[Action]:
        return cast("list[Action]", self.raw["actions"])

    @property
    def blocked(self) -> list[Blocked]:
        return cast("list[Blocked]", self.raw["blocked"])

    @property
    def held(self) -> list[Held]:
        return cast("list[Held]", self.raw["held"])

    @property
    def reasons(self) -> list[Reason]:
        return cast("list[Reason]", self.raw["reasons"])

    @property
    def unknowns(self) -> list[Unknown]:
        return cast("list[Unknown]", self.raw["unknowns"])

    @property
    def ignored(self) -> list[FieldError]:
        """In lenient handling: the wrong facts, which counted as unknown."""
        return cast("list[FieldError]", self.raw.get("ignored", []))

    @property
    def deprecated(self) -> list[Deprecated]:
        """The former names that were sent: the pack takes them, but they have new names."""
        return cast("list[Deprecated]", self.raw.get("deprecated", []))

    @property
    def previous_ignored(self) -> list[Ignored]:
        return cast("list[Ignored]", self.raw.get("previous_ignored", []))

    @property
    def changes(self) -> Changes | None:
        """None if no previous answer was sent."""
        return cast("Changes | None", self.raw["changes"])

    @property
    def figures(self) -> dict[str, Figure]:
        """By fact: the known numbers of the pack's trend. A server of an earlier version has none."""
        return cast("dict[str, Figure]", self.raw.get("figures", {}))

    @property
    def next_hour(self) -> list[Due]:
        return cast("list[Due]", self.raw["next_hour"])

    @property
    def clock(self) -> Clock:
        return cast(Clock, self.raw["clock"])

    @property
    def next_review(self) -> str | None:
        return cast("str | None", self.raw["next_review"])

    @property
    def outputs(self) -> dict[str, Output]:
        return cast("dict[str, Output]", self.raw["outputs"])

    def previous(self, responses: Sequence[str] = ()) -> dict[str, Any]:
        """What to keep of this answer, and to send as `previous` when the incident is assessed again.

        `responses` are the codes of the actions that were carried out since.
        """
        outputs, plan = self.outputs.items(), self.actions
        kept = {
            "as_of": self.as_of,
            "incident_id": self.incident_id,
            "pack": {"digest": self.pack["digest"]},
            "outputs": {name: one["value"] for name, one in outputs if name not in NOT_KEPT},
            "since": self.raw["since"],
            "actions": [
                {key: value for key, value in action.items() if key in KEPT_OF_ACTIONS}
                for action in plan
            ],
            "done_earlier": self.raw.get("done_earlier", []),
            "blocked": [action["code"] for action in self.blocked],
            "held": [action["code"] for action in self.held],
            "next_review": self.next_review,
        }
        if self.figures:
            kept["figures"] = {
                name: {key: figure[key] for key in KEPT_OF_FIGURES}
                for name, figure in self.figures.items()
            }
        return {**kept, "responses": list(responses)} if responses else kept


class TocsinError(Exception):
    """A request got no answer."""


class NoAnswer(TocsinError):
    """No answer came within the limit, or what came is not an answer of Tocsin. The cause says more."""


class Problem(TocsinError):
    """The server's reason (RFC 9457). `raw` is the whole JSON; it is empty if something else answered, such as a proxy."""

    def __init__(
        self, status: int, raw: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, raw, headers)
        self.status = status
        self.raw = raw
        self.headers = headers or {}

    def __str__(self) -> str:
        detail = self.raw.get("detail") or http.client.responses.get(self.status, "no detail")
        wrong = (f"\n  {error.get('path')}: {error.get('message')}" for error in self.errors)
        return f"{self.code or self.status}: {detail}" + "".join(wrong)

    @property
    def code(self) -> str | None:
        """Stable: programs should rely on it. None if Tocsin did not write the answer."""
        return cast("str | None", self.raw.get("code"))

    @property
    def errors(self) -> list[FieldError]:
        return cast("list[FieldError]", self.raw.get("errors", []))

    @property
    def request_id(self) -> str | None:
        """The operator finds the request in the log by it."""
        return self.raw.get("request_id") or self.headers.get("x-request-id")

    @property
    def incident_id(self) -> str | None:
        return cast("str | None", self.raw.get("incident_id"))

    @property
    def line(self) -> int | None:
        """The number of the incident in a batch, from 1."""
        return cast("int | None", self.raw.get("line"))

    @property
    def retry_after(self) -> float | None:
        """The seconds after which the server wants to be asked again."""
        return _seconds(self.headers.get("retry-after"))


# --- The client ---


class Tocsin:
    """A server. `locale`, `pack` and `timezone` stand for those that an incident does not name.

    `timeout` is the longest silence: while connecting, sending or waiting for the next bytes. `limit` is the most seconds until
    an answer, with all tries and the waits between them; in a batch, until the next answer. `lenient` asks for lenient handling:
    a wrong fact counts as unknown and is listed, instead of the whole incident being refused.
    `context` is for https. The proxies of the environment are used, as by urllib (`HTTPS_PROXY`, `NO_PROXY`).
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        token: str | None = None,
        locale: str | None = None,
        pack: str | None = None,
        timezone: str | None = None,
        lenient: bool = False,
        timeout: float = 30.0,
        limit: float = 60.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        said = {"locale": locale, "pack": pack, "timezone": timezone}
        self._defaults = {name: value for name, value in said.items() if value is not None}
        self._headers = {
            "Accept-Encoding": "gzip",
            "User-Agent": f"tocsin-http/{__version__}",
            **({"Authorization": f"Bearer {_checked(token)}"} if token is not None else {}),
            **({"Prefer": "handling=lenient"} if lenient else {}),
        }
        self._limit = limit
        self._connections = _Connections(_Address.of(self.url, context), timeout)

    def __repr__(self) -> str:
        return f"Tocsin({self.url!r})"

    def __enter__(self) -> Tocsin:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections that are free."""
        self._connections.close()

    def assess(self, incident: Incident | Mapping[str, Any]) -> Answer:
        """The answer about one incident. Raises Problem or NoAnswer."""
        body, headers = self._whole(self._body(incident), JSON)
        raw = _json(body)
        if not _is_answer(raw):
            raise NoAnswer(f"{self.url} sent JSON that is not an answer of Tocsin")
        return Answer(raw, headers.get("x-request-id"))

    def report(
        self,
        incident: Incident | Mapping[str, Any],
        profile: Literal["full", "brief", "chat"] = "full",
    ) -> str:
        """The answer as a report to read: the whole or its first page in Markdown, or a plain text for a chat."""
        named = "" if profile == "full" else f"; profile={profile}"
        expected = PLAIN_TEXT if profile == "chat" else MARKDOWN
        body, headers = self._whole(self._body(incident), MARKDOWN + named)
        sent = headers.get("content-type", "").lower()  # an old server has no profiles
        if not (sent.startswith(expected) and sent.endswith(named)):
            raise NoAnswer(f"{self.url} sent something that is not a report of Tocsin")
        return body.decode("utf-8", "replace")

    def batch(
        self, incidents: Iterable[Incident | Mapping[str, Any]], lines_per_request: int = 1_000
    ) -> Iterator[Answer | Problem]:
        """An answer or a problem for each incident, in the same order, each with its `line`.

        `incidents` may be a generator of any length. So many of them are sent in one request, and only these are kept. If the
        connection breaks, those without an answer are sent again. Raises Problem if the server refuses a whole request.
        """
        if not 1 <= lines_per_request <= MOST_LINES:
            raise ValueError(f"lines_per_request must be from 1 to {MOST_LINES}")
        bodies = (self._body(incident)[:TOO_LONG_BYTES] for incident in incidents)
        return self._batch(bodies, lines_per_request)

    def _batch(self, bodies: Iterable[bytes], most: int) -> Iterator[Answer | Problem]:
        numbers = itertools.count(1)
        for block in _blocks(bodies, most):
            with closing(self._answers(block)) as answers:
                for raw in answers:
                    yield _told({**raw, "line": next(numbers)})

    def _body(self, incident: Incident | Mapping[str, Any]) -> bytes:
        """The same bytes for every try. Half an emoji is sent as its escape: then lenient handling can ignore it."""
        said = {**self._defaults, **incident}
        if said.get("as_of") is None:
            said["as_of"] = _moment_of(said.get("previous"))
        written = json.dumps(said, ensure_ascii=False, separators=(",", ":"), default=_plain)
        return written.encode("utf-8", "backslashreplace")

    def _whole(self, body: bytes, accept: str) -> tuple[bytes, Mapping[str, str]]:
        """The body of the answer and its headers."""
        patience = _Patience(self._limit)
        while True:
            try:
                with self._posted(ASSESS, JSON, body, accept, patience) as reply:
                    return b"".join(reply.blocks()), reply.headers
            except _FAILED as error:
                patience.wait(error)

    def _answers(self, lines: Sequence[bytes]) -> Generator[dict[str, Any], None, None]:
        """One answer for each line. After a failure the lines without an answer are sent again."""
        patience, done = _Patience(self._limit), 0
        while done < len(lines):
            try:
                with self._posted(BATCH, LINES, _joined(lines[done:]), LINES, patience) as reply:
                    for raw in _numbered(reply.lines(), len(lines) - done):
                        yield raw
                        done += 1
                        patience.start_again()
            except _FAILED as error:
                if done < len(lines):
                    patience.wait(error)

    @contextmanager
    def _posted(
        self, path: str, sent: str, body: bytes, accept: str, patience: _Patience
    ) -> Iterator[_Reply]:
        """Raises Problem if the status is not 200."""
        headers = {**self._headers, "Content-Type": sent, "Accept": accept}
        if len(body) >= LEAST_PACKED_BYTES:
            body, headers["Content-Encoding"] = _packed(body), "gzip"
        with self._connections.posted(path, body, headers, patience) as reply:
            if reply.status != 200:
                raise _problem(reply)
            yield reply


# --- What is sent ---


def _moment_of(previous: Any) -> str:
    """Now, or the moment of the previous answer if that is later: the clocks of two machines differ."""
    now = datetime.now(timezone.utc).replace(microsecond=0)
    try:
        before = datetime.fromisoformat(previous["as_of"].replace("Z", "+00:00"))
        now = max(now, before.astimezone(timezone.utc))
    except (TypeError, KeyError, AttributeError, ValueError, OverflowError):
        pass  # none was sent, or the server says what is wrong with it
    return now.isoformat().replace("+00:00", "Z")


def _plain(value: Any) -> str:
    """What JSON cannot say otherwise."""
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")
    if value.tzinfo is None:
        raise ValueError("a datetime must have a time zone")
    return value.isoformat()


def _blocks(bodies: Iterable[bytes], most: int) -> Iterator[list[bytes]]:
    """Lists of lines. If a body cannot be made, those before it come first, and then its error."""
    block: list[bytes] = []
    size, failure = 0, None
    try:
        for body in bodies:
            if block and (len(block) == most or size + len(body) >= BLOCK_BYTES):
                yield block
                block, size = [], 0
            block.append(body)
            size += len(body) + 1
    except Exception as error:
        failure = error
    if block:
        yield block
    if failure is not None:
        raise failure


def _joined(lines: Sequence[bytes]) -> bytes:
    return b"\n".join(lines) + b"\n"


def _packed(body: bytes) -> bytes:
    packer = zlib.compressobj(1, wbits=GZIP)
    return packer.compress(body) + packer.flush()


def _checked(token: str) -> str:
    """The message must not show it."""
    token = token.strip()
    if not re.fullmatch(r"[!-~]+", token):
        raise ValueError("a token has only visible characters of ASCII and no space")
    return token


# --- What comes back ---


class _Reply:
    """A response whose body is read once, in blocks, so that it may have any length."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.is_read = False

    def blocks(self) -> Iterator[bytes]:
        """Raises one of _FAILED if the body ends too early."""
        if self.headers.get("content-encoding") != "gzip":
            yield from self._sent()
            return
        unpacker = zlib.decompressobj(GZIP)
        for block in self._sent():
            yield unpacker.decompress(block)
        if not unpacker.eof:
            raise ConnectionError("the answer was cut")

    def lines(self) -> Iterator[bytes]:
        rest = b""
        for block in self.blocks():
            *lines, rest = (rest + block).split(b"\n")
            yield from lines

    def _sent(self) -> Iterator[bytes]:
        response = self._response
        read = response.read1 if response.length is None else response.read
        while block := read(READ_BYTES):
            yield block
        # http.client takes the end of the connection for the end of the head, too. Without a length nothing is known to be whole.
        if response.length != 0 and not response.chunked:
            raise ConnectionError("the answer was cut, or does not say how long it is")
        self.is_read = response.isclosed()


def _problem(reply: _Reply) -> Problem:
    try:
        raw = json.loads(b"".join(reply.blocks()))
    except (*_FAILED, ValueError):
        raw = None
    is_ours = isinstance(raw, dict) and "code" in raw
    return Problem(reply.status, raw if is_ours else {}, reply.headers)


def _numbered(lines: Iterable[bytes], most: int) -> Iterator[dict[str, Any]]:
    """The answers to so many lines. Raises one of _FAILED if there are fewer."""
    number = 0
    for number, line in enumerate(lines, start=1):
        raw = _json(line)
        if not isinstance(raw, dict) or raw.get("line") != number or number > most:
            raise NoAnswer(f"line {number} of a batch came with another number")
        if not _is_answer(raw) and "status" not in raw:
            raise NoAnswer(f"line {number} of a batch is neither an answer nor a problem")
        yield raw
    if number < most:
        raise ConnectionError("the answers of a batch were cut")


def _told(raw: dict[str, Any]) -> Answer | Problem:
    if _is_answer(raw):
        return Answer(raw, raw.get("request_id"), raw["line"])
    return Problem(raw["status"], raw)


class _Keys(dict[str, Any]):
    """An answer can be asked for with `fields`: then a key that was not wanted is not in it."""

    def __missing__(self, key: str) -> Any:
        raise KeyError(
            f"the answer has no {key!r}: it was not among the fields that were asked for"
        )


def _is_answer(raw: Any) -> bool:
    return isinstance(raw, dict) and "assessment_id" in raw


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise NoAnswer("what came is not JSON") from error


# --- Tries, and the time for them ---

_FAILED = (OSError, http.client.HTTPException, zlib.error, Problem)
"""What may be different the next time. `_Patience` decides."""


class _Patience:
    """The time until which an answer is waited for, and the waits between tries."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.start_again()

    def start_again(self) -> None:
        self._end = time.monotonic() + self.limit
        self._tries = 0

    def seconds_left(self) -> float:
        """Raises TimeoutError if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no answer within {self.limit:g} seconds")
        return left

    def wait(self, error: Exception) -> None:
        """Returns when the next try may begin. Raises if there is none: a Problem as it is, another error as NoAnswer."""
        self._tries += 1
        seconds = _wait_seconds(error, self._tries)
        if seconds is None or time.monotonic() + seconds >= self._end:
            if isinstance(error, Problem):
                raise error
            raise NoAnswer(f"no answer after {self._tries} tries: {error}") from error
        time.sleep(seconds)


def _wait_seconds(error: Exception, tries: int) -> float | None:
    """None if another try would fail too. Callers that fail together do not come back together: a part is random."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return None
    if isinstance(error, Problem) and error.status not in NOT_READY:
        return None
    asked = error.retry_after if isinstance(error, Problem) else None
    most = min(MOST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(tries - 1, 10))
    least = max(asked or 0.0, most / 2)
    return random.uniform(least, max(most, least * 1.25))  # noqa: S311


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After is a number of seconds or a date (RFC 9110)."""
    if retry_after is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


# --- Connections ---


@dataclass(frozen=True)
class _Address:
    url: SplitResult
    context: ssl.SSLContext | None
    proxy: SplitResult | None

    @classmethod
    def of(cls, url: str, context: ssl.SSLContext | None) -> _Address:
        """The message must not show a password."""
        parts = _split(url)
        if parts is None or parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("the URL must be http[s]://host[:port][/path], without user or query")
        if parts.scheme == "https" and context is None:
            context = ssl.create_default_context()
        return cls(parts, context, _proxy_for(parts))

    def target(self, path: str) -> str:
        """A proxy is told the whole URL if it cannot pass on the connection itself."""
        is_told = self.proxy is not None and self.url.scheme == "http"
        return (self.url.geturl() if is_told else self.url.path) + path

    def headers(self) -> dict[str, str]:
        is_told = self.proxy is not None and self.url.scheme == "http"
        return self._proxy_headers() if is_told else {}

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        """Each port is said: http.client would look for a port that is left out in an address of IPv6."""
        host, port = _host_and_port(self.proxy or self.url)
        if self.url.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=self.context)
        if self.proxy:
            connection.set_tunnel(*_host_and_port(self.url), self._proxy_headers())
        return connection

    def _proxy_headers(self) -> dict[str, str]:
        if self.proxy is None or self.proxy.username is None:
            return {}
        secret = f"{unquote(self.proxy.username)}:{unquote(self.proxy.password or '')}"
        return {"Proxy-Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}


def _split(url: str) -> SplitResult | None:
    """None if it is no URL that HTTP can carry. A wrong port is a ValueError of urllib."""
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if is_right and re.fullmatch(r"[!-~]+", url) else None


def _proxy_for(url: SplitResult) -> SplitResult | None:
    """It may be written without http://, as urllib reads it. A proxy of another kind cannot be used."""
    said = None if proxy_bypass(url.hostname or "") else getproxies().get(url.scheme)
    if not said:
        return None
    proxy = _split(said if "://" in said else f"http://{said}")
    if proxy is None or proxy.scheme != "http":
        raise ValueError("a proxy of the environment must be [http://]host[:port]")
    return proxy


def _host_and_port(url: SplitResult) -> tuple[str, int]:
    return url.hostname or "", url.port or (443 if url.scheme == "https" else 80)


class _Connections:
    """The connections to one address: each serves one request at a time, and free ones are used again."""

    def __init__(self, address: _Address, timeout: float) -> None:
        self._address = address
        self._timeout = timeout
        self._idle: list[http.client.HTTPConnection] = []
        self._process = os.getpid()
        self._lock = threading.Lock()

    @contextmanager
    def posted(
        self, path: str, body: bytes, headers: Mapping[str, str], patience: _Patience
    ) -> Iterator[_Reply]:
        headers = {**headers, **self._address.headers()}

        def ask(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
            return _asked(connection, self._address.target(path), body, headers, patience)

        connection, response = self._first_reply(ask, patience)
        reply = _Reply(response)
        try:
            yield reply
        finally:
            if reply.is_read and not response.will_close:
                self._keep(connection)
            else:
                response.close()
                connection.close()

    def close(self) -> None:
        while (connection := self._taken()) is not None:
            connection.close()

    def _first_reply(
        self,
        ask: Callable[[http.client.HTTPConnection], http.client.HTTPResponse],
        patience: _Patience,
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """The server may close a free connection at the moment when it is used again. This is no failure."""
        connection = self._silent()
        if connection is not None:
            try:
                return connection, ask(connection)
            except ConnectionError:
                pass
        connection = self._new(patience)
        return connection, ask(connection)

    def _new(self, patience: _Patience) -> http.client.HTTPConnection:
        seconds = min(self._timeout, patience.seconds_left())
        connection = self._address.connection(seconds)
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        connection.auto_open = 0  # it would connect again without our limits
        connection.sock = _TimedSocket(connection.sock, self._timeout, patience)
        return connection

    def _silent(self) -> http.client.HTTPConnection | None:
        """A free connection. One that was closed, or on which something came that was not asked for, is of no use."""
        while (connection := self._taken()) is not None:
            with selectors.DefaultSelector() as selector:
                selector.register(connection.sock, selectors.EVENT_READ)
                if not selector.select(0):
                    return connection
            connection.close()
        return None

    def _taken(self) -> http.client.HTTPConnection | None:
        self._leave_those_of_the_parent()
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _leave_those_of_the_parent(self) -> None:
        """After a fork two processes would read each other's answers. The parent may have held the lock."""
        if self._process != os.getpid():
            idle, self._idle = self._idle, []
            self._lock, self._process = threading.Lock(), os.getpid()
            for connection in idle:
                connection.close()

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < MOST_IDLE and self._process == os.getpid():
                self._idle.append(connection)
                return
        connection.close()


def _asked(
    connection: http.client.HTTPConnection,
    target: str,
    body: bytes,
    headers: Mapping[str, str],
    patience: _Patience,
) -> http.client.HTTPResponse:
    try:
        cast(_TimedSocket, connection.sock).patience = patience
        # The server may have refused the request before it read all of it.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", target, body, headers)
        return connection.getresponse()
    except BaseException:
        connection.close()
        raise


class _TimedSocket:
    """What http.client needs of a socket. Each wait ends after `timeout` seconds, and when patience ends."""

    def __init__(self, inner: socket.socket, timeout: float, patience: _Patience) -> None:
        self.inner = inner
        self.timeout = timeout
        self.patience = patience

    def limit(self) -> None:
        self.inner.settimeout(min(self.timeout, self.patience.seconds_left()))

    def sendall(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            self.limit()
            left = left[self.inner.send(left[:READ_BYTES]) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self))

    def fileno(self) -> int:
        return self.inner.fileno()

    def close(self) -> None:
        self.inner.close()


class _TimedReader(io.RawIOBase):
    def __init__(self, timed: _TimedSocket) -> None:
        self._timed = timed
        self._file = timed.inner.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._timed.limit()
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()
