"""The shape of the parts of an assessment that it has only on request: explanation, contingency and drafts."""

from __future__ import annotations

from marshmallow.fields import AwareDateTime, Dict, Integer, List, Nested, Raw, String
from marshmallow.validate import OneOf

from schemas.closed_schema import (
    CODES,
    ClosedSchema,
    action_code,
    action_codes,
    maybe,
    strings,
)

NO_FORECAST = (
    "growth-undeclared",
    "rate-unknown",
    "no-growth",
    "figures-unknown",
    "budget-exceeded",
)
"""Why there is no forecast: the pack declares no growth; its rate is unknown; or not positive; no growing figure is known;
it would take too many steps."""


class RuleTruthSchema(ClosedSchema):
    rule = String(required=True)
    truth = String(required=True, validate=OneOf(["true", "false", "unknown"]))
    unknown_ = List(
        String(),
        required=True,
        data_key="unknown",
        metadata={"description": "The unknown facts on which it depends"},
    )


class NearMissSchema(ClosedSchema):
    """An atom that alone keeps a rule from firing: the rule fires once `value` `operator` `threshold` is true."""

    rule = String(required=True)
    atom = String(required=True, metadata={"description": "As its author wrote it"})
    fact = maybe("The fact it reads, if it reads only one")
    output = maybe("The output it reads, if it reads only one")
    text = maybe("The name of that fact or output")
    value = Raw(
        required=True,
        allow_none=True,
        metadata={"description": "The value of that fact or output"},
    )
    operator = maybe("== != < <= > >=, or a word such as in, at_least, contains, has, not in")
    threshold = Raw(required=True, allow_none=True)
    gives = Dict(
        required=True, metadata={"description": "The values that the rule would give, by output"}
    )


class ExplanationSchema(ClosedSchema):
    rules = List(Nested(RuleTruthSchema), required=True)
    near_misses = List(Nested(NearMissSchema), required=True)
    near_misses_left_off = Integer(required=True)


class ChangedFactSchema(ClosedSchema):
    fact = String(required=True)
    text = String(required=True)
    from_ = Raw(
        required=True,
        data_key="from",
        attribute="from",
        metadata={"description": "The present value"},
    )
    from_text = String(required=True)
    to = Raw(required=True, metadata={"description": "The value to which it must change"})
    to_text = String(required=True)


class ActionsChangedSchema(ClosedSchema):
    """The differences from the `actions` of this answer, as codes."""

    added = action_codes("Codes of actions that would be added")
    dropped = action_codes("Codes of actions that would be dropped")


class WaySchema(ClosedSchema):
    value = String(required=True, metadata={CODES: "contingency"})
    text = String(required=True)
    changes = List(
        Nested(ChangedFactSchema),
        required=True,
        allow_none=True,
        metadata={
            "description": "One fact; two facts if no single one is enough; null if no two are enough"
        },
    )
    actions = Nested(ActionsChangedSchema, required=True)


class ForecastSchema(ClosedSchema):
    hours = Integer(required=True)
    as_of = AwareDateTime(required=True, format="iso")
    facts = Dict(
        required=True, metadata={"description": "The facts that grow, with their values then"}
    )
    value = String(
        required=True,
        allow_none=True,
        metadata={
            CODES: "contingency",
            "description": "null if the rules would contradict each other",
        },
    )
    text = String(required=True)
    actions = Nested(ActionsChangedSchema, required=True)


class FactNowSchema(ClosedSchema):
    fact = String(required=True)
    text = String(required=True)
    value = Raw(required=True, metadata={"description": "The present value"})
    value_text = String(required=True)


class ContingencySchema(ClosedSchema):
    output = String(required=True)
    value = String(required=True, metadata={CODES: "contingency"})
    worse = List(
        Nested(WaySchema), required=True, metadata={"description": "The nearest value first"}
    )
    better = List(
        Nested(WaySchema), required=True, metadata={"description": "The nearest value first"}
    )
    kept_up_by = List(
        Nested(FactNowSchema),
        required=True,
        metadata={
            "description": "Only at the worst value: facts that would bring it down, by a change that is no aim"
        },
    )
    without_effect = List(
        Nested(FactNowSchema),
        required=True,
        metadata={
            "description": "Only at the worst value: facts that lead there too, but whose change alone does not bring it down"
        },
    )
    not_searched = List(
        String(metadata={CODES: "contingency"}),
        metadata={
            "description": "Only if the search took too many steps: the other values, which are in neither list"
        },
    )
    forecast = List(Nested(ForecastSchema), required=True)
    no_forecast = String(
        required=True,
        allow_none=True,
        validate=OneOf([*NO_FORECAST, None]),
        metadata={"description": "Why there is no forecast"},
    )


class DraftSentenceSchema(ClosedSchema):
    number = Integer(
        required=True, metadata={"description": "Its position in the pack's draft, from 1"}
    )
    state = String(
        required=True,
        validate=OneOf(["said", "bracketed", "left out"]),
        metadata={"description": "Bracketed: it may be said only once `done` is carried out"},
    )
    text = maybe("The sentence as it stands in the draft; null if it is left out")
    why = String(
        required=True,
        allow_none=True,
        validate=OneOf(
            ["does not hold", "not established", "may not be said", "blocked", "too long", None]
        ),
        metadata={"description": "Why it is left out"},
    )
    facts = strings(
        "The facts that are unknown, assumed, disputed or old, and because of which it is left out"
    )
    codes = strings("What it says and may not be said")
    done = maybe("The action that must be carried out before it may be said")


class BlankSchema(ClosedSchema):
    name = String(required=True, metadata={"description": "A fact, or a blank of the pack's draft"})
    text = String(required=True, metadata={"description": "As it stands in the draft"})


class DraftSchema(ClosedSchema):
    """Words ready to send for one action of the plan."""

    code = action_code()
    name = String(required=True, metadata={"description": "The action in words"})
    text = String(required=True, metadata={"description": "The words"})
    approval = strings("The roles that must approve it first")
    approval_text = strings("These roles in words")
    approve_by = AwareDateTime(required=True, allow_none=True, format="iso")
    sentences = List(Nested(DraftSentenceSchema), required=True)
    blanks = List(
        Nested(BlankSchema),
        required=True,
        metadata={"description": "What is unknown or in no fact: a person fills it in"},
    )
