"""Which slot of an environment holds what. An environment is one list per assessment: None is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Environment = list[Any]
"""One value a slot; None is unknown."""
Evaluate = Callable[[Environment], Any]
"""From an environment to a value, or None where it is unknown."""

AS_OF_SLOT = 0
HAS_UNKNOWN_SLOT = 1
"""What `has` says of an unknown fact: False for what is shown, None where bounds are sought."""


@dataclass(slots=True)
class Layout:
    """Grows while a pack is compiled; `new_environment` gives a list of its size.

    `computed_from` has by derived fact the slots of the facts that it hangs on and that are not derived.
    """

    facts: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)
    computed_from: dict[str, tuple[int, ...]] = field(default_factory=dict)
    size: int = 2

    @classmethod
    def of(cls, facts: Iterable[str], outputs: Iterable[str]) -> Layout:
        layout = cls()
        layout.facts = {name: layout.new_slot() for name in facts}
        layout.outputs = {name: layout.new_slot() for name in outputs}
        return layout

    def new_slot(self) -> int:
        self.size += 1
        return self.size - 1

    def new_environment(self, as_of: datetime) -> Environment:
        environment: Environment = [None] * self.size
        environment[AS_OF_SLOT] = as_of.astimezone(UTC)
        environment[HAS_UNKNOWN_SLOT] = False
        return environment
