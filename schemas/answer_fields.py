"""Which keys of an answer a caller wants: the names that there are, and how an answer is cut to some of them.

It must not make an answer. Whatever is wanted, the keys that say what an answer is about, and what was not taken, stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow.fields import Dict, Field, List, Nested

from schemas.assessment import REQUESTED_KEYS, AssessmentSchema, LiftedSchema
from schemas.closed_schema import BY_OUTPUT
from schemas.closest import did_you_mean
from schemas.field_error import MAX_ERRORS, FieldError

PATH = "fields"
ALWAYS = (
    *("assessment_id", "incident_id", "as_of", "pack"),
    *("ignored", "previous_ignored", "deprecated"),
)
"""The keys that every answer has, if it has them at all."""
FOR_PREVIOUS = "previous"
"""The name of all keys that the next request needs to send the answer back as `previous`."""
_OF_ACTIONS = ("code", "due_at", "approve_by", "if", "done", "done_at", "asked_at", "again_at", "seen")  # fmt: skip
_PREVIOUS: Mapping[str, Collection[str] | None] = {
    "outputs": None,
    "since": None,
    "actions": _OF_ACTIONS,
    "blocked": ("code",),
    "held": ("code",),
    "done_earlier": _OF_ACTIONS,
    "next_review": None,
    "figures": None,
}
_ON_REQUEST = {"explanation": '"explain": "full"', "contingency": '"contingency": true', "drafts": '"drafts": true'}  # fmt: skip

Wanted = dict[str, frozenset[str] | None]
"""By key of the answer: the keys wanted in it, or in each of its entries; None for all."""


@dataclass(frozen=True, slots=True)
class AnswerFields:
    """What a caller wants of an answer."""

    wanted: Mapping[str, frozenset[str] | None]

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
    def of(cls, outputs: Collection[str], lifted: Collection[str], at_top: Collection[str]) -> FieldNames:  # fmt: skip
        """`at_top` are the outputs at the top of an answer, `lifted` those of them that `since` has."""
        by_output = {"outputs": outputs, "since": lifted, "lifted": lifted}
        inner = {
            name: _inner_names(field, by_output)
            for name, field in AssessmentSchema().fields.items()
        }
        return cls({**inner, **dict.fromkeys(at_top, tuple(LiftedSchema().fields))})

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
                for key, keys in _PREVIOUS.items():
                    _add(wanted, key, keys)
            elif (error := self._mistake(name, requested)) is not None:
                errors.append(error)
            else:
                key, _, within = name.partition(".")
                _add(wanted, key, (within,) if within else None)
        return AnswerFields(wanted), errors[:MAX_ERRORS]

    def _mistake(self, name: str, requested: Collection[str]) -> FieldError | None:
        key, dot, within = name.partition(".")
        if key in REQUESTED_KEYS and key not in requested and key in _ON_REQUEST:
            hint = f"send {_ON_REQUEST[key]} too"
            return FieldError(PATH, "not-allowed", f"has '{key}', which the request does not ask for", name, "", hint)  # fmt: skip
        if key not in self.inner:
            known = (*self.inner, FOR_PREVIOUS)
            return _unknown(name, "is not a key of an answer", known, did_you_mean(key, known))
        if dot and within not in self.inner[key]:
            message = f"is not a key in '{key}'" if self.inner[key] else f"'{key}' has no keys to choose from"  # fmt: skip
            known = tuple(f"{key}.{one}" for one in self.inner[key]) or (key,)
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
            return _names(field)
        case List(inner=Nested() as entry):
            return _names(entry)
        case Dict(metadata=metadata) if BY_OUTPUT in metadata:
            return tuple(by_output[metadata[BY_OUTPUT]])
    return ()


def _names(nested: Nested) -> tuple[str, ...]:
    return tuple(field.data_key or name for name, field in nested.schema.fields.items())
