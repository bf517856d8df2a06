"""What every row of a brief needs: the findings, the words of each language, and the facts and rules behind a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from service.engine.answer.briefing.line import Sources
from service.engine.answer.findings import Findings
from service.engine.answer.prepared_brief import Names, PreparedBrief
from service.engine.words.brief_words import BriefSpeech, BriefWords, each_language
from service.language.model import ACTION_OUTPUTS


@dataclass(frozen=True, slots=True)
class Writer:
    findings: Findings
    prepared: PreparedBrief
    languages: tuple[BriefWords, ...]
    fired: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: Findings, prepared: PreparedBrief) -> Self:
        read, as_of = findings.speech.read, findings.as_of
        languages = tuple(
            BriefWords(words, BriefSpeech(words, read, prepared.posted), as_of)
            for words in each_language(findings.words)
        )
        return cls(findings, prepared, languages)

    def in_each(self, write: Callable[[BriefWords], str]) -> tuple[str, ...]:
        """A text in each language."""
        return tuple(map(write, self.languages))

    def fired_for(self, output: str) -> list[int]:
        """The rules that fired and gave an output the value it has, or one of its values. Each output is looked at once."""
        found = self.fired.get(output)
        if found is None:
            found = self.fired[output] = self._fired_for(output)
        return found

    def _fired_for(self, output: str) -> list[int]:
        if output in ACTION_OUTPUTS:
            return []
        declared, value = self.findings.pack.outputs[output], self.findings.judgement.values[output]
        made_of_all = declared.policy.is_made_of_all
        rules = self.findings.judgement.rules
        return [
            giver.rule
            for giver in self.prepared.givers[output]
            if rules.of(giver.rule) is True and (made_of_all or _has(value, giver.value))
        ]

    def sources(self, names: Names, rules: Iterable[int] = ()) -> Sources:
        """The known facts and the ids of the rules from which a line comes."""
        fired = dict.fromkeys(rules)
        for output in sorted(names.outputs):
            fired.update(dict.fromkeys(self.fired_for(output)))
        facts_of = self.findings.program.facts_of
        read = dict.fromkeys(sorted(names.facts))
        for position in fired:
            read.update(dict.fromkeys(facts_of[position]))
        known = tuple(name for name in read if self.is_known(name))
        return Sources(known, tuple(self.findings.pack.rule_ids(fired)))

    def is_known(self, fact: str) -> bool:
        slot = self.findings.program.layout.facts[fact]
        return self.findings.judgement.environment[slot] is not None


def _has(value: Any, given: Any) -> bool:
    return given in value if isinstance(value, tuple | list) else bool(given == value)
