"""The form of pack.yaml, as marshmallow schemas: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields, pre_load
from marshmallow.validate import Length, Regexp

from schemas.file_fields import ManyLanguages, NamedEntries, Number, PlainText, Whole, Words
from schemas.files.brief_file import BriefEntry
from schemas.files.form import NAME, FileSchema, OutputValues, names_of, one_of
from schemas.files.names import HIT_POLICY_NAMES, OUTPUT_TYPES
from schemas.files.sentences import Sentences

MOST_FORECASTS = 12
"""The most hours for which one pack can declare a forecast."""


class OutputEntry(FileSchema):
    type = PlainText(
        required=True,
        validate=one_of(*OUTPUT_TYPES),
    )
    hit = PlainText(
        required=True,
        validate=one_of(*HIT_POLICY_NAMES),
    )
    default = fields.Raw(allow_none=True)
    min = Number()
    max = Number()
    text = Words()
    help = Words()
    values = OutputValues()

    @pre_load
    def actions_are_collected(self, data: Any, **kwargs: Any) -> Any:
        """An output of actions can only be collected, so its author need not write it."""
        written = isinstance(data, dict) and data.get("type") == "actions"
        return {"hit": "collect", **data} if written else data


class WordsEntry(FileSchema):
    """The words for the values true and false and for an unknown fact."""

    true_ = ManyLanguages(data_key="true")
    false_ = ManyLanguages(data_key="false")
    unknown_ = ManyLanguages(data_key="unknown")


class ReportEntry(FileSchema):
    """Texts of reports that a pack replaces, or adds in further languages. `service.language` checks their keys."""

    headings = fields.Dict(keys=PlainText(), values=Words())


class GrowthEntry(FileSchema):
    """The figures `of` grow per hour by the per cent that the fact `rate` gives. Each of `hours` gives one forecast."""

    rate = PlainText(required=True)
    of = names_of(required=True, validate=Length(min=1, error="must name a fact"))
    hours = fields.List(
        Whole(),
        required=True,
        validate=Length(
            1, MOST_FORECASTS, error=f"must have 1 to {MOST_FORECASTS} numbers of hours"
        ),
    )


class ContingencyEntry(FileSchema):
    output = PlainText(required=True)
    growth = fields.Nested(GrowthEntry)


class DraftsEntry(FileSchema):
    """The outputs that list what may be said, and what may not."""

    may_say = PlainText()
    may_not_say = PlainText()


class PackFile(FileSchema):
    pack = PlainText(
        required=True, validate=Regexp(NAME, error="must be lower_case, such as my_pack")
    )
    version = PlainText(required=True)
    title = ManyLanguages(required=True)
    help = Words()
    verdict = Sentences()
    locale = PlainText(required=True)
    timezone = PlainText(required=True)
    answer = names_of(required=True, validate=Length(min=1, error="must name an output"))
    notices = names_of()
    outputs = NamedEntries(re.compile(NAME.strip("^")), "lower_case", OutputEntry, required=True)
    words = fields.Nested(WordsEntry)
    review = fields.Raw()
    clock = names_of()
    trend = names_of()
    report = fields.Nested(ReportEntry)
    contingency = fields.Nested(ContingencyEntry)
    brief = fields.Nested(BriefEntry)
    drafts = fields.Nested(DraftsEntry)
    parts = names_of()
    places = PlainText()
