"""The shape of an assessment, for the OpenAPI document and the tests. `service.engine.answer.parts` makes the answers."""

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
"""Why there is no forecast: the pack declares no growth; its rate is unknown; or not positive; no growing figure is known."""


class _ClosedSchema(Schema):
    class Meta:
        unknown = RAISE


def _strings(description: str = "") -> Field[Any]:
    return List(String(), required=True, metadata={"description": description})


def _maybe(description: str = "") -> Field[Any]:
    return String(required=True, allow_none=True, metadata={"description": description})


class LiftedSchema(_ClosedSchema):
    """An output that the pack lifts to the top of its answer."""

    code = String(metadata={"description": "The value of an enum"})
    level = Integer(
        metadata={"description": "The value's level if the pack gives levels; 1 is the worst"}
    )
    value = Raw(allow_none=True, metadata={"description": "The value of any other type"})
    text = String(required=True)


class PackIdentitySchema(_ClosedSchema):
    name = String(required=True)
    version = String(required=True)
    digest = String(required=True)


class ActionSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    kind = _maybe("The group of actions to which the pack assigns it")
    sequence = Integer(required=True, metadata={"description": "Its position in the plan, from 1"})
    owner = _maybe("The role that carries it out")
    owner_text = _maybe()
    deputy = _maybe("The role that replaces the owner")
    deputy_text = _maybe()
    channels = _strings()
    approval = _strings("The roles that must approve it first")
    inform = _strings("The roles to inform; the action does not wait for them")
    due_at = AwareDateTime(required=True, allow_none=True, format="iso")
    approve_by = AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "When all approvals are needed"},
    )
    every = _maybe("The interval of a recurring action")
    until = _maybe("The condition that ends a recurring action, in words")
    done = Boolean(
        required=True, metadata={"description": "`previous` of the request says that it is done"}
    )
    after = _strings("Actions that come before this one")
    reversible = Boolean(required=True, allow_none=True)
    statutory = Boolean(required=True, metadata={"description": "A legal duty"})
    ground = _maybe("The law or convention that requires it")
    because = _strings("Ids of the rules that request it")


class BlockedSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    because = _strings("Ids of the guards that block it")
    ground = _maybe()
    instead = _strings("Lawful alternatives")


class QuestionSchema(_ClosedSchema):
    fact = String(required=True)
    question = _maybe("The question to ask")
    ask = _maybe("The role to ask")
    ask_text = _maybe()


class HeldSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    until = _strings("The facts that will allow or block it once they are known")
    questions = List(Nested(QuestionSchema), required=True)
    ground = _maybe()
    because = _strings("Ids of the rules that hold it and of undetermined guards")


class ReasonSchema(_ClosedSchema):
    rule = String(required=True)
    text = String(required=True)
    source = _maybe("Where the rule comes from")
    facts = Dict(
        required=True, metadata={"description": "The facts that the rule read, by dotted name"}
    )


class UnknownSchema(QuestionSchema):
    text = String(required=True)
    could_change = _strings("Outputs that this fact could change")


class OutputSchema(_ClosedSchema):
    value = Raw(required=True, allow_none=True)
    text = String(required=True)
    established = Boolean(
        required=True, metadata={"description": "No unknown fact could change the value"}
    )
    can_be = Raw(
        required=True,
        metadata={
            "description": "The values it can have: a list, {min, max}, or {sure, possible} for a collection"
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
        metadata={"description": "By fact: a moment, such as the first report, and the time since"},
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
    direction = _maybe("worse or better, for an output with graded values")
    because = _strings("Ids of the rules that give the new value")


class AddedActionSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    because = _strings("Ids of the rules that request it")


class DroppedActionSchema(_ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    now = String(
        required=True,
        validate=OneOf(["blocked", "held", "not asked", "gone"]),
        metadata={"description": "Its state in this answer"},
    )


class ChangedActionsSchema(_ClosedSchema):
    added = List(Nested(AddedActionSchema), required=True)
    dropped = List(Nested(DroppedActionSchema), required=True)


class ChangesSchema(_ClosedSchema):
    outputs = List(Nested(ChangedOutputSchema), required=True)
    actions = Nested(ChangedActionsSchema, required=True)


class ProvenanceSchema(_ClosedSchema):
    """A fact that was posted in an envelope (`schemas.reported`)."""

    text = String(required=True)
    value = Raw(required=True, allow_none=True)
    reported_by = _maybe("The source of the value")
    measured_at = AwareDateTime(required=True, allow_none=True, format="iso")
    age_hours = Float(
        required=True,
        allow_none=True,
        metadata={"description": "Its age at as_of; negative if it was measured after as_of"},
    )
    old = Boolean(
        required=True, metadata={"description": "Measured longer ago than the pack allows"}
    )
    disputed = Boolean(required=True)


class RuleTruthSchema(_ClosedSchema):
    rule = String(required=True)
    truth = String(required=True, validate=OneOf(["true", "false", "unknown"]))
    unknown_ = List(
        String(),
        required=True,
        data_key="unknown",
        metadata={"description": "The unknown facts on which it depends"},
    )


class NearMissSchema(_ClosedSchema):
    """An atom that alone keeps a rule from firing: the rule fires once `value` `operator` `threshold` is true."""

    rule = String(required=True)
    atom = String(required=True, metadata={"description": "As its author wrote it"})
    fact = _maybe("The fact it reads, if it reads only one")
    output = _maybe("The output it reads, if it reads only one")
    text = _maybe("The name of that fact or output")
    value = Raw(
        required=True,
        allow_none=True,
        metadata={"description": "The value of that fact or output"},
    )
    operator = _maybe("== != < <= > >=, or a word such as in, at_least, contains, has, not in")
    threshold = Raw(required=True, allow_none=True)
    gives = Dict(
        required=True, metadata={"description": "The values that the rule would give, by output"}
    )


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
        metadata={"description": "The present value"},
    )
    from_text = String(required=True)
    to = Raw(required=True, metadata={"description": "The value to which it must change"})
    to_text = String(required=True)


class ActionsChangedSchema(_ClosedSchema):
    """The differences from the `actions` of this answer, as codes."""

    added = _strings("Codes of actions that would be added")
    dropped = _strings("Codes of actions that would be dropped")


class WaySchema(_ClosedSchema):
    value = String(required=True)
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


class ForecastSchema(_ClosedSchema):
    hours = Integer(required=True)
    as_of = AwareDateTime(required=True, format="iso")
    facts = Dict(
        required=True, metadata={"description": "The facts that grow, with their values then"}
    )
    value = String(
        required=True,
        allow_none=True,
        metadata={"description": "null if the rules would contradict each other"},
    )
    text = String(required=True)
    actions = Nested(ActionsChangedSchema, required=True)


class ContingencySchema(_ClosedSchema):
    output = String(required=True)
    value = String(required=True)
    worse = List(
        Nested(WaySchema), required=True, metadata={"description": "The nearest value first"}
    )
    better = List(
        Nested(WaySchema), required=True, metadata={"description": "The nearest value first"}
    )
    forecast = List(Nested(ForecastSchema), required=True)
    no_forecast = String(
        required=True,
        allow_none=True,
        validate=OneOf([*NO_FORECAST, None]),
        metadata={"description": "Why there is no forecast"},
    )


class AssessmentSchema(Schema):
    """An answer. It also has the pack's lifted outputs at its top level, each under the output's name."""

    class Meta:
        unknown = INCLUDE

    assessment_id = String(required=True)
    incident_id = String(required=True, allow_none=True)
    as_of = AwareDateTime(required=True, format="iso")
    pack = Nested(PackIdentitySchema, required=True)
    verdict = _maybe("A summary in one line, worded by the pack; null if the pack words none")
    provisional = Boolean(
        required=True,
        metadata={"description": "Unknown facts could change the answer, or a rule says so"},
    )
    since = Dict(
        required=True,
        values=AwareDateTime(format="iso"),
        metadata={"description": "By lifted output: the moment since which it has had its value"},
    )
    clock = Nested(ClockSchema, required=True)
    next_review = AwareDateTime(required=True, allow_none=True, format="iso")
    next_hour = List(Nested(DueSchema), required=True)
    changes = Nested(
        ChangesSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The differences from the previous answer; null if none was sent"},
    )
    actions = List(Nested(ActionSchema), required=True)
    blocked = List(Nested(BlockedSchema), required=True)
    held = List(Nested(HeldSchema), required=True)
    reasons = List(Nested(ReasonSchema), required=True)
    unknowns = List(Nested(UnknownSchema), required=True)
    assumed = Dict(
        required=True,
        metadata={"description": "The values that the pack assumes for facts left out, by name"},
    )
    at_worst = Dict(required=True, values=Nested(LiftedSchema))
    at_best = Dict(required=True, values=Nested(LiftedSchema))
    outputs = Dict(required=True, values=Nested(OutputSchema))
    provenance = Dict(
        required=True,
        values=Nested(ProvenanceSchema),
        metadata={
            "description": "The sources of the facts that were posted with one, by dotted name"
        },
    )
    explanation = Nested(
        ExplanationSchema, metadata={"description": "Only if requested by explain: full"}
    )
    contingency = Nested(
        ContingencySchema,
        allow_none=True,
        metadata={"description": "Only if requested; null if the pack declares none"},
    )


REQUIRED_KEYS = tuple(name for name, field in AssessmentSchema().fields.items() if field.required)
"""The keys that every answer has in addition to its pack's lifted outputs."""
REQUESTED_KEYS = tuple(name for name in AssessmentSchema().fields if name not in REQUIRED_KEYS)
"""The keys that an answer has only if the request demands them."""
