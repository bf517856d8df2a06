"""Reads a posted incident: all keys of the body. A pack's own schema reads the facts in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timezone, tzinfo
from typing import Any

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field

from schemas.closest import did_you_mean
from schemas.field_error import MAX_ERRORS, FieldError, entry, shortened, worded
from schemas.moment_hints import moment_hint
from schemas.scalars import MOMENT, parse_datetime, written_offset
from schemas.time_zones import EXAMPLE, find_zone, zone_hint

MAX_NAME, MOST_NAMES = 200, 200
EXPLAIN = ("full", "reasons")


@dataclass(frozen=True, slots=True)
class Incident:
    """A posted incident. `facts`, `previous` and `done` are unread JSON. A key that the caller left out is None.

    `timezone` is the zone that the body names for the moments of the answer, `offset` the one that `as_of` was written
    with; it is None for Z, which names none.
    `explain` requests every rule's truth value, `contingency` the changes that would lead to another answer,
    `drafts` the words that are ready to send. `fields` are the keys of the answer that are wanted; None for all.
    """

    facts: Any = field(default_factory=dict)
    as_of: datetime | None = None
    offset: timezone | None = None
    incident_id: str | None = None
    locale: str | None = None
    timezone: tzinfo | None = None
    pack: str | None = None
    brand: str | None = None
    previous: Any = None
    done: Any = None
    explain: str | None = None
    contingency: bool | None = None
    drafts: bool | None = None
    fields: tuple[str, ...] | None = None


class Name(Field[str]):
    """A short text that is not empty."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        allowed = f"a text of 1 to {MAX_NAME} characters"
        if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME:
            raise ValidationError([entry("wrong-type", f"must be {allowed}", value, allowed)])
        return value


class Moment(Field[datetime]):
    """A moment, in UTC."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        try:
            return parse_datetime(value).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            hint = moment_hint(value, "leave it out if you have none")
            raise ValidationError(
                [entry("bad-format", f"must be {MOMENT}", value, MOMENT, hint)]
            ) from None


class Zone(Field[tzinfo]):
    """An IANA time zone, by its name."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tzinfo:
        allowed = "the name of an IANA time zone"
        if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME:
            raise ValidationError(
                [entry("wrong-type", f"must be {allowed}", value, allowed, EXAMPLE)]
            )
        zone = find_zone(value)
        if zone is None:
            raise ValidationError(
                [entry("not-allowed", f"must be {allowed}", value, allowed, zone_hint(value))]
            )
        return zone


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


class AnswerKeys(Field[tuple[str, ...]]):
    """Names of keys of the answer: a list, or one text with commas between them. A pack knows which there are."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        names = value.split(",") if isinstance(value, str) else value
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            names = []
        names = [name.strip() for name in names]
        if not 0 < len(names) <= MOST_NAMES or not all(0 < len(name) <= MAX_NAME for name in names):
            allowed = f"1 to {MOST_NAMES} names of keys, as a list or with commas between them"
            hint = 'such as ["grade", "actions.code"]; leave it out for the whole answer'
            raise ValidationError([entry("wrong-type", f"must be {allowed}", value, allowed, hint)])
        return tuple(names)


class ReadForOnePack(Field[Any]):
    """The previous answer, or what was carried out, unchanged: they are read for one pack."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return value


class FactsObject(Field[dict[str, Any]]):
    """The facts, unchanged: the pack's own schema reads them."""

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
    """The body of a request. Unknown keys are refused. A key with the value null counts as left out, except `facts`."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "unknown", "type": "type"}

    facts = FactsObject(
        required=True,
        metadata=_about(
            "The known facts, nested by group. A fact left out or null is unknown, never false."
        ),
    )
    as_of = Moment(
        metadata=_about(
            "The moment of the assessment; now if left out.", type="string", format="date-time"
        )
    )
    incident_id = Name(
        metadata=_about("Your own name for the incident; the answer repeats it.", type="string")
    )
    locale = Name(
        metadata=_about(
            "The language of the answer, or both: every text in all languages of the pack. "
            "zh-CN means zh if the pack has no text in zh-CN. If left out, the brand's language, or else the pack's.",
            type="string",
        )
    )
    timezone = Zone(
        metadata=_about(
            "The IANA time zone in which the answer writes its moments. If left out, the offset of as_of; "
            "with Z or without as_of, the brand's time zone, or else the pack's. It changes no deadline.",
            type="string",
        )
    )
    pack = Name(
        metadata=_about("The pack that assesses; the default pack if left out.", type="string")
    )
    brand = Name(
        metadata=_about(
            "The brand of the pack that the incident is about. What the pack knows of it counts as posted: facts that are "
            "not posted, the time zone and the language. A fact that is posted, or null, replaces the brand's.",
            type="string",
        )
    )
    previous = ReadForOnePack(
        metadata=_about(
            "The previous answer about this incident, whole or cut to the keys named here. "
            "responses has the codes of the actions carried out since.",
            type="object",
        )
    )
    done = ReadForOnePack(
        metadata=_about(
            "The actions that were carried out, each with its code and the moment (at) when it was. "
            "Without previous too.",
            type="array",
        )
    )
    explain = Choice(
        EXPLAIN,
        metadata=_about(
            "full adds every rule's truth value and the near misses.",
            type="string",
            enum=[*EXPLAIN, None],
        ),
    )
    contingency = BooleanOption(
        metadata=_about(
            "true adds the changes that would make the answer worse or better, and the forecast.",
            type="boolean",
        )
    )
    drafts = BooleanOption(
        metadata=_about(
            "true adds words ready to send for the actions of the plan for which the pack has a draft.",
            type="boolean",
        )
    )
    # Named apart from the `fields` that every schema has.
    answer_keys = AnswerKeys(
        data_key="fields",
        attribute="fields",
        metadata=_about(
            "The keys of the answer that are wanted, such as grade or actions.code; previous names all that the next request "
            "sends back. The ids, as_of, pack and what was not taken are always there. All keys if left out.",
        ),
    )


_SCHEMA = IncidentSchema()
FIELDS: Mapping[str, Field[Any]] = {
    field.data_key or name: field for name, field in _SCHEMA.fields.items()
}
"""The keys of a request, each with what reads it."""


def load_incident(body: Any) -> tuple[Incident, list[FieldError]]:
    """The readable part of the body, and its mistakes."""
    if not isinstance(body, dict):
        hint = 'send {"facts": {…}}'
        error = FieldError(
            "", "wrong-type", "must be an object", shortened(body), "an object", hint
        )
        return Incident(), [error]
    given = sent_keys(body)
    try:
        return _incident(_read(given), given), []
    except (ValidationError, KeyError):
        pass  # the whole schema lists all mistakes
    try:
        return _incident(_SCHEMA.load(_first_keys(given)), given), []
    except ValidationError as problem:
        messages: Any = problem.messages
        listed = _in_order(messages, body)[:MAX_ERRORS]
        valid = problem.valid_data if isinstance(problem.valid_data, dict) else {}
        return _incident(valid, given), [_error(key, messages[key][0], body) for key in listed]


def _incident(read: dict[str, Any], given: Mapping[str, Any]) -> Incident:
    """The incident, with the offset that `as_of` was written with."""
    return Incident(**read, offset=written_offset(given["as_of"]) if "as_of" in read else None)


def sent_keys(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body without the keys that count as left out."""
    return {key: value for key, value in body.items() if value is not None or key == "facts"}


def named(body: Any) -> str | None:
    """The body's incident_id, however wrong the rest is. None if there is none, or it is wrong itself."""
    found = body.get("incident_id") if isinstance(body, dict) else None
    return found if isinstance(found, str) and 0 < len(found) <= MAX_NAME else None


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    """Each key by its field: faster than the schema, which reads every declared key."""
    _ = given["facts"]
    return {key: FIELDS[key].deserialize(value) for key, value in given.items()}


def _first_keys(given: Mapping[str, Any]) -> dict[str, Any]:
    """Without the unknown keys that are not listed: marshmallow's time grows with the square of their number."""
    unknown = [key for key in given if key not in FIELDS][:MAX_ERRORS]
    return {key: given[key] for key in given if key in FIELDS} | {
        key: given[key] for key in unknown
    }


def _in_order(messages: Mapping[str, Any], body: Mapping[str, Any]) -> list[str]:
    return [key for key in body if key in messages] + [key for key in messages if key not in body]


def _error(key: str, message: Any, body: Mapping[str, Any]) -> FieldError:
    if isinstance(message, Mapping):
        return worded(key, message)
    if key in FIELDS:
        hint = "send {} if nothing is known"
        return FieldError(key, "missing", "is missing", None, "an object", hint)
    hint = did_you_mean(key, FIELDS) or "facts belong inside 'facts'"
    message = "is not a key of a request"
    return FieldError(
        key[:120], "unknown-key", message, shortened(body[key]), "one of " + ", ".join(FIELDS), hint
    )
