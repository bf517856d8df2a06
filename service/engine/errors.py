"""The two ways an assessment can fail though the request was right.

EngineError
├── RuleConflict         the author's: rules of one output contradict each other
└── EngineDisagreement   ours: the two matchers differ, twice
"""

from __future__ import annotations

from collections.abc import Sequence


class EngineError(RuntimeError):
    """Base of what `assess` raises."""


class RuleConflict(EngineError):
    """Several `rules` gave `output` what its hit policy allows only once."""

    def __init__(self, output: str, rules: Sequence[str]) -> None:
        super().__init__(f"{output}: {', '.join(rules)}")
        self.output = output
        self.rules = tuple(rules)


class EngineDisagreement(EngineError):
    """The matchers named different `rules` as firing, also after a rebuild."""

    def __init__(self, rules: Sequence[str]) -> None:
        super().__init__(", ".join(rules))
        self.rules = tuple(rules)
