"""The shapes of /healthz and /readyz."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow.fields import Float, List, Nested, String

from schemas.pack_views import PackSummarySchema


class HealthSchema(Schema):
    status = String(required=True)


class PackProblemSchema(Schema):
    """An error in an author's file."""

    place = String(required=True, metadata={"description": "pack/file:line:column"})
    code = String(required=True)
    message = String(required=True)
    hint = String(required=True)


class WarningSchema(Schema):
    """Something that an operator should mend. The packs serve."""

    code = String(required=True)
    message = String(required=True)


class ReadinessSchema(Schema):
    """On a server that needs tokens, callers without the role `operate` see the status only."""

    status = String(required=True)
    cross_check = Float(
        metadata={
            "description": "The share of answers on which two matchers must agree: 1 is all, 0 is none (TOCSIN_ENGINE=reference)"
        }
    )
    packs = List(Nested(PackSummarySchema))
    problems = List(Nested(PackProblemSchema))
    warnings = List(
        Nested(WarningSchema), metadata={"description": "Only present if there are any"}
    )
