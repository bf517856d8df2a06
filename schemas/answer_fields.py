"""Which keys of an answer a caller wants: the names that there are, and how an answer is cut to some of them.

It must not make an answer. Whatever is wanted, the keys that say what an answer is about, and what was not taken, stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow.fields import Dict, Field, List, Nested

from schemas.assessment import AssessmentSchema, LiftedSchema
from schemas.closed_schema import BY_OUTPUT, keys_of
from schemas.closest import did_you_mean
from schemas.field_error import MAX_ERRORS, FieldError
from schemas.previous_actions import DONE_EARLIER, READ_KEYS
from schemas.previous_reader import KEYS as READ_OF_PREVIOUS

PATH = "fields"
ALWAYS = (
    *("assessment_id", "incident_id", "as_of", "pack"),
    *("ignored", "previous_ignored", "deprecated"),
)
"""The keys that every answer has, if it has them at all."""
FOR_PREVIOUS = "previous"
"""The name of all keys that the next request needs to send the answer back as `previous`."""
_READ_WITHIN: Mapping[str, Collection[str]] = {
    "actions": READ_KEYS,
    "blocked": ("code",),
    "held": ("code",),
    DONE_EARLIER: READ_KEYS,
}
"""What a later request reads in these keys of its `previous`. The others are read whole."""
_ON_REQUEST = {
    "explanation": '"explain": "full"',
    "contingency": '"contingency": true',
    "drafts": '"drafts": true',
}
"""The parts that an answer has only if the body asks for them, each with how."""

Wanted = dict[str, frozenset[str] | None]
"""By key of the answer: the keys wanted in it, or in each of its entries; None for all."""


@dataclass(frozen=True, slots=True)
class AnswerFields:
    """What a caller wants of an answer."""

    wanted: Wanted

    def has(self, key: str) -> bool:
        return key in ALWAYS or key in self.wanted

    def cut(self, key: str, value: Any) -> Any:
        """The value of this key with only what is wanted in it. What has no keys, such as null, stays as it is."""
        inner = self.wanted.get(key)
        if inner is None or key in ALWAYS:
            return value
        if isinstance(value, list):
            return [{name: one[name] for name in one if name in inner} for one in value]
        if isinstance(value, dict):
            return {name: value[name] for name in value if name in inner}
        return value


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The names that the answers of one pack have. `inner` has for each key the names in it, none if it has no keys of its own."""

    inner: Mapping[str, Collection[str]]

    @classmethod
    def of(
        cls, outputs: Collection[str], lifted: Collection[str], at_top: Collection[str]
    ) -> FieldNames:
        """`at_top` are the outputs at the top of an answer, `lifted` those of them that `since` has."""
        by_output = {"outputs": outputs, "since": lifted, "lifted": lifted}
        inner = {
            name: _inner_names(field, by_output)
            for name, field in AssessmentSchema().fields.items()
        }
        return cls({**inner, **dict.fromkeys(at_top, keys_of(LiftedSchema()))})

    def patterns(self) -> Iterator[str]:
        """A regular expression for each key with the names in it, without the parts on request."""
        yield FOR_PREVIOUS
        for key, inner in self.inner.items():
            if key not in _ON_REQUEST:
                yield key + (rf"(\.({'|'.join(inner)}))?" if inner else "")

    def load(
        self, names: Sequence[str] | None, requested: Collection[str]
    ) -> tuple[AnswerFields | None, list[FieldError]]:
        """What is wanted, None for all, and the mistakes. `requested` are the parts that the request asks for apart."""
        if names is None:
            return None, []
        wanted: Wanted = {}
        errors = []
        for name in dict.fromkeys(names):
            if name == FOR_PREVIOUS:
                for key in READ_OF_PREVIOUS:
                    if key in self.inner and key not in ALWAYS:
                        _add(wanted, key, _READ_WITHIN.get(key))
            elif (error := self._mistake(name, requested)) is not None:
                errors.append(error)
            else:
                key, _, within = name.partition(".")
                _add(wanted, key, (within,) if within else None)
        return AnswerFields(wanted), errors[:MAX_ERRORS]

    def _mistake(self, name: str, requested: Collection[str]) -> FieldError | None:
        key, dot, within = name.partition(".")
        if key in _ON_REQUEST and key not in requested:
            message = f"has '{key}', which the request does not ask for"
            hint = f"send {_ON_REQUEST[key]} too"
            return FieldError(PATH, "not-allowed", message, name, "", hint)
        if key not in self.inner:
            known = [*self.inner, FOR_PREVIOUS]
            return _unknown(name, "is not a key of an answer", known, did_you_mean(key, known))
        if dot and within not in self.inner[key]:
            message, known = f"'{key}' has no keys to choose from", [key]
            if inner := self.inner[key]:
                message, known = f"is not a key in '{key}'", [f"{key}.{one}" for one in inner]
            return _unknown(name, message, known, did_you_mean(name, known))
        return None


def _add(wanted: Wanted, key: str, keys: Collection[str] | None) -> None:
    """A key that is wanted whole is wanted with every part of it."""
    have = wanted.get(key, frozenset())
    wanted[key] = None if keys is None or have is None else have.union(keys)


def _unknown(name: str, message: str, known: Collection[str], hint: str) -> FieldError:
    return FieldError(PATH, "not-allowed", message, name, "one of " + ", ".join(known), hint)


def _inner_names(field: Field[Any], by_output: Mapping[str, Collection[str]]) -> Collection[str]:
    match field:
        case Nested():
            return keys_of(field.schema)
        case List(inner=Nested() as entry):
            return keys_of(entry.schema)
        case Dict(metadata=metadata) if BY_OUTPUT in metadata:
            return tuple(by_output[metadata[BY_OUTPUT]])
    return ()
