"""The shape of an assessment, for the OpenAPI document and the tests. `service.engine.answer.parts` makes the answers."""

from __future__ import annotations

from typing import get_args

from marshmallow import INCLUDE, Schema
from marshmallow.fields import (
    AwareDateTime,
    Boolean,
    Dict,
    Float,
    Integer,
    List,
    Nested,
    Raw,
    String,
)
from marshmallow.validate import OneOf

from schemas.closed_schema import (
    BY_OUTPUT,
    CODES,
    ClosedSchema,
    action_code,
    action_codes,
    maybe,
    strings,
)
from schemas.files.names import AGAIN_BY
from schemas.previous import IgnoredReason
from schemas.problem_details import FieldErrorSchema
from schemas.reported import SCOPES
from schemas.requested_parts import ContingencySchema, DraftSchema, ExplanationSchema
from schemas.vocabulary import UNKNOWN_REASONS


class LiftedSchema(ClosedSchema):
    """An output at the top of the answer: the pack lifts it there, or names it as a notice."""

    code = String(metadata={"description": "The value of an enum"})
    level = Integer(
        metadata={"description": "The value's level if the pack gives levels; 1 is the worst"}
    )
    value = Raw(allow_none=True, metadata={"description": "The value of any other type"})
    text = String(required=True)


class PackIdentitySchema(ClosedSchema):
    name = String(required=True, metadata={CODES: "pack"})
    version = String(required=True)
    digest = String(required=True)


def _moment(description: str) -> AwareDateTime:
    return AwareDateTime(
        required=True, allow_none=True, format="iso", metadata={"description": description}
    )


def _seen() -> Dict:
    about = "What could ask for it again, as it is now: for the next answer to compare with"
    return Dict(required=True, allow_none=True, metadata={"description": about})


class OpenQuestionSchema(ClosedSchema):
    fact = String(required=True)
    question = maybe("The question to ask")
    ask = maybe("The role to ask")
    ask_text = maybe()


class ConditionSchema(ClosedSchema):
    """What is not yet decided about an action. Only a known fact removes a legal duty."""

    asked = Boolean(
        required=True,
        metadata={
            "description": "true: it is asked for, and it is undecided which ground and deadline apply. "
            "false: unknown facts decide whether it is asked for at all"
        },
    )
    facts = strings("The unknown facts that decide it; `unknowns` has their questions")
    text = String(required=True, metadata={"description": "The same in one line"})


class ActionSchema(ClosedSchema):
    code = action_code()
    text = String(required=True)
    kind = maybe("The group of actions to which the pack assigns it")
    sequence = Integer(required=True, metadata={"description": "Its position in the plan, from 1"})
    owner = maybe("The role that carries it out")
    owner_text = maybe()
    deputy = maybe("The role that replaces the owner")
    deputy_text = maybe()
    channels = strings()
    approval = strings("The roles that must approve it first")
    inform = strings("The roles to inform; the action does not wait for them")
    if_ = Nested(
        ConditionSchema,
        required=True,
        allow_none=True,
        data_key="if",
        attribute="if",
        metadata={
            "description": "null if it is certain. Otherwise the shortest of the deadlines that can apply counts"
        },
    )
    due_at = AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "null without a deadline, at once, or before the clock starts"},
    )
    within = maybe(
        "The length of its deadline: at once, 72h, 3 days, 4 working days, 2 trading days"
    )
    due_unsure = Boolean(
        required=True,
        metadata={"description": "Days were counted in a year that the calendar does not have"},
    )
    starts_with = List(
        Nested(OpenQuestionSchema),
        required=True,
        metadata={"description": "The unknown events of which one must be known to start a clock"},
    )
    approve_by = AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "When all approvals are needed"},
    )
    every = maybe("The interval of a recurring action")
    until = maybe("The condition that ends a recurring action, in words")
    done = Boolean(
        required=True,
        metadata={"description": "It is done, and nothing has asked for it again since"},
    )
    asked_at = _moment("When it was first asked for")
    done_at = _moment("When it was done last, as far as this was told")
    again_at = _moment("The last change after which it is asked for again")
    seen = _seen()
    after = action_codes("Actions that come before this one")
    reversible = Boolean(required=True, allow_none=True)
    statutory = Boolean(required=True, metadata={"description": "A legal duty"})
    ground = maybe("The law or convention that requires it")
    because = strings("Ids of the rules that request it, or would if unknown facts say so")


class BlockedSchema(ClosedSchema):
    code = action_code()
    text = String(required=True)
    because = strings("Ids of the guards that block it")
    ground = maybe()
    instead = action_codes("Lawful alternatives")


class HeldSchema(ClosedSchema):
    code = action_code()
    text = String(required=True)
    until = strings("The facts that will allow or block it once they are known")
    questions = List(Nested(OpenQuestionSchema), required=True)
    ground = maybe()
    opposites = List(
        String(metadata={CODES: "actions"}),
        metadata={
            "description": "Only if there are some: actions that contradict it, while it is open which of them is to be taken. "
            "If until is empty, no rule decides, and a person must choose"
        },
    )
    because = strings("Ids of the rules that hold it and of undetermined guards")


class ReasonSchema(ClosedSchema):
    rule = String(required=True)
    text = String(required=True)
    source = maybe("Where the rule comes from")
    facts = Dict(
        required=True, metadata={"description": "The facts that the rule read, by dotted name"}
    )
    left_out = List(
        String(metadata={CODES: "actions"}),
        metadata={
            "description": "Only if there are some: actions that were asked for too and are left out, because the rule asks "
            "for an action that contradicts them and wins"
        },
    )


class UnknownSchema(OpenQuestionSchema):
    text = String(required=True)
    could_change = strings("Outputs that this fact could change")


class OutputSchema(ClosedSchema):
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


class ElapsedSchema(ClosedSchema):
    text = String(required=True)
    at = AwareDateTime(required=True, format="iso")
    hours = Float(required=True)


class ClockSchema(ClosedSchema):
    since = Dict(
        required=True,
        values=Nested(ElapsedSchema),
        metadata={"description": "By fact: a moment, such as the first report, and the time since"},
    )
    overdue = action_codes("Actions whose deadline has passed")


class DueSchema(ClosedSchema):
    code = action_code()
    text = String(required=True)
    owner = maybe()
    owner_text = maybe()
    due_at = AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "null: at once"},
    )
    overdue = Boolean(required=True)


class ChangedOutputSchema(ClosedSchema):
    name = String(required=True)
    text = String(required=True)
    from_ = Raw(required=True, data_key="from", attribute="from", allow_none=True)
    to = Raw(required=True, allow_none=True)
    from_text = String(required=True)
    to_text = String(required=True)
    direction = maybe("worse or better, for an output with graded values")
    because = strings("Ids of the rules that give the new value")


class AddedActionSchema(ClosedSchema):
    code = action_code()
    text = String(required=True)
    because = strings("Ids of the rules that request it")


class DroppedActionSchema(ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    now = String(
        required=True,
        validate=OneOf(["blocked", "held", "left out", "not asked", "gone"]),
        metadata={"description": "Its state in this answer"},
    )
    because = List(
        String(),
        metadata={
            "description": "Only if it is left out: ids of the rules that ask for its opposite"
        },
    )


class ChangedActionsSchema(ClosedSchema):
    added = List(Nested(AddedActionSchema), required=True)
    dropped = List(Nested(DroppedActionSchema), required=True)


class NewlyKeptBackSchema(ClosedSchema):
    code = action_code()
    text = String(required=True)
    ground = maybe()
    because = strings("Ids of the rules that block or hold it")


class ReleasedSchema(ClosedSchema):
    code = String(required=True)
    text = String(required=True)
    now = String(
        required=True,
        validate=OneOf(["allowed", "blocked", "held", "left out", "not asked", "gone"]),
        metadata={"description": "Its state in this answer"},
    )
    because = strings("Ids of the rules that give it this state")


class ChangedKeptBackSchema(ClosedSchema):
    """Blocked actions, or held ones: those that are new, and those that no longer are."""

    added = List(Nested(NewlyKeptBackSchema), required=True)
    dropped = List(Nested(ReleasedSchema), required=True)


class MovedSchema(ClosedSchema):
    """A moment that moved. null stands for no deadline."""

    from_ = AwareDateTime(
        required=True, data_key="from", attribute="from", allow_none=True, format="iso"
    )
    to = AwareDateTime(required=True, allow_none=True, format="iso")


class MovedDeadlineSchema(ClosedSchema):
    code = action_code()
    text = String(required=True)
    due_at = Nested(
        MovedSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null if the deadline did not move"},
    )
    approve_by = Nested(
        MovedSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null if the deadline of the approvals did not move"},
    )
    because = strings("Ids of the rules that request the action")


class DoneActionSchema(ClosedSchema):
    code = action_code()
    text = String(required=True)
    done_at = _moment("When it was done")


class AgainSchema(ClosedSchema):
    """A change that asks for an action again."""

    by = String(
        required=True,
        validate=OneOf(AGAIN_BY),
        metadata={"description": "The way in which it changed, as in `again_when` of the pack"},
    )
    name = maybe("The fact or output that changed")
    text = String(required=True, metadata={"description": "The change in words"})


class ReopenedSchema(ClosedSchema):
    code = action_code()
    text = String(required=True)
    done_at = _moment("When it was done before")
    because = List(
        Nested(AgainSchema),
        required=True,
        metadata={"description": "Empty if the change was before what an earlier answer knew"},
    )


class DoneEarlierSchema(ClosedSchema):
    """An action that was done and that no rule asks for now. If one does later, it is still done."""

    code = action_code()
    done_at = _moment("When it was done last")
    again_at = _moment("The last change after which it is asked for again")
    seen = _seen()


class FigureSchema(ClosedSchema):
    """A known number of the pack's trend."""

    text = String(required=True)
    value = Float(required=True)
    measured_at = AwareDateTime(required=True, allow_none=True, format="iso")


class ChangedFigureSchema(ClosedSchema):
    name = String(required=True)
    text = String(required=True)
    from_ = Float(required=True, data_key="from", attribute="from")
    to = Float(required=True)
    from_text = String(required=True)
    to_text = String(required=True)
    direction = String(required=True, validate=OneOf(["up", "down"]))
    percent = Float(
        required=True,
        allow_none=True,
        metadata={"description": "The change in per cent of the previous value; null if it was 0"},
    )
    from_measured_at = AwareDateTime(required=True, allow_none=True, format="iso")
    to_measured_at = AwareDateTime(required=True, allow_none=True, format="iso")


class ChangesSchema(ClosedSchema):
    """What the previous answer did not carry is not told as changed."""

    outputs = List(Nested(ChangedOutputSchema), required=True)
    actions = Nested(ChangedActionsSchema, required=True)
    blocked = Nested(ChangedKeptBackSchema, required=True)
    held = Nested(ChangedKeptBackSchema, required=True)
    done = List(
        Nested(DoneActionSchema),
        required=True,
        metadata={"description": "Actions that were carried out since"},
    )
    reopened = List(
        Nested(ReopenedSchema),
        required=True,
        metadata={"description": "Actions that were done, and are asked for again"},
    )
    figures = List(
        Nested(ChangedFigureSchema),
        required=True,
        metadata={"description": "The figures that both answers know, with different values"},
    )
    deadlines = List(
        Nested(MovedDeadlineSchema),
        required=True,
        metadata={
            "description": "Deadlines that moved, without the next dates of recurring actions"
        },
    )
    next_review = Nested(
        MovedSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The next review if the interval changed, else null"},
    )


class IgnoredSchema(ClosedSchema):
    """A part of the previous answer that was passed over."""

    path = String(required=True)
    reason = String(required=True, validate=OneOf(get_args(IgnoredReason)))
    text = String(required=True, metadata={"description": "The reason in words"})
    got = Raw(required=True, allow_none=True)


class ProvenanceSchema(ClosedSchema):
    """A fact that was posted in an envelope (`schemas.reported`), or that the record of a brand gives."""

    text = String(required=True)
    value = Raw(required=True, allow_none=True)
    reported_by = maybe("The source of the value")
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
    scope = String(
        required=True,
        validate=OneOf(SCOPES),
        metadata={"description": "A figure of everything, or of one page of results alone"},
    )
    unknown_because = List(
        String(validate=OneOf(UNKNOWN_REASONS)),
        required=True,
        metadata={"description": "Why the value counts as unknown; empty if it counts"},
    )
    brand = maybe("The brand whose record has the value; null if it was posted")


class DeprecatedSchema(ClosedSchema):
    """A former name of a fact, a value or an action that was sent, and its present one (`schemas.former_names`)."""

    path = String(required=True)
    was = String(required=True)
    now = String(required=True)


class BriefLineSchema(ClosedSchema):
    """A line of the page, and what it comes from."""

    row = String(required=True, metadata={"description": "The row of pack.yaml that it is"})
    text = String(required=True, metadata={"description": "Plain text, never markup"})
    page_only = Boolean(
        required=True,
        metadata={"description": "Options, costs and questions: not in a text that gets forwarded"},
    )
    facts = strings("The facts from which it comes")
    rules = strings("Ids of the rules from which it comes")
    actions = strings("The codes of the actions that it asks for, or that were done")


class BriefSchema(ClosedSchema):
    """One page for a decision-maker, as the pack's `brief` declares it."""

    title = String(required=True)
    forward = Boolean(
        required=True, metadata={"description": "False if the page must not be forwarded"}
    )
    lines = List(Nested(BriefLineSchema), required=True)


class AssessmentSchema(Schema):
    """An answer. It also has the pack's lifted outputs and notices at its top level, each under the output's name."""

    class Meta:
        unknown = INCLUDE

    assessment_id = String(required=True)
    incident_id = String(required=True, allow_none=True)
    as_of = AwareDateTime(required=True, format="iso")
    pack = Nested(PackIdentitySchema, required=True)
    verdict = maybe(
        "A summary in one line, worded by the pack; null if it words none for this incident"
    )
    brief = Nested(
        BriefSchema,
        required=True,
        allow_none=True,
        metadata={"description": "One page; null if the pack declares no brief"},
    )
    provisional = Boolean(
        required=True,
        metadata={"description": "Unknown facts could change the answer, or a rule says so"},
    )
    since = Dict(
        required=True,
        values=AwareDateTime(format="iso"),
        metadata={
            "description": "By lifted output: the moment since which it has had its value",
            BY_OUTPUT: "since",
        },
    )
    clock = Nested(ClockSchema, required=True)
    next_review = AwareDateTime(required=True, allow_none=True, format="iso")
    next_hour = List(Nested(DueSchema), required=True)
    figures = Dict(
        required=True,
        values=Nested(FigureSchema),
        metadata={"description": "By fact: the known numbers of the pack's trend"},
    )
    changes = Nested(
        ChangesSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The differences from the previous answer; null if none was sent"},
    )
    previous_ignored = List(
        Nested(IgnoredSchema),
        required=True,
        metadata={
            "description": "The parts of the previous answer that this version of the pack does not have"
        },
    )
    as_of_from_previous = Boolean(
        required=True,
        metadata={
            "description": "No as_of was sent, and our clock is behind: the moment of the previous answer counts as now"
        },
    )
    actions = List(Nested(ActionSchema), required=True)
    blocked = List(Nested(BlockedSchema), required=True)
    held = List(Nested(HeldSchema), required=True)
    done_earlier = List(
        Nested(DoneEarlierSchema),
        required=True,
        metadata={"description": "Actions that were done and that no rule asks for now"},
    )
    reasons = List(Nested(ReasonSchema), required=True)
    unknowns = List(Nested(UnknownSchema), required=True)
    assumed = Dict(
        required=True,
        metadata={"description": "The values that the pack assumes for facts left out, by name"},
    )
    at_worst = Dict(required=True, values=Nested(LiftedSchema), metadata={BY_OUTPUT: "lifted"})
    at_best = Dict(required=True, values=Nested(LiftedSchema), metadata={BY_OUTPUT: "lifted"})
    outputs = Dict(required=True, values=Nested(OutputSchema), metadata={BY_OUTPUT: "outputs"})
    provenance = Dict(
        required=True,
        values=Nested(ProvenanceSchema),
        metadata={
            "description": "The sources of the facts that were posted with one, by dotted name"
        },
    )
    deprecated = List(
        Nested(DeprecatedSchema),
        metadata={"description": "The former names that were sent; only if there are any"},
    )
    ignored = List(
        Nested(FieldErrorSchema),
        metadata={
            "description": "Only in lenient handling: the wrong facts, each with its mistake. "
            "They count as null. Without lenient handling they are the errors of a 422"
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
    drafts = List(
        Nested(DraftSchema),
        metadata={
            "description": "Only if requested: words ready to send for the actions of the plan, in its order"
        },
    )


LINE_KEYS = {
    "line": {"type": "integer", "description": "The number of the posted line, from 1"},
    "request_id": {"type": "string", "description": "The id of the whole request"},
}
"""The keys that each line of a batch has in addition, and their JSON Schema."""
FILE_KEY, PROBLEM_KEY = "file", "problem"
"""The command adds the first to its lines if it reads several files. In a table the second begins the columns of a problem."""
REQUIRED_KEYS = tuple(name for name, field in AssessmentSchema().fields.items() if field.required)
"""The keys that every answer has in addition to its pack's lifted outputs and notices."""
REQUESTED_KEYS = tuple(name for name in AssessmentSchema().fields if name not in REQUIRED_KEYS)
"""The keys that an answer has only if the request demands them."""
