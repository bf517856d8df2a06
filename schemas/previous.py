"""The last answer about an incident, as a poster sends it back: read by the outputs and actions of the pack that judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from marshmallow import ValidationError

from schemas.closest import did_you_mean
from schemas.fact_fields import FactField
from schemas.field_error import FieldError, shortened
from schemas.scalars import MOMENT, parse_datetime
from schemas.vocabulary import Fact

KEYS = ("as_of", "outputs", "actions", "since", "responses")
MOST = 1024
"""More outputs or actions than this are no answer of ours."""


@dataclass(frozen=True, slots=True)
class Previous:
    """`outputs` and `since` go by output name, `actions` (to their deadlines) by code. Moments are in UTC.

    `responses` are the actions carried out since, and those that the last answer called done;
    `undated` those of the actions of whose deadline nothing is said, not even that there was none.
    """

    as_of: datetime
    outputs: Mapping[str, Any] = field(default_factory=dict)
    actions: Mapping[str, datetime | None] = field(default_factory=dict)
    since: Mapping[str, datetime] = field(default_factory=dict)
    responses: tuple[str, ...] = ()
    undated: frozenset[str] = frozenset()


class PreviousReader:
    """Reads the last answer for one pack. `outputs` are its outputs as facts, `codes` its actions.

    An answer of an older version may name outputs and actions that are gone: they are passed over.
    """

    def __init__(self, outputs: Mapping[str, Fact], codes: Mapping[str, object]) -> None:
        self.fields = {name: FactField(fact) for name, fact in outputs.items()}
        self.codes = codes

    def load(self, raw: Any) -> tuple[Previous | None, list[FieldError]]:
        """None without a last answer, and where it cannot be read; and all mistakes."""
        if raw is None:
            return None, []
        reading = _Reading(self)
        found = reading.answer(raw)
        return (None if reading.errors else found), reading.errors


class _Told(NamedTuple):
    """What the last answer says of an action."""

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
            if key not in KEYS:
                hint = did_you_mean(key, KEYS) or "send these parts of the last answer"
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
                if isinstance(message, Mapping):
                    self.errors.append(FieldError(where, **message))
                else:
                    self._wrong(where, "wrong-type", "is not a value of this output", value)

    def _actions(self, raw: Any) -> Iterator[_Told]:
        if not self._is(list, raw, "previous.actions", "a list"):
            return
        for position, item in enumerate(raw):
            where = f"previous.actions[{position}]"
            told = item if isinstance(item, dict) else {"code": item}
            code, due, done = told.get("code"), told.get("due_at"), told.get("done", False)
            if not isinstance(code, str):
                self._wrong(where, "wrong-type", "must be an action of the last answer", item)
                continue
            if not isinstance(done, bool):
                self._wrong(f"{where}.done", "wrong-type", "must be true or false", done)
            moment = None if due is None else self._moment(due, f"{where}.due_at")
            yield _Told(code, moment, "due_at" in told, done is True)

    def _since(self, raw: Any) -> dict[str, datetime]:
        if not self._is(dict, raw, "previous.since", "an object"):
            return {}
        read = {name: self._moment(at, f"previous.since.{name}"[:120]) for name, at in raw.items()}
        return {name: moment for name, moment in read.items() if moment is not None}

    def _responses(self, raw: Any) -> list[str]:
        if not self._is(list, raw, "previous.responses", "a list"):
            return []
        for position, code in enumerate(raw):
            if not isinstance(code, str) or code not in self.reader.codes:
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
            self._wrong(where, "bad-format", f"must be {MOMENT}", raw, MOMENT)
            return None

    def _is(self, kind: type[Any], raw: Any, where: str, allowed: str) -> bool:
        if isinstance(raw, kind) and len(raw) <= MOST:
            return True
        self._wrong(where, "wrong-type", f"must be {allowed}, as in the last answer", raw, allowed)
        return False

    def _wrong(
        self, where: str, code: str, message: str, got: Any, allowed: str = "", hint: str = ""
    ) -> None:
        self.errors.append(FieldError(where, code, message, shortened(got), allowed, hint))
