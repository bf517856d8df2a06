"""The facts that a pack declares, as frozen values. `schemas.facts` checks posted values against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from schemas.former_names import NO_FORMER_NAMES, FormerNames
from schemas.types import Type

Text = Mapping[str, str]
"""Words by language code: `{"en": "Deaths", "zh": "死亡人数"}`."""


UnknownReason = Literal["old", "page", "disputed"]
"""Why a posted value may not count: it is too old, of one page of results alone, or disputed."""
UNKNOWN_REASONS: tuple[UnknownReason, ...] = get_args(UnknownReason)


LeverDirection = Literal["both", "up", "down", "none"]
"""In which directions somebody may aim to change a fact: so contingency may suggest it."""


class Absent:
    """The type of `ABSENT`: no value was declared. None would mean an explicit null."""

    _only: Absent | None = None

    def __new__(cls) -> Absent:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Fact:
    """A typed value about an incident.

    `unit_of_one` is the unit of exactly one of it, in the languages that have another word for that.
    `assume` is the value assumed for an absent fact, or ABSENT.
    `otherwise` is the value of an absent fact that does not apply, or ABSENT if the fact applies to every incident.
    `minimum` and `maximum` are inclusive and in the fact's own unit; `earliest` and `latest` are those of a datetime.
    `question` is the question to ask while it is unknown, `ask` the role to ask.
    A figure measured longer ago than `stale_after` is old.
    A posted value for which a reason in `unknown_if` holds counts as unknown.
    Contingency changes the fact only as `lever` says.
    `values_by` says whose words an enum's values are.
    `calm` says when its value tells nothing of an incident, as its author wrote it: `always` or a condition. One of the
    `watch` makes no incident by itself.
    Answers do not contain `source`, `assume_because`, `value_helps`, `value_levels`, `values_by`, `calm` and `watch`: only the view of the
    pack does.
    """

    name: str
    type: Type
    text: Text
    help: Text = field(default_factory=dict)
    unit: Text = field(default_factory=dict)
    unit_of_one: Text = field(default_factory=dict)
    minimum: int | float | None = None
    maximum: int | float | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    assume: object = ABSENT
    otherwise: object = ABSENT
    question: Text = field(default_factory=dict)
    ask: str | None = None
    value_texts: Mapping[str, Text] = field(default_factory=dict)
    stale_after: timedelta | None = None
    unknown_if: tuple[UnknownReason, ...] = ()
    lever: LeverDirection = "both"
    source: Text = field(default_factory=dict)
    assume_because: Text = field(default_factory=dict)
    value_helps: Mapping[str, Text] = field(default_factory=dict)
    value_levels: Mapping[str, int] = field(default_factory=dict)
    values_by: Text = field(default_factory=dict)
    calm: Any = None
    watch: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All facts of a pack by dotted name, in the order their author wrote them; and former names, also those of outputs and actions."""

    facts: Mapping[str, Fact]
    former: FormerNames = NO_FORMER_NAMES

    def groups(self) -> dict[str, object]:
        """Nest the facts by the parts of their names: `{"harm": {"deaths": Fact}}`."""
        tree: dict[str, object] = {}
        for fact in self.facts.values():
            *parents, leaf = fact.name.split(".")
            branch = tree
            for part in parents:
                branch = branch.setdefault(part, {})  # type: ignore[assignment]
            branch[leaf] = fact
        return tree
