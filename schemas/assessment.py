"""The shape of an assessment, for the OpenAPI document and the tests. Answers are made by `service.engine.answer.parts`."""

from __future__ import annotations

from typing import Any

from marshmallow import INCLUDE, RAISE, Schema
from marshmallow.fields import (
    AwareDateTime,
    Boolean,
    Dict,
    Field,
    Float,
    Integer,
    List,
    Nested,
    Raw,
    String,
)
from marshmallow.validate import OneOf

NO_FORECAST = ("growth-undeclared", "rate-unknown", "no-growth", "figures-unknown")
"""Why there is none: the pack declares no growth, its rate is unknown or not positive, no figure that grows is known."""


class _ClosedSchema(Schema):
    class Meta:
        unknown = RAISE


def _strings(description: str = "") -> Field[Any]:
    return List(String(), required=True, metadata={"description": description})


def _maybe(description: str = "") -> Field[Any]:
    return String(required=True, allow_none=True, metadata={"description": description})


class LiftedSchema(_ClosedSchema):
    """An output of the pack's answer."""

    code = String(metadata={"description": "Of an enum"})
    level = Integer(metadata={"description": "1 is the worst, where the pack gives levels"})
    value = Raw(allow_none=True, metadata={"description": "Of every other type"})
    text = String(required=True)


class PackIdentitySchema(_ClosedSchema):
    name = String(required=True)
    version = String(required=True)
    digest = String(required=True)


class ActionSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    kind = _maybe("The kind of action, as the pack groups them")
    sequence = Integer(required=True, metadata={"description": "Its place in the plan, from 1"})
    owner = _maybe("Who carries it out")
    owner_text = _maybe()
    deputy = _maybe("Who stands in for the owner")
    deputy_text = _maybe()
    channels = _strings()
    approval = _strings("Who must agree first")
    inform = _strings("Who is told; no gate")
    due_at = AwareDateTime(required=True, allow_none=True, format="iso")
    approve_by = AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "When all approvals are wanted"},
    )
    every = _maybe("How often it recurs")
    until = _maybe("What ends it")
    done = Boolean(
        required=True, metadata={"description": "The last answer's responses say it is done"}
    )
    after = _strings("Actions that come before this one")
    reversible = Boolean(required=True, allow_none=True)
    statutory = Boolean(required=True, metadata={"description": "A legal duty"})
    ground = _maybe("Law or convention it rests on")
    because = _strings("Ids of the rules that ask for it")


class BlockedSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    because = _strings("Ids of the guards")
    ground = _maybe()
    instead = _strings("Actions that are lawful instead")


class QuestionSchema(_ClosedSchema):
    fact = String(required=True)
    question = _maybe("What to ask")
    ask = _maybe("The role to ask")
    ask_text = _maybe()


class HeldSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    until = _strings("The facts that would free or block it")
    questions = List(Nested(QuestionSchema), required=True)
    ground = _maybe()
    because = _strings("Ids of the rules that hold it and of undetermined guards")


class ReasonSchema(_ClosedSchema):
    rule = String(required=True)
    text = String(required=True)
    source = _maybe("Where the rule comes from")
    facts = Dict(required=True, metadata={"description": "The facts it read, by dotted name"})


class UnknownSchema(QuestionSchema):
    text = String(required=True)
    could_change = _strings("Outputs that could come out otherwise")


class OutputSchema(_ClosedSchema):
    value = Raw(required=True, allow_none=True)
    text = String(required=True)
    established = Boolean(
        required=True, metadata={"description": "No unknown fact could change the value"}
    )
    can_be = Raw(
        required=True,
        metadata={
            "description": "A list of values, {min, max}, or {sure, possible} of a collection"
        },
    )


class ElapsedSchema(_ClosedSchema):
    text = String(required=True)
    at = AwareDateTime(required=True, format="iso")
    hours = Float(required=True)


class ClockSchema(_ClosedSchema):
    since = Dict(
        required=True,
        values=Nested(ElapsedSchema),
        metadata={"description": "By fact: since when we know, since when it is public"},
    )
    overdue = _strings("Actions whose deadline has passed")


class DueSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    owner = _maybe()
    owner_text = _maybe()
    due_at = AwareDateTime(required=True, format="iso")
    overdue = Boolean(required=True)


class ChangedOutputSchema(_ClosedSchema):
    name = String(required=True)
    text = String(required=True)
    from_ = Raw(required=True, data_key="from", attribute="from", allow_none=True)
    to = Raw(required=True, allow_none=True)
    from_text = String(required=True)
    to_text = String(required=True)
    direction = _maybe("worse or better, of a graded output")
    because = _strings("Ids of the rules that give the new value")


class AddedActionSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    because = _strings("Ids of the rules that ask for it")


class DroppedActionSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    now = String(
        required=True,
        validate=OneOf(["blocked", "held", "not asked", "gone"]),
        metadata={"description": "What has become of it"},
    )


class ChangedActionsSchema(_ClosedSchema):
    added = List(Nested(AddedActionSchema), required=True)
    dropped = List(Nested(DroppedActionSchema), required=True)


class ChangesSchema(_ClosedSchema):
    outputs = List(Nested(ChangedOutputSchema), required=True)
    actions = Nested(ChangedActionsSchema, required=True)


class ProvenanceSchema(_ClosedSchema):
    """A fact that was posted in an envelope."""

    text = String(required=True)
    value = Raw(required=True, allow_none=True)
    reported_by = _maybe("Who says so")
    measured_at = AwareDateTime(required=True, allow_none=True, format="iso")
    age_hours = Float(
        required=True,
        allow_none=True,
        metadata={"description": "At as_of; negative where it was measured after that"},
    )
    old = Boolean(
        required=True, metadata={"description": "Measured longer ago than its author allows"}
    )
    disputed = Boolean(required=True)


class RuleTruthSchema(_ClosedSchema):
    rule = String(required=True)
    truth = String(required=True, validate=OneOf(["true", "false", "unknown"]))
    unknown_ = List(
        String(),
        required=True,
        data_key="unknown",
        metadata={"description": "The unknown facts it hangs on"},
    )


class NearMissSchema(_ClosedSchema):
    """One atom that alone would make a false rule true: `value` would have to be `operator` `threshold`."""

    rule = String(required=True)
    atom = String(required=True, metadata={"description": "As its author wrote it"})
    fact = _maybe("The fact it reads, if it is only one")
    output = _maybe("The output it reads, if it is only one")
    text = _maybe("That fact or output in words")
    value = Raw(required=True, allow_none=True, metadata={"description": "What that one has"})
    operator = _maybe("== != < <= > >=, or a word such as in, at_least, contains, has, not in")
    threshold = Raw(required=True, allow_none=True)
    gives = Dict(required=True, metadata={"description": "What the rule would give, by output"})


class ExplanationSchema(_ClosedSchema):
    rules = List(Nested(RuleTruthSchema), required=True)
    near_misses = List(Nested(NearMissSchema), required=True)
    near_misses_left_off = Integer(required=True)


class ChangedFactSchema(_ClosedSchema):
    fact = String(required=True)
    text = String(required=True)
    from_ = Raw(
        required=True,
        data_key="from",
        attribute="from",
        metadata={"description": "The value now"},
    )
    from_text = String(required=True)
    to = Raw(required=True, metadata={"description": "The value that leads there"})
    to_text = String(required=True)


class ActionsChangedSchema(_ClosedSchema):
    """Codes, against the `actions` of this answer."""

    added = _strings("Codes of actions that come with it")
    dropped = _strings("Codes of actions that go")


class WaySchema(_ClosedSchema):
    value = String(required=True)
    text = String(required=True)
    changes = List(
        Nested(ChangedFactSchema),
        required=True,
        allow_none=True,
        metadata={"description": "One fact, or two where one cannot; null where two cannot either"},
    )
    actions = Nested(ActionsChangedSchema, required=True)


class ForecastSchema(_ClosedSchema):
    hours = Integer(required=True)
    as_of = AwareDateTime(required=True, format="iso")
    facts = Dict(required=True, metadata={"description": "The facts that have grown by then"})
    value = String(
        required=True,
        allow_none=True,
        metadata={"description": "null where the rules would contradict each other"},
    )
    text = String(required=True)
    actions = Nested(ActionsChangedSchema, required=True)


class ContingencySchema(_ClosedSchema):
    output = String(required=True)
    value = String(required=True)
    worse = List(Nested(WaySchema), required=True, metadata={"description": "The nearest first"})
    better = List(Nested(WaySchema), required=True, metadata={"description": "The nearest first"})
    forecast = List(Nested(ForecastSchema), required=True)
    no_forecast = String(
        required=True,
        allow_none=True,
        validate=OneOf([*NO_FORECAST, None]),
        metadata={"description": "Why there is no forecast"},
    )


class AssessmentSchema(Schema):
    """The outputs that the pack lifts to its answer stand at the top too, each under its own name."""

    class Meta:
        unknown = INCLUDE

    assessment_id = String(required=True)
    incident_id = String(required=True, allow_none=True)
    as_of = AwareDateTime(required=True, format="iso")
    pack = Nested(PackIdentitySchema, required=True)
    verdict = _maybe("What it is and how bad, in one line; null where the pack has no words for it")
    provisional = Boolean(
        required=True, metadata={"description": "What is unknown could change the answer"}
    )
    since = Dict(
        required=True,
        values=AwareDateTime(format="iso"),
        metadata={"description": "Since when each output of the answer has had its value"},
    )
    clock = Nested(ClockSchema, required=True)
    next_review = AwareDateTime(required=True, allow_none=True, format="iso")
    next_hour = List(Nested(DueSchema), required=True)
    changes = Nested(
        ChangesSchema,
        required=True,
        allow_none=True,
        metadata={"description": "What is otherwise than in the last answer, if one was sent"},
    )
    actions = List(Nested(ActionSchema), required=True)
    blocked = List(Nested(BlockedSchema), required=True)
    held = List(Nested(HeldSchema), required=True)
    reasons = List(Nested(ReasonSchema), required=True)
    unknowns = List(Nested(UnknownSchema), required=True)
    assumed = Dict(required=True, metadata={"description": "Facts taken as their author declared"})
    at_worst = Dict(required=True, values=Nested(LiftedSchema))
    at_best = Dict(required=True, values=Nested(LiftedSchema))
    outputs = Dict(required=True, values=Nested(OutputSchema))
    provenance = Dict(
        required=True,
        values=Nested(ProvenanceSchema),
        metadata={"description": "Where facts come from, by dotted name: those that say so"},
    )
    explanation = Nested(ExplanationSchema, metadata={"description": "If asked for: explain full"})
    contingency = Nested(
        ContingencySchema,
        allow_none=True,
        metadata={"description": "If asked for; null where the pack declares none"},
    )


REQUIRED_KEYS = tuple(name for name, field in AssessmentSchema().fields.items() if field.required)
"""The keys that every answer has beside the outputs that its pack lifts."""
REQUESTED_KEYS = tuple(name for name in AssessmentSchema().fields if name not in REQUIRED_KEYS)
"""The keys that an answer has only where the request asks for them."""
