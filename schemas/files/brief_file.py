"""The form of `brief` in pack.yaml: what stands on the page for a decision-maker. `service.language` checks the meaning."""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from marshmallow.validate import Length, Regexp

from schemas.file_fields import PlainText, StrictBoolean, Words
from schemas.files.form import NAME, FileSchema, names_of
from schemas.files.sentences import Sentences


def _row_name() -> fields.Field[Any]:
    return PlainText(
        required=True, validate=Regexp(NAME, error="must be lower_case, such as my_row")
    )


class BriefActionEntry(FileSchema):
    action = PlainText(required=True)
    text = Sentences(required=True)


class BriefAction(fields.Field[Any]):
    """The code of an action, or the action with words for the page."""

    entry = BriefActionEntry()

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return PlainText().deserialize(value)
        return self.entry.load(value)


class NowEntry(FileSchema):
    row = _row_name()
    when = fields.Raw(allow_none=True)
    protects = StrictBoolean()
    actions = fields.List(
        BriefAction(), required=True, validate=Length(min=1, error="must name an action")
    )


class OptionEntry(FileSchema):
    when = fields.Raw(allow_none=True)
    text = Words(required=True)
    cost = Words(required=True)


class DecisionEntry(FileSchema):
    action = PlainText(required=True)
    when = fields.Raw(allow_none=True)
    question = Words(required=True)
    options = fields.List(
        fields.Nested(OptionEntry),
        required=True,
        validate=Length(2, 6, error="must have 2 to 6 options"),
    )
    delay = Words(required=True)


class AskEntry(FileSchema):
    fact = PlainText(required=True)
    when = fields.Raw(allow_none=True)


class AnnexEntry(FileSchema):
    text = Words(required=True)
    kinds = names_of(required=True, validate=Length(min=1, error="must name a kind of action"))


class BriefEntry(FileSchema):
    """A page needs a `title`. `calm` lists facts that must be known and conditions that must be true, before a value below the scale is taken."""

    title = Sentences()
    do_not_forward = fields.Raw(allow_none=True)
    quiet_when = fields.Raw(allow_none=True)
    how_bad = names_of()
    warning = Sentences()
    changes = names_of()
    now = fields.List(fields.Nested(NowEntry))
    say = PlainText()
    never_say = PlainText()
    decision = fields.List(fields.Nested(DecisionEntry))
    ask = fields.List(fields.Nested(AskEntry))
    gives_way = names_of()
    calm = fields.List(fields.Raw())
    annex = fields.List(fields.Nested(AnnexEntry))
