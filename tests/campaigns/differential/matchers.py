"""A pack in both matchers, as in cross_check, but every difference is reported: there is no second try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from service.engine.bits import bits, numbers
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.judge import Judgement, judge, judge_relaxed
from service.engine.judging.program import Program
from service.engine.reference.rule_conditions import as_closures
from service.engine.rete.network import Network
from service.language.model import Pack
from service.language.syntax import AsOf, Node, facts_read, walk


class TwoMatchers:
    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.program = compile_pack(pack)
        self._without_index = replace(self.program, match_rules=None)
        self._closures = as_closures(pack, self.program.layout)
        self._rete = Network(pack.rules, self.program.layout)

    def judged(self, facts: Mapping[str, Any], as_of: datetime) -> tuple[Judgement, list[str]]:
        """The judgement of the reference, by its index, and the rules and outputs that differ elsewhere.

        Compared are rete, the function of each rule, its closure, and the judgements that need no index.

        Raises RuleConflict.
        """
        environment, _ = self.program.environment(facts, as_of)
        judgement = judge(self.program, environment)
        fired = self._rete.fired(judgement.environment)
        truths = judgement.truths
        otherwise = bits(
            n
            for n, both in enumerate(zip(self.program.evaluators, self._closures, strict=True))
            if any(one(judgement.environment) is not truths[n] for one in both)
        )
        differing = numbers(fired ^ judgement.rules.true | otherwise)
        rules = [self.pack.rules[n].id for n in differing]
        return judgement, [*rules, *self._outputs_that_differ(judgement)]

    def _outputs_that_differ(self, judgement: Judgement) -> list[str]:
        """The outputs that are decided otherwise without the index, in the judgement or in the relaxed one."""
        other = judge(self._without_index, judgement.environment.copy())
        relaxed = judge_relaxed(self.program, judgement)
        other_relaxed = judge_relaxed(self._without_index, other)
        return [
            name
            for name in self.pack.outputs
            if (judgement.values[name], judgement.can_be[name], relaxed.can_be[name])
            != (other.values[name], other.can_be[name], other_relaxed.can_be[name])
        ]

    def close(self) -> None:
        self._rete.close()


def posted(program: Program, node: Node) -> list[str]:
    """The facts of the vocabulary that a condition reads, directly or through derived facts."""
    derived = {item.fact.name: item.value for item in program.pack.derived}
    found: set[str] = set()
    waiting = [node]
    while waiting:
        for name in facts_read(waiting.pop()):
            if name in derived:
                waiting.append(derived[name])
            else:
                found.add(name)
    return sorted(found)


def reads_the_moment(node: Node) -> bool:
    return any(isinstance(part, AsOf) for part in walk(node))
