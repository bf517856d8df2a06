"""Reads the previous answer, which a caller sends back, by the outputs and actions of the pack that assesses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from marshmallow import ValidationError

from schemas.closest import did_you_mean
from schemas.fact_fields import FactField
from schemas.field_error import MAX_ERRORS, FieldError, shortened, worded
from schemas.moment_hints import moment_hint
from schemas.scalars import MOMENT, parse_datetime
from schemas.vocabulary import Fact

KEYS = ("as_of", "outputs", "actions", "since", "responses")
MOST = 1024
"""The most entries in each part of a previous answer."""


@dataclass(frozen=True, slots=True)
class Previous:
    """`outputs` and `since` are keyed by output name, `actions` by code; the values of `actions` are deadlines.

    Moments are in UTC. `responses` are the actions carried out since, and those that the previous answer
    marks as done. `undated` are the codes in `actions` that were sent without `due_at`; null for no deadline
    is not undated.
    """

    as_of: datetime
    outputs: Mapping[str, Any] = field(default_factory=dict)
    actions: Mapping[str, datetime | None] = field(default_factory=dict)
    since: Mapping[str, datetime] = field(default_factory=dict)
    responses: tuple[str, ...] = ()
    undated: frozenset[str] = frozenset()


class PreviousReader:
    """Reads the previous answer for one pack. `outputs` are the pack's outputs as facts, `codes` its actions.

    An answer of an older version can name outputs and actions that no longer exist. They are not mistakes.
    """

    def __init__(self, outputs: Mapping[str, Fact], codes: Mapping[str, object]) -> None:
        self.fields = {name: FactField(fact) for name, fact in outputs.items()}
        self.codes = codes

    def load(self, raw: Any) -> tuple[Previous | None, list[FieldError]]:
        """The previous answer and all mistakes. It is None if none was sent or if there is a mistake."""
        if raw is None:
            return None, []
        reading = _Reading(self)
        found = reading.answer(raw)
        return (None if reading.errors else found), reading.errors


class _PreviousAction(NamedTuple):
    """An action of the previous answer."""

    code: str
    due_at: datetime | None
    dated: bool
    done: bool


@dataclass(slots=True)
class _Reading:
    reader: PreviousReader
    errors: list[FieldError] = field(default_factory=list)

    def answer(self, raw: Any) -> Previous | None:
        if not self._is(dict, raw, "previous", "an object"):
            return None
        for key in raw:
            if key not in KEYS and self._is_listed():
                hint = did_you_mean(key, KEYS) or "send only these parts of the previous answer"
                self._wrong(
                    f"previous.{key}"[:120],
                    "unknown-key",
                    "is not a key of previous",
                    raw[key],
                    "one of " + ", ".join(KEYS),
                    hint,
                )
        as_of = self._moment(raw.get("as_of"), "previous.as_of")
        if as_of is None:
            return None
        outputs = self._outputs(raw.get("outputs", {}))
        told = list(self._actions(raw.get("actions", [])))
        done = [action.code for action in told if action.done and action.code in self.reader.codes]
        return Previous(
            as_of,
            outputs,
            {action.code: action.due_at for action in told},
            self._since(raw.get("since", {})),
            tuple(dict.fromkeys([*done, *self._responses(raw.get("responses", []))])),
            frozenset(action.code for action in told if not action.dated),
        )

    def _outputs(self, raw: Any) -> dict[str, Any]:
        if not self._is(dict, raw, "previous.outputs", "an object"):
            return {}
        found: dict[str, Any] = {}
        for name, given in raw.items():
            output = self.reader.fields.get(name)
            if output is not None:
                value = given.get("value") if isinstance(given, dict) else given
                self._put(found, name, value, output)
        return found

    def _put(self, found: dict[str, Any], name: str, value: Any, output: FactField) -> None:
        if value is None:
            return
        try:
            found[name] = output.deserialize(value)
        except ValidationError as error:
            for message in error.messages:
                where = f"previous.outputs.{name}"
                if isinstance(message, Mapping) and self._is_listed():
                    self.errors.append(worded(where, message))
                elif not isinstance(message, Mapping):
                    self._wrong(where, "wrong-type", "is not a value of this output", value)

    def _actions(self, raw: Any) -> Iterator[_PreviousAction]:
        if not self._is(list, raw, "previous.actions", "a list"):
            return
        for position, item in enumerate(raw):
            where = f"previous.actions[{position}]"
            told = item if isinstance(item, dict) else {"code": item}
            code, due, done = told.get("code"), told.get("due_at"), told.get("done", False)
            if not isinstance(code, str):
                self._wrong(where, "wrong-type", "must be an action of the previous answer", item)
                continue
            if not isinstance(done, bool):
                self._wrong(f"{where}.done", "wrong-type", "must be true or false", done)
            moment = None if due is None else self._moment(due, f"{where}.due_at")
            yield _PreviousAction(code, moment, "due_at" in told, done is True)

    def _since(self, raw: Any) -> dict[str, datetime]:
        if not self._is(dict, raw, "previous.since", "an object"):
            return {}
        read = {name: self._moment(at, f"previous.since.{name}"[:120]) for name, at in raw.items()}
        return {name: moment for name, moment in read.items() if moment is not None}

    def _responses(self, raw: Any) -> list[str]:
        if not self._is(list, raw, "previous.responses", "a list"):
            return []
        for position, code in enumerate(raw):
            known = isinstance(code, str) and code in self.reader.codes
            if not known and self._is_listed():
                hint = did_you_mean(str(code)[:80], list(self.reader.codes))
                self._wrong(
                    f"previous.responses[{position}]",
                    "not-allowed",
                    "is not an action of this pack",
                    code,
                    "the code of an action",
                    hint,
                )
        return [code for code in raw if isinstance(code, str)]

    def _moment(self, raw: Any, where: str) -> datetime | None:
        try:
            return parse_datetime(raw).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            self._wrong(where, "bad-format", f"must be {MOMENT}", raw, MOMENT, moment_hint(raw))
            return None

    def _is(self, python_type: type[Any], raw: Any, where: str, allowed: str) -> bool:
        if isinstance(raw, python_type) and len(raw) <= MOST:
            return True
        message = f"must be {allowed}, as in the previous answer"
        self._wrong(where, "wrong-type", message, raw, allowed)
        return False

    def _wrong(
        self, where: str, code: str, message: str, got: Any, allowed: str = "", hint: str = ""
    ) -> None:
        if self._is_listed():
            self.errors.append(FieldError(where, code, message, shortened(got), allowed, hint))

    def _is_listed(self) -> bool:
        """Whether one more mistake is listed. Later ones are not worded: finding hints takes time."""
        return len(self.errors) < MAX_ERRORS
