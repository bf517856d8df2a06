"""Reads the outputs of a previous answer: bare values, or the objects with `value` or `code` that answers have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from schemas.field_error import FieldError, shortened
from schemas.output_fields import OutputField
from schemas.previous_mistakes import PreviousMistakes

NO_VALUE = object()


@dataclass(slots=True)
class OutputsReader:
    """`outputs` are the outputs that are read, `not_read` the others of the pack, `lifted` those that `since` can name.

    `found` gets the values, `unread` the outputs that were sent with a value that they do not have in this pack.
    """

    outputs: Mapping[str, OutputField]
    not_read: Collection[str]
    lifted: Collection[str]
    mistakes: PreviousMistakes
    found: dict[str, Any] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def read(self, given: Iterable[tuple[str, str, Any]]) -> None:
        """Each output with its path. If not one is known, the previous answer would count for nothing: that is a mistake.

        In an answer that says it is of another version, one with a value that this version lacks is known: rules take its
        value for unknown. Without a digest such a value alone is more likely a spelling mistake.
        """
        before, some = len(self.mistakes.passed_over), False
        for name, where, value in given:
            some = True
            self._output(name, where, value)
        some_known = self.found or (self.unread and self.mistakes.other_version)
        if some and not some_known:
            self.mistakes.take_as_errors(before)
            if not self.mistakes.errors:
                message, allowed = "has no output of this pack", "at least one output of this pack"
                self.mistakes.wrong("previous.outputs", "not-allowed", message, {}, allowed)

    def _output(self, name: str, where: str, given: Any) -> None:
        output = self.outputs.get(name)
        if output is None:
            if name not in self.not_read:
                self._unknown(name, where, given, "is not an output of this pack", self.outputs)
            return
        value = self._value(given, where)
        try:
            if value is not NO_VALUE:
                self.found[name] = output.read(value)
        except ValidationError as error:
            self.unread.append(name)
            self.mistakes.ignore_value(where, error.messages[0])  # type: ignore[arg-type]

    def _value(self, given: Any, where: str) -> Any:
        """The value itself, or that of an object; NO_VALUE after a mistake."""
        if not isinstance(given, dict):
            return given
        values = [given[key] for key in ("value", "code") if key in given]
        if len(values) == 1:
            return values[0]
        message = "has both a value and a code" if values else "has neither value nor code"
        allowed = "an object with value or code, or the value alone"
        hint = "send the output as the answer has it"
        self.mistakes.wrong(where, "wrong-type", message, given, allowed, hint)
        return NO_VALUE

    def since(self, raw: Any) -> dict[str, datetime]:
        if not self.mistakes.is_a(dict, raw, "previous.since", "an object"):
            return {}
        found: dict[str, datetime] = {}
        for name, at in raw.items():
            where = f"previous.since.{name}"[:120]
            moment = self.mistakes.moment(at, where)
            if name not in self.lifted:
                self._unknown(name, where, at, "is not in the answer of this pack", self.lifted)
            elif moment is not None:
                found[name] = moment
        return found

    def _unknown(
        self, name: str, where: str, given: Any, message: str, known: Collection[str]
    ) -> None:
        allowed = "an output of this pack"
        mistake = FieldError(where, "unknown-key", message, shortened(given), allowed)
        self.mistakes.ignore("unknown-output", mistake, name, known)
