"""The form of files of rules and tables, as marshmallow schemas: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, pre_load
from marshmallow.validate import Regexp

from schemas.file_fields import Number, PlainText, Words
from schemas.files.form import NAME, RULE_ID, FileSchema, RuleDefaults, names_of


class Given(fields.Raw):
    """The value that a rule gives an output. `service.language` reads it. Blocking and holding can have a ground."""


class EffectiveEntry(FileSchema):
    from_ = PlainText(data_key="from")
    until = PlainText()


class RuleEntry(FileSchema):
    id = PlainText(
        required=True,
        validate=Regexp(RULE_ID, error="must be like group.name.detail, in lower case"),
    )
    when = fields.Raw(required=True, allow_none=True)
    then = fields.Dict(keys=fields.Raw(), values=Given(allow_none=True), required=True)
    because = Words(required=True)
    source = Words()
    effective = fields.Nested(EffectiveEntry)


class RowEntry(FileSchema):
    """A row of a table. It has one of four keys that say when each value is given: at_least, at_most, one_of, when."""

    id = PlainText(required=True, validate=Regexp(NAME, error="must be lower_case, such as my_row"))
    fact = PlainText()
    at_least = fields.Dict(keys=fields.Raw(), values=Number())
    at_most = fields.Dict(keys=fields.Raw(), values=Number())
    one_of = fields.Dict(keys=fields.Raw(), values=names_of())
    when = fields.Dict(keys=fields.Raw(), values=fields.Raw(allow_none=True))
    only_if = fields.Raw()
    because = Words(required=True)
    source = Words()
    effective = fields.Nested(EffectiveEntry)


class TableEntry(FileSchema):
    id = PlainText(
        required=True,
        validate=Regexp(RULE_ID, error="must be like group.name.detail, in lower case"),
    )
    output = PlainText(required=True)
    rows = fields.List(fields.Nested(RowEntry), required=True)


class RulesFile(FileSchema):
    """`rules`, `tables` or both, in any order. `defaults` count for all of them."""

    defaults = fields.Nested(RuleDefaults)
    rules = fields.List(fields.Nested(RuleEntry), required=True)
    tables = fields.List(fields.Nested(TableEntry))

    @pre_load
    def tables_may_stand_alone(self, data: Any, **kwargs: Any) -> Any:
        alone = isinstance(data, dict) and "tables" in data and "rules" not in data
        return {**data, "rules": []} if alone else data
