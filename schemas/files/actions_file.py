"""The form of actions.yaml, as marshmallow schemas: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields
from marshmallow.validate import Length

from schemas.file_fields import NamedEntries, PlainText, StrictBoolean, Words
from schemas.files.form import ACTION_CODE, NAME, ActionDefaults, FileSchema, names_of


class RoleEntry(FileSchema):
    text = Words(required=True)
    deputy = PlainText()


class KindEntry(ActionDefaults):
    """A group of actions, and what counts for all of its actions."""

    text = Words(required=True)
    help = Words()


class AgainEntry(FileSchema):
    """One of the kinds of change, and what it is in words."""

    when = fields.Raw()
    worse = PlainText()
    changed = PlainText()
    after = fields.Raw()
    text = Words()


class AlternativeEntry(FileSchema):
    """What holds of an action in one case. A key that is left out is that of the action."""

    when = fields.Raw(required=True, allow_none=True)
    text = Words()
    owner = PlainText()
    approval = names_of()
    inform = names_of()
    due = fields.Raw()
    statutory = StrictBoolean()
    ground = Words()
    source = Words()


def _alternatives(**options: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(AlternativeEntry),
        validate=Length(min=1, error="must have an alternative"),
        **options,
    )


class ActionEntry(FileSchema):
    text = Words(required=True)
    help = Words()
    kind = PlainText()
    owner = PlainText()
    channels = names_of()
    approval = names_of()
    inform = names_of()
    due = fields.Raw()
    approve_before = fields.Raw()
    every = fields.Raw()
    until = Words()
    done_when = fields.Raw()
    again_when = fields.List(fields.Nested(AgainEntry))
    after = names_of()
    reversible = StrictBoolean()
    statutory = StrictBoolean()
    ground = Words()
    source = Words()
    forbidden = StrictBoolean()
    formerly = names_of()
    instead = names_of()
    contradicts = names_of()
    together = StrictBoolean()
    by_case = _alternatives()


class ExtensionEntry(FileSchema):
    """What a part adds to an action of the base."""

    by_case = _alternatives(required=True)


class ActionsFile(FileSchema):
    defaults = fields.Nested(ActionDefaults)
    roles = NamedEntries(re.compile(NAME.strip("^")), "lower_case", RoleEntry)
    kinds = NamedEntries(re.compile(NAME.strip("^")), "lower_case", KindEntry)
    actions = NamedEntries(ACTION_CODE, "CAPITALS_WITH_UNDERSCORES", ActionEntry, required=True)


class PartActionsFile(ActionsFile):
    """The actions.yaml of a part: it may add to the actions of the base, and need have none of its own."""

    actions = NamedEntries(ACTION_CODE, "CAPITALS_WITH_UNDERSCORES", ActionEntry)
    extends = NamedEntries(ACTION_CODE, "CAPITALS_WITH_UNDERSCORES", ExtensionEntry)
