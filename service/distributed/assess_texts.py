"""Answers a list of incidents, each a JSON text. The same settings and the same text give the same bytes, in any process.

It must not read a clock, a file or a setting. The pack is the only thing that it finds in its process, by its digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from schemas.answer_fields import PATH as FIELDS
from schemas.strict_json import write_json
from service.answering import finish, problem
from service.asking.posted import Post
from service.distributed.run import RunSettings
from service.distributed.worker_packs import PROCESS_PACKS
from service.lines import (
    AS_OF,
    NO_MOMENT,
    incident_id_of,
    read_line,
    with_keys,
    with_own_moment,
)
from service.problem_details import ASSESSMENT_ERRORS
from service.serving.packs import Packs

IncidentText = str | bytes | None
"""The body of a request. None, which a table can have, is a problem, as an empty text is."""


@dataclass(frozen=True, slots=True)
class AssessedText:
    """The answer to an incident, or its problem: one JSON text, the other is None.

    `lifted` has the value of each output at the top of the answer.
    """

    answer: str | None
    problem: str | None = None
    lifted: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What a batch would have in this line: the answer or the problem."""
        return self.answer or self.problem or ""


def assess_texts(settings: RunSettings, texts: Iterable[IncidentText]) -> list[AssessedText]:
    """One result for each text, in their order. A wrong incident is a problem; the others are not affected.

    Raises PackNotSent, OtherSoftware and PackRefused if the pack of the run cannot be had in this process, and TypeError for
    an incident that is no text.
    """
    packs = PROCESS_PACKS.find(settings.pack)
    post = Post(lambda: settings.as_of or NO_MOMENT, settings.lenient, partial(_extended, settings))
    return [_assessed(_as_bytes(text), packs, post) for text in texts]


def _extended(settings: RunSettings, body: Any) -> Any:
    """The body with what it gets unless it has it itself: the answer is what any server gives for the body with these keys.

    Raises RefusedIncident if the run has no moment and the body has none.
    """
    found = with_keys(_keys(settings), body)
    if settings.as_of is not None:
        return found
    hint = "add it to the incident"
    return with_own_moment(found, "is missing, and the run has no moment", hint)


def _keys(settings: RunSettings) -> dict[str, Any]:
    moment = {} if settings.as_of is None else {AS_OF: settings.as_of.isoformat()}
    return moment if settings.fields is None else {**moment, FIELDS: list(settings.fields)}


def _as_bytes(text: IncidentText) -> bytes:
    """Without the end of a line, which some readers of files leave: a problem can name the place of a mistake.

    A text that is no Unicode gives bytes that the strict reader refuses. Raises TypeError for what is no text.
    """
    if not isinstance(text, str | bytes | None):
        raise TypeError(f"an incident is a {type(text).__name__}, but it must be a JSON text")
    if isinstance(text, str):
        text = text.encode(errors="surrogatepass")
    return (text or b"").removesuffix(b"\n").removesuffix(b"\r")


def _assessed(text: bytes, packs: Packs, post: Post) -> AssessedText:
    try:
        assessment = packs.assess(post(read_line(text, post.lenient)))
    except ASSESSMENT_ERRORS as error:
        told = problem(error, incident_id=incident_id_of(text))
        return AssessedText(None, write_json(told).decode())
    answer = write_json(finish(assessment)).decode()
    return AssessedText(answer, None, assessment.summary.lifted)
