"""A pack's brief made ready once: its conditions compiled, and the names from which each text comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemas.vocabulary import Text
from service.engine.expressions.closures import compile_condition
from service.engine.expressions.layout import Environment, Evaluate
from service.engine.judging.program import Giver, Program
from service.engine.words.brief_words import PreparedText, posted_texts, prepared_text
from service.language.model import Sentence
from service.language.model.brief import Brief, BriefDecision, When
from service.language.syntax import Node, facts_read, outputs_read
from service.language.texts.placeholders import names_in, parted


class Names(NamedTuple):
    """The facts and outputs that a text or a condition reads."""

    facts: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()

    def __or__(self, other: Names) -> Names:
        return Names(self.facts | other.facts, self.outputs | other.outputs)


@dataclass(frozen=True, slots=True)
class Told:
    """A text that is told if a condition is true, and the names from which it comes."""

    text: PreparedText
    condition: Evaluate | None
    names: Names

    def holds(self, environment: Environment) -> bool:
        return self.condition is None or self.condition(environment) is True


@dataclass(frozen=True, slots=True)
class BriefCondition:
    """An unknown condition does not hold."""

    evaluate: Evaluate | None
    names: Names

    def holds(self, environment: Environment) -> bool:
        return self.evaluate is None or self.evaluate(environment) is True


@dataclass(frozen=True, slots=True)
class PreparedRow:
    name: str
    when: BriefCondition
    protects: bool
    actions: tuple[tuple[str, tuple[Told, ...]], ...]


@dataclass(frozen=True, slots=True)
class PreparedDecision:
    action: str
    question: Told
    options: tuple[tuple[Told, PreparedText], ...]
    delay: PreparedText


@dataclass(frozen=True, slots=True)
class PreparedBrief:
    """`givers` has, for each output, the rules that give it a value, with the value. `posted` are the facts whose words are cut.

    `facts_of_rules` has the facts that a rule reads, by its id.
    """

    brief: Brief
    title: tuple[Told, ...]
    do_not_forward: BriefCondition | None
    quiet_when: BriefCondition | None
    warning: tuple[Told, ...]
    now: tuple[PreparedRow, ...]
    decisions: tuple[PreparedDecision, ...]
    questions: tuple[tuple[str, BriefCondition], ...]
    posted: frozenset[str]
    givers: Mapping[str, tuple[Giver, ...]]
    facts_of_rules: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, program: Program) -> PreparedBrief | None:
        brief = program.pack.brief
        return None if brief is None else _Preparer(program).prepared(brief)


@dataclass(frozen=True, slots=True)
class _Preparer:
    program: Program

    def prepared(self, brief: Brief) -> PreparedBrief:
        return PreparedBrief(
            brief=brief,
            title=self._all_told(brief.title),
            do_not_forward=self._while(brief.do_not_forward),
            quiet_when=self._while(brief.quiet_when),
            warning=self._all_told(brief.warning),
            now=tuple(
                PreparedRow(
                    row.name,
                    self._condition(row.when),
                    row.protects,
                    tuple((one.code, self._all_told(one.text)) for one in row.actions),
                )
                for row in brief.now
            ),
            decisions=tuple(map(self._decision, brief.decision)),
            questions=tuple((one.fact, self._condition(one.when)) for one in brief.ask),
            posted=posted_texts(self.program.pack),
            facts_of_rules=dict(
                zip(
                    (rule.id for rule in self.program.pack.rules),
                    self.program.facts_of,
                    strict=True,
                )
            ),
            givers={one.output.name: one.givers for level in self.program.decided for one in level},
        )

    def _decision(self, decision: BriefDecision) -> PreparedDecision:
        return PreparedDecision(
            decision.action,
            self._told(decision.question, decision.when.node),
            tuple(
                (self._told(option.text, option.when.node), self._text(option.cost))
                for option in decision.options
            ),
            self._text(decision.delay),
        )

    def _all_told(self, sentences: Iterable[Sentence]) -> tuple[Told, ...]:
        return tuple(self._told(one.text, one.when) for one in sentences)

    def _told(self, text: Text, node: Node | None) -> Told:
        names = self._named(names_in(text.values())) | self._names(node)
        return Told(self._text(text), self._compiled(node), names)

    def _text(self, text: Text) -> PreparedText:
        return prepared_text(self.program.pack, text)

    def _while(self, when: When | None) -> BriefCondition | None:
        return None if when is None else self._condition(when)

    def _condition(self, when: When) -> BriefCondition:
        return BriefCondition(self._compiled(when.node), self._names(when.node))

    def _compiled(self, node: Node | None) -> Evaluate | None:
        return None if node is None else compile_condition(node, self.program.layout)

    def _names(self, node: Node | None) -> Names:
        return Names() if node is None else Names(facts_read(node), outputs_read(node))

    def _named(self, names: Iterable[str]) -> Names:
        outputs = self.program.pack.outputs.keys()
        facts = self.program.layout.facts.keys()
        named = frozenset(parted(name)[0] for name in names)
        return Names(named & facts, named & outputs)
