"""Assembles the answer: what was judged, put into the words and the JSON shape of the contract. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.engine.blame import Blame, numbers
from service.engine.deadlines import in_order
from service.engine.guards import Ask, Block, Decision, Hold
from service.engine.judge import Judgement
from service.engine.pack_words import PackWords, filled
from service.engine.possible import OPEN_TYPES, Members, Options, best, worst
from service.engine.program import Program
from service.engine.wording import coded, plain
from service.language.model import BLOCKED, PROVISIONAL, Output, Pack

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything one answer is made from. `bounds` is the judgement that says what could still change."""

    pack: Pack
    program: Program
    words: PackWords
    shown: Judgement
    bounds: Judgement
    blame: Blame
    decision: Decision
    assumed: Mapping[str, Any]
    as_of: datetime

    def to_json(self) -> Json:
        """The body of the contract (design 6), without the ids that the edge adds."""
        answer: Json = {
            "as_of": self._plain(self.as_of),
            "pack": {
                "name": self.pack.name,
                "version": self.pack.version,
                "digest": self.pack.digest,
            },
        }
        for name in self.pack.answer:
            answer[name] = coded(
                self.pack.outputs[name], self.shown.shown[name], self.words.wording
            )
        return answer | {
            "provisional": self._provisional(),
            "actions": self._actions(),
            "blocked": [self._block(block) for block in self.decision.blocked],
            "held": [self._hold(hold) for hold in self.decision.held],
            "reasons": [
                self._reason(position)
                for position, truth in enumerate(self.shown.truths)
                if truth is True
            ],
            "unknowns": self._unknowns(),
            "assumed": {name: self._plain(value) for name, value in self.assumed.items()},
            "at_worst": self._end(worst),
            "at_best": self._end(best),
            "outputs": {name: self._output(output) for name, output in self.pack.outputs.items()},
        }

    def _plain(self, value: Any) -> Any:
        return plain(value, self.pack.timezone)

    def _provisional(self) -> bool:
        """An answer's output may yet change, or a rule says (or may say) that it is provisional."""
        if any(isinstance(self.bounds.possible[name], OPEN_TYPES) for name in self.pack.answer):
            return True
        output = self.pack.outputs.get(PROVISIONAL)
        return output is not None and (
            self.shown.shown[PROVISIONAL] or worst(output, self.bounds.possible[PROVISIONAL])
        )

    def _end(self, end: Any) -> Json:
        return {
            name: coded(
                self.pack.outputs[name],
                end(self.pack.outputs[name], self.bounds.possible[name]),
                self.words.wording,
            )
            for name in self.pack.answer
        }

    def _output(self, output: Output) -> Json:
        value = self.shown.shown[output.name]
        can_be = self.bounds.possible[output.name]
        return {
            "value": self._plain(value),
            "text": self.words.value(output.name, value),
            "established": not isinstance(can_be, OPEN_TYPES),
            "can_be": _can_be(output, can_be),
        }

    def _rule_ids(self, positions: Sequence[int]) -> list[str]:
        return [self.pack.rules[position].id for position in positions]

    def _actions(self) -> list[Json]:
        asks = {ask.code: ask for ask in self.decision.allowed}
        environment, possible = self.shown.environment, self.bounds.possible
        deadlines = self.program.deadlines
        due = {
            code: deadlines[code].at(environment, possible) if code in deadlines else None
            for code in asks
        }
        spelled = {moment: self._plain(moment) for moment in set(due.values())}
        ordered = in_order(list(asks), self.pack.actions, due)
        return [self._action(asks[code], spelled[due[code]]) for code in ordered]

    def _action(self, ask: Ask, due: str | None) -> Json:
        action = self.words.actions[ask.code].copy()
        action["due_at"] = due
        action["because"] = self._rule_ids(ask.rules)
        return action

    def _block(self, block: Block) -> Json:
        return {
            "code": block.code,
            "text": self.words.actions[block.code]["text"],
            "because": self._rule_ids(block.rules),
            "ground": "; ".join(map(self.words.wording.say, block.grounds)) or None,
            "instead": list(block.instead),
        }

    def _hold(self, hold: Hold) -> Json:
        return {
            "code": hold.code,
            "text": self.words.actions[hold.code]["text"],
            "until": self.blame.of_rules(hold.guards),
            "because": self._rule_ids(hold.guards),
        }

    def _reason(self, position: int) -> Json:
        environment = self.shown.environment
        return {
            "rule": self.pack.rules[position].id,
            "text": filled(self.words.because[position], self._in_words),
            "source": self.words.sources[position],
            "facts": {
                name: self._plain(environment[slot])
                for name, slot in self.program.facts_of[position]
                if environment[slot] is not None
            },
        }

    def _in_words(self, name: str) -> str:
        """What a placeholder of a because-text stands for."""
        slot = self.program.layout.facts.get(name)
        if slot is not None:
            return self.words.value(name, self.shown.environment[slot])
        return self.words.value(name, self.shown.shown.get(name, self.as_of))

    def _unknowns(self) -> list[Json]:
        """Ranked by how many of the answer's outputs they could change, then of all outputs."""
        groups: list[tuple[int, list[str]]] = []
        for output in self.pack.outputs:
            if facts := self._open_because_of(output):
                groups = _split(groups, facts, output)
        weighed = [(self._weight(outputs), facts, outputs) for facts, outputs in groups]
        ranked = sorted(
            (weight, number, could_change)
            for weight, facts, could_change in weighed
            for number in numbers(facts)
        )
        names = self.blame.index.facts
        return [
            {
                "fact": names[number],
                "text": self.words.facts[names[number]],
                "could_change": could_change,
            }
            for _, number, could_change in ranked
        ]

    def _weight(self, outputs: list[str]) -> tuple[int, int]:
        return -len([name for name in outputs if name in self.pack.answer]), -len(outputs)

    def _open_because_of(self, name: str) -> int:
        if name == BLOCKED:  # only what holds an action back; other guards change nothing
            found = 0
            for hold in self.decision.held:
                for position in hold.guards:
                    found |= self.blame.of_rule(position)
            return found
        if isinstance(self.bounds.possible[name], OPEN_TYPES):
            return self.blame.of_output(name)
        return 0


def _split(
    groups: list[tuple[int, list[str]]], facts: int, output: str
) -> list[tuple[int, list[str]]]:
    """Groups of facts that could change the same outputs, once `output` is known to hang on `facts`."""
    found = []
    for group, could_change in groups:
        if group & facts:
            found.append((group & facts, [*could_change, output]))
        if group & ~facts:
            found.append((group & ~facts, could_change))
        facts &= ~group
    return [*found, (facts, [output])] if facts else found


def _can_be(output: Output, value: Any) -> Any:
    """What an output can be: `{"min", "max"}` of a number, `{"sure", "possible"}` of a collection, else a list."""
    if output.hit == "collect":
        members = value if isinstance(value, Members) else Members(value, value)
        return {"sure": list(members.sure), "possible": list(members.possible)}
    if output.type.is_numeric:
        return {"min": best(output, value), "max": worst(output, value)}
    if isinstance(value, Options):
        return list(value.values)
    return [value]
