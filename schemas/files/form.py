"""What the forms of all of an author's files share: the base of their schemas, names, values and lists of names."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import OneOf

from schemas.file_fields import (
    NOT_A_MAPPING,
    UNKNOWN_KEY,
    NamedEntries,
    PlainText,
    StrictBoolean,
    Whole,
    Words,
)

NAME = r"^[a-z][a-z0-9_]*\Z"
DOTTED_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
ACTION_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
VALUE_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
RULE_ID = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\Z"


def one_of(*names: str) -> OneOf:
    return OneOf(names, error="must be one of {choices}")


def names_of(**kwargs: Any) -> fields.List[Any]:
    return fields.List(PlainText(), **kwargs)


class FileSchema(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {
        "unknown": UNKNOWN_KEY,
        "type": NOT_A_MAPPING,
    }


class ComputedValueEntry(FileSchema):
    text = Words()
    help = Words()
    level = Whole()


class ValueEntry(ComputedValueEntry):
    formerly = names_of()


class OutputValueEntry(ValueEntry):
    below_scale = StrictBoolean()
    closed = StrictBoolean()


class Values(NamedEntries):
    """An enum's values in order: a list of codes, or a mapping from code to `{text, level}`."""

    entry_schema: type[FileSchema] = ValueEntry

    def __init__(self, **kwargs: Any):
        super().__init__(VALUE_CODE, "letters, digits, _ and -", self.entry_schema, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if isinstance(value, list):
            for position, code in enumerate(value):
                if not isinstance(code, str):
                    raise ValidationError({position: ["must be a text"]})
            if len(set(value)) < len(value):
                raise ValidationError("names a value twice")
            value = dict.fromkeys(value)
        if not isinstance(value, dict) or not value:
            raise ValidationError("must be a mapping from codes to {text: …}, or a list of codes")
        filled = {code: entry or {} for code, entry in value.items()}
        return super()._deserialize(filled, attr, data, **kwargs)


class StartEntry(FileSchema):
    """The moments from which deadlines run that name none."""

    from_ = fields.Raw(data_key="from", required=True)


class RuleDefaults(FileSchema):
    """What counts for all rules of a file that do not say it themselves."""

    due = fields.Nested(StartEntry)
    source = Words()


class ActionDefaults(RuleDefaults):
    """What counts for all actions of a file, or of a kind, that do not say it themselves."""

    approval = names_of()


class OutputValues(Values):
    """The same of an output: a value can be below the scale, or close an incident."""

    entry_schema = OutputValueEntry


class ComputedValues(Values):
    """Those of a derived fact. It is not posted, so they need no former names."""

    entry_schema = ComputedValueEntry
