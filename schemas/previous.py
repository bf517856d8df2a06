"""The previous answer as a value. `schemas.previous_reader` makes it of what a caller sends back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from schemas.field_error import FieldError
from schemas.former_names import Deprecated
from schemas.vocabulary import ABSENT, Absent

IgnoredReason = Literal[
    "unknown-output", "unknown-value", "unknown-action", "unknown-figure", "unknown-key", "more"
]
"""Why a part of a previous answer is ignored. docs/api.md describes each."""


class PassedOver(NamedTuple):
    """A part of a previous answer that this version of the pack does not have. `mistake` is what it would be as a mistake."""

    reason: IgnoredReason
    mistake: FieldError


class Figure(NamedTuple):
    """A number of the pack's trend, and when it was measured, if the caller said so."""

    value: int | float
    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActionState:
    """When an action was first asked for, when it was done last, and the last change after which it is asked for again.

    `seen` has what that answer had seen of everything that could ask for it again. A moment that was not sent is None.
    """

    asked_at: datetime | None = None
    done_at: datetime | None = None
    again_at: datetime | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return self.done_at is not None and self.again_at is None


@dataclass(frozen=True, slots=True)
class Previous:
    """`outputs` and `since` are keyed by output name, `actions` and `approvals` by code; the values are deadlines.
    `figures` has the pack's trend, by fact.

    Moments are in UTC. `unread` are the outputs that were sent with a value which this pack does not have: their
    values are unknown. `responses` are the actions carried out since, and those that the previous answer marks as
    done. `undated` are the codes in `actions` that were sent without `due_at`; null for no deadline is not undated.

    `progress` is keyed by code. It has the actions of that answer, and those that were done before it.
    `unsure` are the codes of which it was undecided what holds, `conditional` those of them that no rule asked for yet.

    What was not sent is None, or ABSENT where null has a meaning of its own. It is never told as changed.
    """

    as_of: datetime
    outputs: Mapping[str, Any] = field(default_factory=dict)
    actions: Mapping[str, datetime | None] | None = None
    since: Mapping[str, datetime] = field(default_factory=dict)
    responses: tuple[str, ...] = ()
    undated: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    conditional: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    approvals: Mapping[str, datetime | None] = field(default_factory=dict)
    blocked: tuple[str, ...] | None = None
    held: tuple[str, ...] | None = None
    next_review: datetime | Absent | None = ABSENT
    passed_over: tuple[PassedOver, ...] = ()
    progress: Mapping[str, ActionState] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    deprecated: tuple[Deprecated, ...] = ()
