"""Builds the schema of a pack's facts from its vocabulary, and loads posted facts with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeAlias, cast

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field, Nested

from schemas.closest import did_you_mean
from schemas.fact_fields import FactField
from schemas.field_error import MAX_ERRORS, FieldError, shortened, worded
from schemas.former_names import Deprecated, Renamed
from schemas.key_order import in_one_order
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
    """`values` by dotted name, None for null; `reported` has the facts posted in envelopes.

    `errors` has the first MAX_ERRORS mistakes, and how many more there are; `mistakes` is the number of all. A wrong
    fact is None in `values`, as if null had been posted. Only lenient handling may use the facts beside mistakes.
    `deprecated` are the former names that were posted.
    """

    values: dict[str, Any]
    reported: dict[str, Reported]
    errors: list[FieldError]
    mistakes: int = 0
    deprecated: tuple[Deprecated, ...] = ()


class FactsSchema:
    """The marshmallow schema of one vocabulary, nested by the parts of the facts' names."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.schema = _group(vocabulary.groups())()
        self._fields = _fields(self.schema)

    def load(
        self, raw: Any, as_of: datetime | None = None, *, by_name: bool = False
    ) -> LoadedFacts:
        """The facts, and their mistakes.

        Each posted value is read by its own field. Only after a mistake they are read again, to list all mistakes.
        Moments are compared with `as_of`, the moment of the assessment, if it is given. `by_name` lists the mistakes
        in the order of the posted names, so that the order of keys makes no difference. Former names are taken for the
        present ones.
        """
        if not self.vocabulary.former:
            return self._load(raw, as_of, by_name)
        renamed = self.vocabulary.former.in_facts(raw)
        loaded = self._load(renamed.raw, as_of, by_name)
        return _with_former_names(loaded, renamed) if renamed.deprecated else loaded

    def _load(self, raw: Any, as_of: datetime | None, by_name: bool) -> LoadedFacts:
        loaded = LoadedFacts({}, {}, [])
        try:
            _read(raw, self._fields, as_of, loaded)
            return loaded
        except (ValidationError, LookupError, AttributeError):
            pass
        loaded = LoadedFacts({}, {}, [])
        posted = in_one_order(raw) if by_name else raw
        found = _mistakes(posted, self._fields, as_of, (), loaded)
        errors, mistakes = _errors(found, self.vocabulary)
        return loaded._replace(errors=errors, mistakes=mistakes)


def _with_former_names(loaded: LoadedFacts, renamed: Renamed) -> LoadedFacts:
    """Mistakes are at the names that were posted. A fact that was posted under both names is wrong, so it is null."""
    twice = [_posted_twice(now, was) for now, was in renamed.twice.items()]
    for now in renamed.twice:
        loaded.values[now] = None
        loaded.reported.pop(now, None)
    errors = [_at_posted_name(error, renamed.posted_as) for error in loaded.errors]
    return loaded._replace(
        errors=[*twice, *errors],
        mistakes=loaded.mistakes + len(twice),
        deprecated=tuple(renamed.deprecated),
    )


def _posted_twice(now: str, was: str) -> FieldError:
    message = f"is the former name of '{now}', which is posted too"
    return FieldError(f"facts.{was}", "not-allowed", message, "", "one of the two", f"post '{now}'")


def _at_posted_name(error: FieldError, posted_as: Mapping[str, str]) -> FieldError:
    for now, was in posted_as.items():
        path, rest = f"facts.{now}", error.path.removeprefix(f"facts.{now}")
        if error.path.startswith(path) and (not rest or rest[0] in ".["):
            return replace(error, path=f"facts.{was}{rest}")
    return error


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


def _read(
    raw: Mapping[str, Any], fields: Fields, as_of: datetime | None, into: LoadedFacts
) -> None:
    for key, value in raw.items():
        field = fields[key]
        if isinstance(field, FactField):
            _read_fact(value, field, as_of, into)
        elif value is None:
            into.values.update(dict.fromkeys(_names(field)))
        else:
            _read(value, field, as_of, into)


def _read_fact(value: Any, field: FactField, as_of: datetime | None, into: LoadedFacts) -> None:
    if isinstance(value, dict):
        reported = into.reported[field.fact.name] = field.reported(value, as_of)
        into.values[field.fact.name] = reported.value
    else:
        into.values[field.fact.name] = field.bare(value, as_of)


def _names(fields: Fields) -> Iterator[str]:
    """The facts of a group. In a group that is null or wrong they are null: unknown, so that no assumption takes their place."""
    for field in fields.values():
        if isinstance(field, FactField):
            yield field.fact.name
        else:
            yield from _names(field)


Mistake: TypeAlias = tuple[Any, FieldPath, Any]
"""marshmallow's message or our own, the path, and the posted value."""


def _mistakes(
    raw: Any, fields: Fields, as_of: datetime | None, path: FieldPath, into: LoadedFacts
) -> Iterator[Mistake]:
    """In the order of the fields in `raw`. Reads the right facts; each wrong one is None in `into`.

    A fact whose name was posted in a wrong form, such as with dots, is wrong too, so nothing is assumed for it.
    """
    if not isinstance(raw, dict):
        into.values.update(dict.fromkeys(_names(fields)))
        yield NOT_AN_OBJECT, path, raw
        return
    for key, value in raw.items():
        field = fields.get(key)
        if field is None:
            yield UNKNOWN, (*path, key), value
        elif isinstance(field, FactField):
            yield from _mistakes_of_fact(value, field, as_of, (*path, key), into)
        elif value is None:
            into.values.update(dict.fromkeys(_names(field)))
        else:
            yield from _mistakes(value, field, as_of, (*path, key), into)
    for name in _misnamed(raw, fields):
        into.values[name] = None
        into.reported.pop(name, None)


def _mistakes_of_fact(
    value: Any, field: FactField, as_of: datetime | None, path: FieldPath, into: LoadedFacts
) -> Iterator[Mistake]:
    """If only keys about the value are wrong, it still counts, unless what they mean could make it count as unknown."""
    try:
        _read_fact(value, field, as_of, into)
    except ValidationError as error:
        name, right_keys = field.fact.name, error.valid_data
        into.values[name] = None
        if isinstance(right_keys, dict) and not field.fact.unknown_if:
            reported = into.reported[name] = Reported(**right_keys)
            into.values[name] = reported.value
        yield from _leaves(error.messages, path, value)


def _misnamed(raw: Mapping[str, Any], fields: Fields) -> Iterator[str]:
    for key, value in raw.items():
        if "." in key and key not in fields:
            yield from _meant_by(key, value, fields)


def _meant_by(key: str, value: Any, fields: Fields) -> Iterator[str]:
    """The facts that a key with dots means: one fact, or those of a group."""
    name, _, rest = key.partition(".")
    field = fields.get(name)
    if field is None:
        return
    if isinstance(field, FactField):
        yield field.fact.name
    elif rest:
        yield from _meant_by(rest, value, field)
    elif isinstance(value, dict):
        for inner, posted in value.items():
            yield from _meant_by(inner, posted, field)
    else:
        yield from _names(field)


def _errors(mistakes: Iterator[Mistake], vocabulary: Vocabulary) -> tuple[list[FieldError], int]:
    """The first MAX_ERRORS mistakes, and the number of all. The others are only counted: wording them takes time."""
    listed = [_error(*mistake, vocabulary) for mistake in islice(mistakes, MAX_ERRORS)]
    more = sum(1 for _ in mistakes)
    count = len(listed) + more
    if more:
        listed.append(FieldError("facts", "more-errors", f"has {more} more mistakes"))
    return listed, count


def _leaves(messages: Any, path: FieldPath, raw: Any) -> Iterator[Mistake]:
    """marshmallow's nested errors as (message, path, posted value)."""
    if isinstance(messages, Mapping) and not isinstance(messages.get("code"), str):
        posted = (
            {key: position for position, key in enumerate(raw)} if isinstance(raw, dict) else {}
        )
        for key in sorted(messages, key=lambda key: posted.get(key, -1)):
            inner, got = messages[key], _inside(raw, key)
            if isinstance(inner, list):
                yield from ((message, (*path, key), got) for message in inner)
            else:
                yield from _leaves(inner, (*path, key), got)
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
        return worded(where, message)
    if message == UNKNOWN:
        return _unknown(where, path, raw, vocabulary)
    if message == UNKNOWN_KEY:
        return unknown_key(where, str(path[-1]), raw)
    if message == NOT_AN_OBJECT:
        text = "must be an object of facts"
        return FieldError(where, "wrong-type", text, shortened(raw), "an object")
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
