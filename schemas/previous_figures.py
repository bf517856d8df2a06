"""Reads the figures of a previous answer: bare numbers, or the objects with `value` and `measured_at` that answers have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.assessment import FigureSchema
from schemas.field_error import FieldError, shortened
from schemas.output_fields import OutputField
from schemas.previous import Figure
from schemas.previous_mistakes import PreviousMistakes

FIGURE_KEYS = frozenset(FigureSchema().fields)
EXPECTED = "a number, or an object with its value"


@dataclass(frozen=True, slots=True)
class FiguresReader:
    """`figures` are the facts of the pack's trend, each with what reads its value."""

    figures: Mapping[str, OutputField]
    mistakes: PreviousMistakes

    def read(self, raw: Any) -> dict[str, Figure]:
        if not self.mistakes.is_a(dict, raw, "previous.figures", "an object"):
            return {}
        given = (
            (name, self._figure(name, entry, f"previous.figures.{name}"[:120]))
            for name, entry in raw.items()
        )
        return {name: figure for name, figure in given if figure is not None}

    def _figure(self, name: str, given: Any, where: str) -> Figure | None:
        if name not in self.figures:
            message, allowed = "is not in the trend of this pack", "a fact of the pack's trend"
            mistake = FieldError(where, "unknown-key", message, shortened(given), allowed)
            self.mistakes.ignore("unknown-figure", mistake, name, self.figures)
            return None
        told = given if isinstance(given, dict) else {"value": given}
        if "value" not in told:
            message = "has no value"
            self.mistakes.wrong(where, "wrong-type", message, given, EXPECTED)
            return None
        for key in told:
            if key not in FIGURE_KEYS:
                self._unknown_key(f"{where}.{key}"[:120], key, told[key])
        measured = told.get("measured_at")
        at = self.mistakes.moment_or_none(measured, f"{where}.measured_at"[:120])
        try:
            return Figure(self.figures[name].read(told["value"]), at)
        except ValidationError as error:
            self.mistakes.ignore_value(where, error.messages[0])  # type: ignore[arg-type]
            return None

    def _unknown_key(self, path: str, key: str, value: Any) -> None:
        message, allowed = "is not a key of a figure", "a key that figures have in an answer"
        mistake = FieldError(path, "unknown-key", message, shortened(value), allowed)
        self.mistakes.ignore("unknown-key", mistake, key, FIGURE_KEYS)
