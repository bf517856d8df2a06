"""Outputs and their hit policies, as frozen values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.files.names import OUTPUT_TYPES, HitPolicyName, OutputTypeName
from schemas.types import Type, list_of
from schemas.vocabulary import Text

ASKED = "actions"
"""The output that collects the actions that rules ask for."""
BLOCKED = "blocked"
"""The output that guards set: the actions that must not be taken."""
HELD = "held"
"""An optional output that rules set to make actions wait until certain facts are known."""
BLOCKING_OR_HOLDING = (BLOCKED, HELD)
"""The outputs that keep an action from being taken although a rule asks for it."""
ACTION_OUTPUTS = (ASKED, *BLOCKING_OR_HOLDING)
PROVISIONAL = "provisional"
"""An optional boolean output: rules that set it make the answer provisional."""


class GivenValues(NamedTuple):
    """The values that rules give an output, in the order of the rules.

    `given` has each value with True if it is sure. `sure` and `unsure` have the same values separately.
    """

    given: Sequence[tuple[Any, bool]]
    sure: list[Any]
    unsure: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPolicy:
    """How the values that rules give an output are combined. `declared.hit_policies` has all of them.

    `combine` and `outcomes` are called only if a rule gives a value, or may give one.
    """

    name: HitPolicyName
    about: str
    """The combined value, described for docs/rules.md."""
    examples: tuple[tuple[str, str], ...]
    """For docs/rules.md: the values given, as a list in JSON, and the combined value, in JSON or `conflict`."""
    takes: tuple[OutputTypeName, ...] = OUTPUT_TYPES
    needs: str = ""
    """The message to an author whose output has a type that is not in `takes`; the policy's name comes before it."""
    combine: Callable[[Output, Sequence[Any]], Any]
    """The value if exactly these values are given, in the order of the rules. The caller checks for conflicts."""
    outcomes: Callable[[Output, GivenValues], Any]
    """The values that the output can have while some values are unsure. It is a plain value if there is only one."""
    is_collected: bool = False
    """The value is the list of the values given. It has no default: if no value is given, the list is empty."""
    is_ranked: bool = False
    """Of the values given, the first in the output's declared order is the result."""
    is_exclusive: bool = False
    """More than one value is a conflict."""
    equal_values_count_once: bool = False
    """It makes no difference how many rules give a value."""
    is_made_of_all: bool = False
    """Every rule that fires contributes to the value. Otherwise only the rules that give exactly this value do."""
    counts_rules: bool = False
    """A rule writes true, which counts as 1."""
    is_clamped: bool = False
    """The value is clamped to min and max. Otherwise no rule may give a value outside them."""

    def conflict(self, values: Sequence[Any]) -> bool:
        """Whether rules that give these values contradict each other."""
        if not self.is_exclusive:
            return False
        return len(set(values) if self.equal_values_count_once else values) > 1


@dataclass(frozen=True, slots=True)
class Output:
    """A value that rules set. `type` is the type of the value that one rule gives.

    `below_scale` are the values that say that there is no incident. A value in `closed` closes an incident: with it in the
    previous answer the incident is not open any more.
    """

    name: str
    type: Type
    policy: HitPolicy
    default: Any
    text: Text
    minimum: int | float | None = None
    maximum: int | float | None = None
    value_texts: Mapping[str, Text] = field(default_factory=dict)
    value_levels: Mapping[str, int] = field(default_factory=dict)
    help: Text = field(default_factory=dict)
    value_helps: Mapping[str, Text] = field(default_factory=dict)
    below_scale: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    def within_bounds(self, value: Any) -> bool:
        return (self.minimum is None or value >= self.minimum) and (
            self.maximum is None or value <= self.maximum
        )

    @property
    def hit(self) -> HitPolicyName:
        """The name of its hit policy, as the author wrote it."""
        return self.policy.name

    @property
    def value_type(self) -> Type:
        """The type of the combined value, which conditions read."""
        return list_of(self.type) if self.policy.is_collected else self.type
