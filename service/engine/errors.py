"""The errors of the engine. An assessment of a valid request can raise the three kinds of EngineError.

EngineError
├── RuleConflict         an author's mistake: rules give one output values that contradict each other
├── BudgetExceeded       an author's mistake: the rules take too many steps for the posted lists and texts
└── EngineDisagreement   our mistake: the two matchers differ, also after a rebuild
MatcherError             a matcher cannot take the rules, or failed; an assessment then tries again
└── ProofNotRun          the machine could not start the child process that proves a pack
"""

from __future__ import annotations

from collections.abc import Sequence


class EngineError(RuntimeError):
    """The base of the errors that `assess` raises."""


class RuleConflict(EngineError):
    """Several `rules` gave values to `output` that its hit policy does not allow together."""

    def __init__(self, output: str, rules: Sequence[str]) -> None:
        super().__init__(f"{output}: {', '.join(rules)}")
        self.output = output
        self.rules = tuple(rules)


class BudgetExceeded(EngineError):
    """The incident took more steps than it may take. `rules` have the part of a condition that took the last ones."""

    def __init__(self, rules: Sequence[str]) -> None:
        super().__init__(", ".join(rules))
        self.rules = tuple(rules)


class EngineDisagreement(EngineError):
    """The matchers named different `rules` as firing, also after a rebuild."""

    def __init__(self, rules: Sequence[str]) -> None:
        super().__init__(", ".join(rules))
        self.rules = tuple(rules)


class MatcherError(RuntimeError):
    """The matcher beside the reference cannot take the rules, failed or answered wrongly."""


class ProofNotRun(MatcherError):
    """The machine could not start the process that proves a pack, for example without memory. This says nothing about the pack."""
