"""The shape of an author's files, as marshmallow schemas: their keys and types. `file_fields` has the fields. `service.language` checks the meaning."""

from __future__ import annotations

import re
from typing import Any, Literal, get_args

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load
from marshmallow.validate import Length, OneOf, Regexp

from schemas.file_fields import (
    NOT_A_MAPPING,
    UNKNOWN_KEY,
    Bound,
    ManyLanguages,
    NamedEntries,
    Number,
    PlainText,
    StrictBoolean,
    Whole,
    Words,
)

NAME = r"^[a-z][a-z0-9_]*\Z"
DOTTED_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
ACTION_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
VALUE_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
OutputTypeName = Literal["integer", "number", "boolean", "string", "enum", "actions"]
"""What an author may write for `type` of an output."""
OUTPUT_TYPES: tuple[OutputTypeName, ...] = get_args(OutputTypeName)
HitPolicyName = Literal[
    "unique", "any", "priority", "first", "collect", "collect_all", "sum", "min", "max", "count"
]
"""What an author may write for `hit`. What each means is in `service.language.declared.hit_policies`."""
HIT_POLICY_NAMES: tuple[HitPolicyName, ...] = get_args(HitPolicyName)
MOST_FORECASTS = 12
"""The most hours for which one pack can declare a forecast."""
RULE_ID = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\Z"


def _one_of(*names: str) -> OneOf:
    return OneOf(names, error="must be one of {choices}")


class Given(fields.Raw):
    """The value that a rule gives an output. `service.language` reads it. Blocking and holding can have a ground."""


class _FileSchema(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {
        "unknown": UNKNOWN_KEY,
        "type": NOT_A_MAPPING,
    }


def _names(**kwargs: Any) -> fields.List[Any]:
    return fields.List(PlainText(), **kwargs)


class ValueEntry(_FileSchema):
    text = Words()
    help = Words()
    level = Whole()


class Values(NamedEntries):
    """An enum's values in order: a list of codes, or a mapping from code to `{text, level}`."""

    def __init__(self, **kwargs: Any):
        super().__init__(VALUE_CODE, "letters, digits, _ and -", ValueEntry, **kwargs)

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


class SentenceEntry(_FileSchema):
    when = fields.Raw(allow_none=True)
    text = Words(required=True)


class Sentences(fields.Field[Any]):
    """A text, or a list of sentences."""

    text, entry = Words(), SentenceEntry()

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            return self.text.deserialize(value)
        if not value:
            raise ValidationError("must have a sentence")
        return self.entry.load(value, many=True)


class OutputEntry(_FileSchema):
    type = PlainText(
        required=True,
        validate=_one_of(*OUTPUT_TYPES),
    )
    hit = PlainText(
        required=True,
        validate=_one_of(*HIT_POLICY_NAMES),
    )
    default = fields.Raw(allow_none=True)
    min = Number()
    max = Number()
    text = Words()
    help = Words()
    values = Values()


class WordsEntry(_FileSchema):
    """The words for the values true and false and for an unknown fact."""

    true_ = ManyLanguages(data_key="true")
    false_ = ManyLanguages(data_key="false")
    unknown_ = ManyLanguages(data_key="unknown")


class ReportEntry(_FileSchema):
    """Texts of reports that a pack replaces, or adds in further languages. `service.language` checks their keys."""

    headings = fields.Dict(keys=PlainText(), values=Words())


class GrowthEntry(_FileSchema):
    """The figures `of` grow per hour by the per cent that the fact `rate` gives. Each of `hours` gives one forecast."""

    rate = PlainText(required=True)
    of = _names(required=True, validate=Length(min=1, error="must name a fact"))
    hours = fields.List(
        Whole(),
        required=True,
        validate=Length(
            1, MOST_FORECASTS, error=f"must have 1 to {MOST_FORECASTS} numbers of hours"
        ),
    )


class ContingencyEntry(_FileSchema):
    output = PlainText(required=True)
    growth = fields.Nested(GrowthEntry)


class PackFile(_FileSchema):
    pack = PlainText(
        required=True, validate=Regexp(NAME, error="must be lower_case, such as my_pack")
    )
    version = PlainText(required=True)
    title = ManyLanguages(required=True)
    help = Words()
    verdict = Sentences()
    locale = PlainText(required=True)
    timezone = PlainText(required=True)
    answer = _names(required=True, validate=Length(min=1, error="must name an output"))
    notices = _names()
    outputs = NamedEntries(re.compile(NAME.strip("^")), "lower_case", OutputEntry, required=True)
    words = fields.Nested(WordsEntry)
    review = fields.Raw()
    clock = _names()
    report = fields.Nested(ReportEntry)
    contingency = fields.Nested(ContingencyEntry)


class FactEntry(_FileSchema):
    type = PlainText(
        required=True,
        validate=_one_of(
            "integer", "number", "boolean", "string", "enum", "datetime", "duration", "list"
        ),
    )
    of = PlainText(validate=_one_of("string", "enum", "integer", "number"))
    values = Values()
    unit = Words()
    min = Bound()
    max = Bound()
    text = Words(required=True)
    help = Words()
    source = Words()


class PostedFactEntry(FactEntry):
    assume = fields.Raw(allow_none=True)
    assume_because = Words()
    question = Words()
    ask = PlainText()
    stale_after = PlainText()


class DerivedEntry(FactEntry):
    value = PlainText(required=True)


class FactsFile(_FileSchema):
    facts = NamedEntries(DOTTED_NAME, "group.name", PostedFactEntry, required=True)
    derived = NamedEntries(DOTTED_NAME, "group.name", DerivedEntry)


class RoleEntry(_FileSchema):
    text = Words(required=True)
    deputy = PlainText()


class KindEntry(_FileSchema):
    text = Words(required=True)
    help = Words()


class ActionEntry(_FileSchema):
    text = Words(required=True)
    help = Words()
    kind = PlainText()
    owner = PlainText()
    channels = _names()
    approval = _names()
    inform = _names()
    due = fields.Raw()
    approve_before = fields.Raw()
    every = fields.Raw()
    until = Words()
    after = _names()
    reversible = StrictBoolean()
    statutory = StrictBoolean()
    ground = Words()
    source = Words()
    forbidden = StrictBoolean()
    instead = _names()


class ActionsFile(_FileSchema):
    roles = NamedEntries(re.compile(NAME.strip("^")), "lower_case", RoleEntry)
    kinds = NamedEntries(re.compile(NAME.strip("^")), "lower_case", KindEntry)
    actions = NamedEntries(ACTION_CODE, "CAPITALS_WITH_UNDERSCORES", ActionEntry, required=True)


class EffectiveEntry(_FileSchema):
    from_ = PlainText(data_key="from")
    until = PlainText()


class RuleEntry(_FileSchema):
    id = PlainText(
        required=True,
        validate=Regexp(RULE_ID, error="must be like group.name.detail, in lower case"),
    )
    when = fields.Raw(required=True, allow_none=True)
    then = fields.Dict(keys=fields.Raw(), values=Given(allow_none=True), required=True)
    because = Words(required=True)
    source = Words()
    effective = fields.Nested(EffectiveEntry)


class RowEntry(_FileSchema):
    """A row of a table. It has one of four keys that say when each value is given: at_least, at_most, one_of, when."""

    id = PlainText(required=True, validate=Regexp(NAME, error="must be lower_case, such as my_row"))
    fact = PlainText()
    at_least = fields.Dict(keys=fields.Raw(), values=Number())
    at_most = fields.Dict(keys=fields.Raw(), values=Number())
    one_of = fields.Dict(keys=fields.Raw(), values=_names())
    when = fields.Dict(keys=fields.Raw(), values=fields.Raw(allow_none=True))
    only_if = fields.Raw()
    because = Words(required=True)
    source = Words()
    effective = fields.Nested(EffectiveEntry)


class TableEntry(_FileSchema):
    id = PlainText(
        required=True,
        validate=Regexp(RULE_ID, error="must be like group.name.detail, in lower case"),
    )
    output = PlainText(required=True)
    rows = fields.List(fields.Nested(RowEntry), required=True)


class RulesFile(_FileSchema):
    """`rules`, `tables` or both, in any order."""

    rules = fields.List(fields.Nested(RuleEntry), required=True)
    tables = fields.List(fields.Nested(TableEntry))

    @pre_load
    def tables_may_stand_alone(self, data: Any, **kwargs: Any) -> Any:
        alone = isinstance(data, dict) and "tables" in data and "rules" not in data
        return {**data, "rules": []} if alone else data


class StepEntry(_FileSchema):
    """A later state of a case. Its facts are merged over the facts of the earlier steps."""

    as_of = PlainText(required=True)
    facts = fields.Dict(required=True)
    expect = fields.Dict(required=True)
    responses = _names()


class CaseEntry(_FileSchema):
    name = PlainText(required=True)
    source = Words()
    as_of = PlainText()
    facts = fields.Dict()
    expect = fields.Dict()
    previous = fields.Dict()
    steps = fields.List(fields.Nested(StepEntry))


class CasesFile(_FileSchema):
    cases = fields.List(fields.Nested(CaseEntry), required=True)
