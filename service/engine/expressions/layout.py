"""The slots of an environment, which is the list of all values in one assessment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from service.engine.expressions.budget import UNCOUNTED, Steps
from service.language.conditions.cost import Sizes

Environment = list[Any]
"""One value per slot. None is unknown."""
Evaluate = Callable[[Environment], Any]
"""From an environment to a value, or None where it is unknown."""

AS_OF_SLOT = 0
HAS_UNKNOWN_SLOT = 1
"""The value of `has` for an unknown fact: False in the judgement, None in the relaxed judgement."""
STEPS_SLOT = 2
"""The steps that the incident may still take."""
ABSENT_SLOT = 3
"""The facts that were not posted and do not apply to every incident, in the order of computation."""

KEPT_SLOT = 4
"""The truth values, by position, of costly rules that need not be evaluated again; empty in a first judgement."""
_NONE_KEPT: Mapping[int, bool | None] = MappingProxyType({})


@dataclass(slots=True)
class Layout:
    """The slots of a pack by name. It grows while the pack is compiled; `new_environment` makes a list of its size.

    `computed_from` has for each derived fact the slots of the facts that it depends on and that are not derived.
    `sizes` has the greatest sizes of values, from which follows which atoms are costly.
    """

    facts: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)
    computed_from: dict[str, tuple[int, ...]] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=dict)
    size: int = 5

    @classmethod
    def of(cls, facts: Iterable[str], outputs: Iterable[str]) -> Layout:
        layout = cls()
        layout.facts = {name: layout.new_slot() for name in facts}
        layout.outputs = {name: layout.new_slot() for name in outputs}
        return layout

    def new_slot(self) -> int:
        self.size += 1
        return self.size - 1

    def new_environment(self, as_of: datetime, steps: Steps = UNCOUNTED) -> Environment:
        environment: Environment = [None] * self.size
        environment[AS_OF_SLOT] = as_of.astimezone(UTC)
        environment[HAS_UNKNOWN_SLOT] = False
        environment[STEPS_SLOT] = steps
        environment[ABSENT_SLOT] = ()
        environment[KEPT_SLOT] = _NONE_KEPT
        return environment
