"""Builds the schema of a pack's facts from its vocabulary, and loads posted facts with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias, cast

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field, Nested

from schemas.closest import did_you_mean
from schemas.fact_fields import FactField
from schemas.field_error import MAX_ERRORS, FieldError, shortened
from schemas.reported import UNKNOWN_KEY, Reported, unknown_key
from schemas.vocabulary import Fact, Vocabulary

FieldPath = tuple[str | int, ...]

UNKNOWN = "unknown fact"
NOT_AN_OBJECT = "not an object"


class _Group(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": NOT_AN_OBJECT}


class LoadedFacts(NamedTuple):
    """`values` by dotted name, None for null; `reported` has the facts posted in envelopes; `errors` all mistakes."""

    values: dict[str, Any]
    reported: dict[str, Reported]
    errors: list[FieldError]


class FactsSchema:
    """The marshmallow schema of one vocabulary, nested by the parts of the facts' names."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.schema = _group(vocabulary.groups())()
        self._fields = _fields(self.schema)

    def load(self, raw: Any) -> LoadedFacts:
        """The facts, or their mistakes: the first MAX_ERRORS, and how many more there are.

        Each posted value is read by its own field. Only after a mistake the whole schema loads the facts, because
        it lists all mistakes. It is slower: marshmallow reads every declared field, posted or not.
        """
        loaded = LoadedFacts({}, {}, [])
        try:
            _read(raw, self._fields, loaded)
            return loaded
        except (ValidationError, LookupError, AttributeError):
            pass
        try:
            return LoadedFacts(dict(_flat(self.schema.load(raw))), {}, [])
        except ValidationError as error:
            return LoadedFacts({}, {}, _errors(error.messages, raw, self.vocabulary))


def _group(tree: Mapping[str, Any]) -> type[Schema]:
    fields: dict[str, Field[Any]] = {
        name: FactField(branch) if isinstance(branch, Fact) else Nested(_group(branch))
        for name, branch in tree.items()
    }
    return _Group.from_dict(fields, name="Facts")


Fields: TypeAlias = Mapping[str, "FactField | Fields"]


def _fields(schema: Schema) -> Fields:
    return {
        name: _fields(field.schema) if isinstance(field, Nested) else cast(FactField, field)
        for name, field in schema.fields.items()
    }


def _read(raw: Mapping[str, Any], fields: Fields, into: LoadedFacts) -> None:
    for key, value in raw.items():
        field = fields[key]
        if not isinstance(field, FactField):
            _read(value, field, into)
        elif isinstance(value, dict):
            reported = into.reported[field.fact.name] = field.reported(value)
            into.values[field.fact.name] = reported.value
        else:
            into.values[field.fact.name] = field.bare(value)


def _flat(loaded: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in loaded.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _errors(messages: Any, raw: Any, vocabulary: Vocabulary) -> list[FieldError]:
    """In the order of the posted fields. Only the listed mistakes get messages: finding hints takes time."""
    found = list(_leaves(messages, (), raw))
    listed = [_error(message, path, got, vocabulary) for message, path, got in found[:MAX_ERRORS]]
    more = len(found) - MAX_ERRORS
    if more > 0:
        listed.append(FieldError("facts", "more-errors", f"has {more} more mistakes"))
    return listed


def _leaves(messages: Any, path: FieldPath, raw: Any) -> Iterator[tuple[Any, FieldPath, Any]]:
    """marshmallow's nested errors as (message, path, posted value)."""
    if isinstance(messages, Mapping) and not isinstance(messages.get("code"), str):
        posted = (
            {key: position for position, key in enumerate(raw)} if isinstance(raw, dict) else {}
        )
        for key in sorted(messages, key=lambda key: posted.get(key, -1)):
            if key == "_schema":
                yield from _leaves(messages[key], path, raw)
            else:
                yield from _leaves(messages[key], (*path, key), _inside(raw, key))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield message, path, raw


def _inside(raw: Any, key: Any) -> Any:
    try:
        return raw[key]
    except (KeyError, IndexError, TypeError):
        return None


def _error(message: Any, path: FieldPath, raw: Any, vocabulary: Vocabulary) -> FieldError:
    where = "facts" + "".join(f"[{p}]" if isinstance(p, int) else f".{p}"[:120] for p in path)
    if isinstance(message, Mapping):
        return FieldError(where, **message)
    if message == UNKNOWN:
        return _unknown(where, path, raw, vocabulary)
    if message == UNKNOWN_KEY:
        return unknown_key(where, str(path[-1]), raw)
    if message in (NOT_AN_OBJECT, "Field may not be null.", "Invalid input type."):
        hint = "leave out the group if all its facts are unknown" if raw is None else ""
        text = "must be an object of facts"
        return FieldError(where, "wrong-type", text, shortened(raw), "an object", hint)
    return FieldError(where, "wrong-type", str(message), shortened(raw))


def _unknown(where: str, path: FieldPath, raw: Any, vocabulary: Vocabulary) -> FieldError:
    name = ".".join(map(str, path))
    hint = did_you_mean(name, vocabulary.facts)
    if "." in str(path[-1]) and name in vocabulary.facts:
        group, _, leaf = name.rpartition(".")
        hint = f'write it nested: {{"{group}": {{"{leaf}": …}}}}'
    message = "is not a fact of this pack"
    return FieldError(
        where, "unknown-fact", message, shortened(raw), "a fact of the vocabulary", hint
    )
