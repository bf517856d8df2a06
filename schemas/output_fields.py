"""Reads the value of an output in a previous answer. It must accept every value that an answer of the pack can have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from marshmallow import ValidationError

from schemas.fact_fields import FactField
from schemas.field_error import entry
from schemas.vocabulary import Fact


class OutputField:
    """Reads the values of one output like those of a fact, without a limit for long texts and lists: outputs have none."""

    def __init__(self, output: Fact) -> None:
        self.output = output
        self.is_list = output.type.name == "list"
        self.item = FactField(replace(output, type=output.type.item or output.type))
        self.is_text = self.item.fact.type.name == "string"
        self.is_integer = self.item.fact.type.name == "integer"

    def read(self, value: Any) -> Any:
        """The value as conditions have it. Raises ValidationError with one entry."""
        if not self.is_list:
            return self._one(value)
        if not isinstance(value, list):
            raise _no_value(value, "a list")
        return tuple([self._one(item) for item in value])

    def _one(self, value: Any) -> Any:
        if value is None or isinstance(value, dict):
            raise _no_value(value, "a value of this output")
        if self.is_text and isinstance(value, str):
            return value
        if self.is_integer and isinstance(value, float) and value.is_integer():
            value = int(value)  # many a client library writes 3 as 3.0
        return self.item.bare(value, None)


def _no_value(value: Any, allowed: str) -> ValidationError:
    return ValidationError([entry("wrong-type", f"must be {allowed}", value, allowed)])
