"""A pack in both matchers, as in cross_check, but every difference is reported: there is no second try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.judge import Judgement, judge
from service.engine.judging.program import Program
from service.engine.reference.rule_conditions import as_closures
from service.engine.rete.network import Network
from service.language.model import Pack
from service.language.syntax import AsOf, Node, facts_read, walk


class TwoMatchers:
    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.program = compile_pack(pack)
        self._closures = as_closures(pack, self.program.layout)
        self._rete = Network(pack.rules, self.program.layout)

    def judged(self, facts: Mapping[str, Any], as_of: datetime) -> tuple[Judgement, list[str]]:
        """The judgement of the reference, and the rules for which rete, the rule's own evaluator or its closure differs.

        Raises RuleConflict.
        """
        environment, _ = self.program.environment(facts, as_of)
        judgement = judge(self.program, environment)
        fired = self._rete.fired(judgement.environment)
        expected = {n for n, truth in enumerate(judgement.truths) if truth is True}
        otherwise = {
            n
            for n, both in enumerate(zip(self.program.evaluators, self._closures, strict=True))
            if any(one(judgement.environment) is not judgement.truths[n] for one in both)
        }
        return judgement, [self.pack.rules[n].id for n in sorted(fired ^ expected | otherwise)]

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
