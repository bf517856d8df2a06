"""Assembles the answer: what was judged, put into the words and the JSON shape of the contract. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.previous import Previous
from schemas.strict_json import Json
from service.engine.answer.action_plan import ActionPlan, carried_out, clock, due_soon
from service.engine.answer.changes import Changes
from service.engine.expressions.layout import AS_OF_SLOT
from service.engine.judging.guards import Block, Decision, Hold
from service.engine.judging.judge import Judgement
from service.engine.judging.previous import since
from service.engine.judging.program import Program
from service.engine.why.blame import Blame
from service.engine.why.unknowns import Unknowns
from service.engine.words.pack_words import PackWords, Speech
from service.engine.words.wording import coded, plain
from service.language.declared.hit_policies import OPEN_TYPES, Members, Options, best, worst
from service.language.model import PROVISIONAL, Output, Pack


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything one answer is made from. `bounds` is the judgement that says what could still change."""

    pack: Pack
    program: Program
    words: PackWords
    judgement: Judgement
    relaxed: Judgement
    blame: Blame
    decision: Decision
    assumed: Mapping[str, Any]
    previous: Previous | None
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
        for name in self.pack.lifted:
            answer[name] = coded(
                self.pack.outputs[name], self.judgement.values[name], self.words.wording
            )
        plan = self._plan()
        entries = plan.entries()
        due = due_soon(entries, self.as_of)
        speech = self.words.speech(self._read)
        return answer | {
            "verdict": speech.verdict(),
            "provisional": self._provisional(),
            "since": self._since(),
            "clock": self._clock(due),
            "next_review": self._plain(plan.next_review()),
            "next_hour": due,
            "changes": self._changes(),
            "actions": [entry for entry, _ in entries],
            "blocked": [self._block(block) for block in self.decision.blocked],
            "held": [self._hold(hold) for hold in self.decision.held],
            "reasons": self._reasons(speech),
            "unknowns": Unknowns(
                self.pack, self.words, self.relaxed, self.decision, self.blame
            ).to_json(),
            "assumed": {name: self._plain(value) for name, value in self.assumed.items()},
            "at_worst": self._end(worst),
            "at_best": self._end(best),
            "outputs": {name: self._output(output) for name, output in self.pack.outputs.items()},
        }

    def _plain(self, value: Any) -> Any:
        return plain(value, self.pack.timezone)

    def _provisional(self) -> bool:
        """An answer's output may yet change, or a rule says (or may say) that it is provisional."""
        if any(isinstance(self.relaxed.can_be[name], OPEN_TYPES) for name in self.pack.lifted):
            return True
        output = self.pack.outputs.get(PROVISIONAL)
        return output is not None and (
            self.judgement.values[PROVISIONAL] or worst(output, self.relaxed.can_be[PROVISIONAL])
        )

    def _end(self, end: Any) -> Json:
        return {
            name: coded(
                self.pack.outputs[name],
                end(self.pack.outputs[name], self.relaxed.can_be[name]),
                self.words.wording,
            )
            for name in self.pack.lifted
        }

    def _output(self, output: Output) -> Json:
        value = self.judgement.values[output.name]
        can_be = self.relaxed.can_be[output.name]
        return {
            "value": self._plain(value),
            "text": self.words.value(output.name, value),
            "established": not isinstance(can_be, OPEN_TYPES),
            "can_be": _can_be(output, can_be),
        }

    def _plan(self) -> ActionPlan:
        return ActionPlan(
            self.program,
            self.words,
            self.judgement,
            self.relaxed,
            self.decision.allowed,
            self.previous,
            carried_out(self.pack, self.previous),
            self.judgement.environment[AS_OF_SLOT],
        )

    def _since(self) -> Json:
        moments = since(self.pack, self.judgement.values, self.previous, self.as_of)
        return {name: self._plain(moment) for name, moment in moments.items()}

    def _clock(self, due: Sequence[Json]) -> Json:
        return {
            "since": clock(self.program, self.words, self.judgement.environment, self.as_of),
            "overdue": [entry["code"] for entry in due if entry["overdue"]],
        }

    def _changes(self) -> Json | None:
        if self.previous is None:
            return None
        changes = Changes(self.program, self.words, self.judgement, self.decision, self.previous)
        return changes.to_json()

    def _block(self, block: Block) -> Json:
        return {
            "code": block.code,
            "text": self.words.actions[block.code]["text"],
            "because": self.pack.rule_ids(block.rules),
            "ground": "; ".join(map(self.words.wording.say, block.grounds)) or None,
            "instead": list(block.instead),
        }

    def _hold(self, hold: Hold) -> Json:
        waiting = set(self.blame.of_rules(hold.undetermined)).union(hold.until)
        until = [name for name in self.pack.vocabulary.facts if name in waiting]
        return {
            "code": hold.code,
            "text": self.words.actions[hold.code]["text"],
            "until": until,
            "questions": [{"fact": name, **self.words.questions[name]} for name in until],
            "ground": "; ".join(map(self.words.wording.say, hold.grounds)) or None,
            "because": self.pack.rule_ids(hold.rules),
        }

    def _reasons(self, speech: Speech) -> list[Json]:
        environment = self.judgement.environment
        known = {
            name: self._plain(environment[slot])
            for name, slot in self.program.facts_in_rules
            if environment[slot] is not None
        }
        rules, sources, facts_of = self.pack.rules, self.words.sources, self.program.facts_of
        return [
            {
                "rule": rules[position].id,
                "text": speech.because(position),
                "source": sources[position],
                "facts": {name: known[name] for name in facts_of[position] if name in known},
            }
            for position in self.judgement.rules.fired()
        ]

    def _read(self, name: str) -> Any:
        """The value that a placeholder of a text stands for."""
        slot = self.program.layout.facts.get(name)
        if slot is not None:
            return self.judgement.environment[slot]
        return self.judgement.values.get(name, self.as_of)


def _can_be(output: Output, value: Any) -> Any:
    """What an output can be: `{"min", "max"}` of a number, `{"sure", "possible"}` of a collection, else a list."""
    if output.hit == "collect":
        members = value if isinstance(value, Members) else Members(value, value)
        return {"sure": list(members.sure), "possible": list(members.can_have)}
    if output.type.is_numeric:
        return {"min": best(output, value), "max": worst(output, value)}
    if isinstance(value, Options):
        return list(value.values)
    return [value]
