"""Assembles the answer: what was judged, put into the words and the JSON shape of the contract. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.engine.blame import Blame
from service.engine.deadlines import due_at, in_order
from service.engine.guards import Ask, Block, Decision, Hold
from service.engine.judge import Judgement
from service.engine.layout import Layout
from service.engine.possible import OPEN_TYPES, Members, Options, best, worst
from service.engine.wording import Wording, coded, plain
from service.language.model import ASKED, BLOCKED, PROVISIONAL, Output, Pack, Rule
from service.language.syntax import facts_read

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything one answer is made from. `bounds` is the judgement that says what could still change."""

    pack: Pack
    layout: Layout
    wording: Wording
    shown: Judgement
    bounds: Judgement
    blame: Blame
    decision: Decision
    assumed: Mapping[str, Any]
    as_of: datetime

    def to_json(self) -> Json:
        """The body of the contract (design 6), without the ids that the edge adds."""
        answer: Json = {
            "as_of": plain(self.as_of, self.pack.timezone),
            "pack": {
                "name": self.pack.name,
                "version": self.pack.version,
                "digest": self.pack.digest,
            },
        }
        for name in self.pack.answer:
            answer[name] = coded(self.pack.outputs[name], self.shown.shown[name], self.wording)
        return answer | {
            "provisional": self._provisional(),
            "actions": self._actions(),
            "blocked": [self._block(block) for block in self.decision.blocked],
            "held": [self._hold(hold) for hold in self.decision.held],
            "reasons": self._reasons(),
            "unknowns": self._unknowns(),
            "assumed": {
                name: plain(value, self.pack.timezone) for name, value in self.assumed.items()
            },
            "at_worst": self._end(worst),
            "at_best": self._end(best),
            "outputs": {name: self._output(output) for name, output in self.pack.outputs.items()},
        }

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
                self.wording,
            )
            for name in self.pack.answer
        }

    def _output(self, output: Output) -> Json:
        value = self.shown.shown[output.name]
        can_be = self.bounds.possible[output.name]
        texts = output.value_texts
        if output.name in (ASKED, BLOCKED):
            texts = {code: action.text for code, action in self.pack.actions.items()}
        return {
            "value": plain(value, self.pack.timezone),
            "text": self.wording.value(value, texts),
            "established": not isinstance(can_be, OPEN_TYPES),
            "can_be": _can_be(output, can_be),
        }

    def _rule_ids(self, positions: Sequence[int]) -> list[str]:
        return [self.pack.rules[position].id for position in positions]

    def _actions(self) -> list[Json]:
        asks = {ask.code: ask for ask in self.decision.allowed}
        due = {
            code: due_at(
                self.pack.actions[code], self.layout, self.shown.environment, self.bounds.possible
            )
            for code in asks
        }
        ordered = in_order(list(asks), self.pack.actions, due)
        return [self._action(asks[code], due[code]) for code in ordered]

    def _action(self, ask: Ask, due: datetime | None) -> Json:
        action = self.pack.actions[ask.code]
        return {
            "code": action.code,
            "text": self.wording.say(action.text),
            "owner": action.owner,
            "channels": list(action.channels),
            "approval": list(action.approval),
            "inform": list(action.inform),
            "due_at": None if due is None else plain(due, self.pack.timezone),
            "after": list(action.after),
            "reversible": action.reversible,
            "statutory": action.statutory,
            "ground": self.wording.say(action.ground) or None,
            "because": self._rule_ids(ask.rules),
        }

    def _block(self, block: Block) -> Json:
        return {
            "code": block.code,
            "text": self.wording.say(self.pack.actions[block.code].text),
            "because": self._rule_ids(block.rules),
            "ground": "; ".join(self.wording.say(ground) for ground in block.grounds) or None,
            "instead": list(block.instead),
        }

    def _hold(self, hold: Hold) -> Json:
        until = frozenset[str]().union(*map(self.blame.of_rule, hold.guards))
        return {
            "code": hold.code,
            "text": self.wording.say(self.pack.actions[hold.code].text),
            "until": [name for name in self.pack.vocabulary.facts if name in until],
            "because": self._rule_ids(hold.guards),
        }

    def _reasons(self) -> list[Json]:
        fired = (
            rule
            for rule, truth in zip(self.pack.rules, self.shown.truths, strict=True)
            if truth is True
        )
        return [self._reason(rule) for rule in fired]

    def _reason(self, rule: Rule) -> Json:
        read = facts_read(rule.when)
        facts = {name: self._fact_value(name) for name in self.layout.facts if name in read}
        return {
            "rule": rule.id,
            "text": self.wording.filled(rule.because, self._in_words),
            "source": self.wording.say(rule.source) or None,
            "facts": {
                name: plain(value, self.pack.timezone)
                for name, value in facts.items()
                if value is not None
            },
        }

    def _fact_value(self, name: str) -> Any:
        return self.shown.environment[self.layout.facts[name]]

    def _in_words(self, name: str) -> str:
        """What a placeholder of a because-text stands for."""
        if name in self.layout.facts:
            return self.wording.value(self._fact_value(name), self._fact_texts(name))
        if name in self.pack.outputs:
            return self.wording.value(self.shown.shown[name], self.pack.outputs[name].value_texts)
        return self.wording.value(self.as_of, {})

    def _fact_texts(self, name: str) -> Mapping[str, Any]:
        fact = self.pack.vocabulary.facts.get(name)
        return fact.value_texts if fact else {}

    def _unknowns(self) -> list[Json]:
        """Ranked by how many of the answer's outputs they could change, then of all outputs."""
        could_change: dict[str, list[str]] = {}
        for name in self.pack.outputs:
            for fact in self._open_because_of(name):
                could_change.setdefault(fact, []).append(name)
        facts = [name for name in self.pack.vocabulary.facts if name in could_change]
        facts.sort(key=lambda name: self._weight(could_change[name]))
        return [
            {
                "fact": name,
                "text": self.wording.say(self.pack.vocabulary.facts[name].text),
                "could_change": could_change[name],
            }
            for name in facts
        ]

    def _weight(self, outputs: list[str]) -> tuple[int, int]:
        return -len([name for name in outputs if name in self.pack.answer]), -len(outputs)

    def _open_because_of(self, name: str) -> frozenset[str]:
        if name == BLOCKED:  # only what holds an action back; other guards change nothing
            guards = [position for hold in self.decision.held for position in hold.guards]
            return frozenset[str]().union(*map(self.blame.of_rule, guards))
        if isinstance(self.bounds.possible[name], OPEN_TYPES):
            return self.blame.of_output(name)
        return frozenset()


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
