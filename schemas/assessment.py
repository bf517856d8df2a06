"""The shape of an assessment, for the OpenAPI document and the tests. Answers are made by `service.engine.answer`."""

from __future__ import annotations

from typing import Any

from marshmallow import INCLUDE, RAISE, Schema
from marshmallow.fields import (
    AwareDateTime,
    Boolean,
    Dict,
    Field,
    Integer,
    List,
    Nested,
    Raw,
    String,
)


class _Strict(Schema):
    class Meta:
        unknown = RAISE


def _strings(description: str = "") -> Field[Any]:
    return List(String(), required=True, metadata={"description": description})


def _maybe(description: str = "") -> Field[Any]:
    return String(required=True, allow_none=True, metadata={"description": description})


class LiftedSchema(_Strict):
    """An output of the pack's answer."""

    code = String(metadata={"description": "Of an enum"})
    level = Integer(metadata={"description": "1 is the worst, where the pack gives levels"})
    value = Raw(allow_none=True, metadata={"description": "Of every other type"})
    text = String(required=True)


class PackIdentitySchema(_Strict):
    name = String(required=True)
    version = String(required=True)
    digest = String(required=True)


class ActionSchema(_Strict):
    code = String(required=True)
    text = String(required=True)
    owner = _maybe("Who carries it out")
    channels = _strings()
    approval = _strings("Who must agree first")
    inform = _strings("Who is told; no gate")
    due_at = AwareDateTime(required=True, allow_none=True, format="iso")
    after = _strings("Actions that come before this one")
    reversible = Boolean(required=True, allow_none=True)
    statutory = Boolean(required=True, metadata={"description": "A legal duty"})
    ground = _maybe("Law or convention it rests on")
    because = _strings("Ids of the rules that ask for it")


class BlockedSchema(_Strict):
    code = String(required=True)
    text = String(required=True)
    because = _strings("Ids of the guards")
    ground = _maybe()
    instead = _strings("Actions that are lawful instead")


class HeldSchema(_Strict):
    code = String(required=True)
    text = String(required=True)
    until = _strings("The facts that would free or block it")
    because = _strings("Ids of the undetermined guards")


class ReasonSchema(_Strict):
    rule = String(required=True)
    text = String(required=True)
    source = _maybe("Where the rule comes from")
    facts = Dict(required=True, metadata={"description": "The facts it read, by dotted name"})


class UnknownSchema(_Strict):
    fact = String(required=True)
    text = String(required=True)
    could_change = _strings("Outputs that could come out otherwise")


class OutputSchema(_Strict):
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


class AssessmentSchema(Schema):
    """The outputs that the pack lifts to its answer stand at the top too, each under its own name."""

    class Meta:
        unknown = INCLUDE

    assessment_id = String(required=True)
    incident_id = String(required=True, allow_none=True)
    as_of = AwareDateTime(required=True, format="iso")
    pack = Nested(PackIdentitySchema, required=True)
    provisional = Boolean(
        required=True, metadata={"description": "What is unknown could change the answer"}
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
