"""What is otherwise than in the last answer, and which rules say so. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemas.previous import Previous
from schemas.strict_json import Json
from service.engine.judging.guards import Decision
from service.engine.judging.judge import Judgement
from service.engine.judging.program import Program
from service.engine.words.pack_words import PackWords
from service.engine.words.wording import plain
from service.language.declared.previous_facts import is_told
from service.language.model import Output


@dataclass(frozen=True, slots=True)
class Changes:
    program: Program
    words: PackWords
    judgement: Judgement
    decision: Decision
    previous: Previous

    def to_json(self) -> Json:
        """`{outputs: [{name, from, to, …, because}], actions: {added, dropped}}`."""
        now = {ask.code: ask.rules for ask in self.decision.allowed}
        before = self.previous.actions
        return {
            "outputs": list(self._outputs()),
            "actions": {
                "added": [
                    {**self._named(code), "because": self.program.pack.rule_ids(rules)}
                    for code, rules in now.items()
                    if code not in before
                ],
                "dropped": [
                    {**self._named(code), "now": self._now(code)}
                    for code in before
                    if code not in now
                ],
            },
        }

    def _outputs(self) -> Iterator[Json]:
        pack = self.program.pack
        for name, output in pack.outputs.items():
            if not is_told(output) or name not in self.previous.outputs:
                continue  # of what a poster left out of the last answer nothing is known: it is no change
            before = self.previous.outputs[name]
            after = self.judgement.values[name]
            if before != after:
                yield {
                    "name": name,
                    "text": self.words.wording.say(output.text, name),
                    "from": plain(before, pack.timezone),
                    "to": plain(after, pack.timezone),
                    "from_text": self.words.value(name, before),
                    "to_text": self.words.value(name, after),
                    "direction": _direction(output, before, after),
                    "because": self.program.pack.rule_ids(self._givers(name, after)),
                }

    def _givers(self, name: str, value: Any) -> list[int]:
        """The rules that fire and give the value, or of a number all that fire and give any."""
        output = self.program.pack.outputs[name]
        return [
            position
            for position in self.judgement.rules.fired()
            for given in self.program.pack.rules[position].then
            if given.output == name and (output.type.is_numeric or given.value == value)
        ]

    def _named(self, code: str) -> Json:
        words = self.words.actions.get(code)
        return {"code": code, "text": words["text"] if words else code}

    def _now(self, code: str) -> str:
        if any(block.code == code for block in self.decision.blocked):
            return "blocked"
        if any(hold.code == code for hold in self.decision.held):
            return "held"
        return "not asked" if code in self.program.pack.actions else "gone"


def _direction(output: Output, before: Any, after: Any) -> str | None:
    """Of a graded output: an enum's first value is the worst."""
    values = output.type.values
    if not output.value_levels or before not in values or after not in values:
        return None
    return "worse" if values.index(after) < values.index(before) else "better"
