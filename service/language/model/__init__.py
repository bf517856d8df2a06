"""A pack that was read and checked, as frozen values. `load` makes it; `service.engine` evaluates it."""

from service.language.model.actions import ASKED_AT, Action, ActionKind, Alternative, Due, Role
from service.language.model.brands import Brand
from service.language.model.brief import Brief
from service.language.model.calendars import DAY_KINDS, AtOnce, Calendar, DayKind, Days, TimeSpan
from service.language.model.cases import Case
from service.language.model.completion import Again, DoneWhen
from service.language.model.constants import CONSTANT_NAME, GROUPS, Constant, Constants
from service.language.model.drafts import Draft, DraftOutputs, DraftSentence
from service.language.model.grounds import RegisteredGround
from service.language.model.outputs import (
    ACTION_OUTPUTS,
    ASKED,
    BLOCKED,
    BLOCKING_OR_HOLDING,
    HELD,
    PROVISIONAL,
    GivenValues,
    HitPolicy,
    Output,
)
from service.language.model.pack import BOTH, Pack
from service.language.model.rules import (
    Applicability,
    Contribution,
    Derived,
    GroundByCase,
    Rule,
    Table,
    TableRow,
    Way,
)
from service.language.model.settings import Contingency, Growth, Review, Sentence

__all__ = [
    "ACTION_OUTPUTS",
    "ASKED",
    "ASKED_AT",
    "BLOCKED",
    "BLOCKING_OR_HOLDING",
    "BOTH",
    "CONSTANT_NAME",
    "DAY_KINDS",
    "GROUPS",
    "HELD",
    "PROVISIONAL",
    "Action",
    "ActionKind",
    "Again",
    "Alternative",
    "Applicability",
    "AtOnce",
    "Brand",
    "Brief",
    "Calendar",
    "Case",
    "Constant",
    "Constants",
    "Contingency",
    "Contribution",
    "DayKind",
    "Days",
    "Derived",
    "DoneWhen",
    "Draft",
    "DraftOutputs",
    "DraftSentence",
    "Due",
    "GivenValues",
    "GroundByCase",
    "Growth",
    "HitPolicy",
    "Output",
    "Pack",
    "RegisteredGround",
    "Review",
    "Role",
    "Rule",
    "Sentence",
    "Table",
    "TableRow",
    "TimeSpan",
    "Way",
]
