"""The envelope of a posted incident: everything but its facts, which a pack's own schema reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field

from schemas.closest import did_you_mean
from schemas.field_error import MAX_ERRORS, FieldError, entry, shortened
from schemas.scalars import MOMENT, parse_datetime

MAX_NAME = 200
EXPLAIN = ("full", "reasons")


@dataclass(frozen=True, slots=True)
class Incident:
    """What was posted. `facts` and `previous` are unread JSON; what the poster left out is None.

    `explain` asks for every rule's truth value, `contingency` for what would make the answer another.
    """

    facts: Any = field(default_factory=dict)
    as_of: datetime | None = None
    incident_id: str | None = None
    locale: str | None = None
    pack: str | None = None
    previous: Any = None
    explain: str | None = None
    contingency: bool | None = None


class Name(Field[str]):
    """A short text that is not empty."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        allowed = f"a text of 1 to {MAX_NAME} characters"
        if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME:
            raise ValidationError([entry("wrong-type", f"must be {allowed}", value, allowed)])
        return value


class Moment(Field[datetime]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        try:
            return parse_datetime(value).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise ValidationError(
                [entry("bad-format", f"must be {MOMENT}", value, MOMENT)]
            ) from None


class Choice(Field[str]):
    """One of a few words."""

    def __init__(self, words: tuple[str, ...], **more: Any) -> None:
        super().__init__(**more)
        self.words = words

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            allowed = "one of " + ", ".join(self.words)
            raise ValidationError([entry("not-allowed", f"must be {allowed}", value, allowed)])
        return value


class BooleanOption(Field[bool]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            allowed = "true or false"
            raise ValidationError([entry("wrong-type", f"must be {allowed}", value, allowed)])
        return value


class PreviousAnswer(Field[Any]):
    """The last answer, left as it is: `schemas.previous` reads it by the pack."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return value


class FactsObject(Field[dict[str, Any]]):
    """The facts, left as they are: the pack's own schema reads them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            hint = "send {} if nothing is known"
            raise ValidationError(
                [entry("wrong-type", "must be an object of facts", value, "an object", hint)]
            )
        return value


def _about(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, **more}


class IncidentSchema(Schema):
    """The body of a request; unknown keys are refused. A key that is null counts as left out."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "unknown", "type": "type"}

    facts = FactsObject(
        required=True,
        metadata=_about(
            "What is known, nested by group. Left out or null is unknown, never false."
        ),
    )
    as_of = Moment(
        metadata=_about(
            "The moment to judge at; now if left out.", type="string", format="date-time"
        )
    )
    incident_id = Name(metadata=_about("Your own name for the incident; echoed.", type="string"))
    locale = Name(
        metadata=_about(
            "The language of the answer, or both: every text in all of the pack's languages. "
            "The pack's own if left out.",
            type="string",
        )
    )
    pack = Name(metadata=_about("The pack to judge by; the default if left out.", type="string"))
    previous = PreviousAnswer(
        metadata=_about(
            "The last answer about this incident: its as_of, outputs, actions and since, and in "
            "responses the codes of the actions carried out.",
            type="object",
        )
    )
    explain = Choice(
        EXPLAIN,
        metadata=_about(
            "full adds every rule's truth value and what came near to firing.",
            type="string",
            enum=[*EXPLAIN, None],
        ),
    )
    contingency = BooleanOption(
        metadata=_about(
            "true adds what would make the answer worse or better, and the forecast.",
            type="boolean",
        )
    )


_SCHEMA = IncidentSchema()


def load_incident(body: Any) -> tuple[Incident, list[FieldError]]:
    """The envelope as far as it can be read, and what is wrong with it."""
    if not isinstance(body, dict):
        hint = 'send {"facts": {…}}'
        error = FieldError(
            "", "wrong-type", "must be an object", shortened(body), "an object", hint
        )
        return Incident(), [error]
    given = {key: value for key, value in body.items() if value is not None or key == "facts"}
    try:
        return Incident(**_read(given)), []
    except (ValidationError, KeyError):
        pass  # the whole schema tells all mistakes
    try:
        return Incident(**_SCHEMA.load(given)), []
    except ValidationError as problem:
        messages: Any = problem.messages
        errors = [_error(key, messages[key][0], body) for key in _in_order(messages, body)]
        valid = problem.valid_data if isinstance(problem.valid_data, dict) else {}
        return Incident(**valid), errors[:MAX_ERRORS]


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    """Each key by its field: quicker than the schema, which looks at every key it knows."""
    _ = given["facts"]
    return {key: _SCHEMA.fields[key].deserialize(value) for key, value in given.items()}


def _in_order(messages: Mapping[str, Any], body: Mapping[str, Any]) -> list[str]:
    return [key for key in body if key in messages] + [key for key in messages if key not in body]


def _error(key: str, message: Any, body: Mapping[str, Any]) -> FieldError:
    if isinstance(message, Mapping):
        return FieldError(key, **message)
    keys = tuple(_SCHEMA.fields)
    if key in keys:
        hint = "send {} if nothing is known"
        return FieldError(key, "missing", "is missing", None, "an object", hint)
    hint = did_you_mean(key, keys) or "facts stand inside 'facts'"
    message = "is not a key of a request"
    return FieldError(
        key[:120], "unknown-key", message, shortened(body[key]), "one of " + ", ".join(keys), hint
    )
