"""The part `drafts`: words ready to send for the actions of the plan. A sentence comes out only if its facts are established.

An assumed, disputed or old fact establishes nothing, nor does a figure of one page of results. What is unknown becomes a marked blank. It must not decide what an
action is: the plan does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.strict_json import Json
from service.engine.answer.findings import Findings
from service.engine.judging.counted_facts import is_old
from service.engine.judging.established import judge_established
from service.engine.judging.judge import Judgement
from service.engine.judging.progress import ProgressReader
from service.engine.why.blame import Blame
from service.engine.words.draft_words import DraftWords
from service.language.declared.derived_facts import roots
from service.language.declared.open_values import OPEN_TYPES, Members
from service.language.model import Draft, DraftSentence
from service.language.syntax import facts_read, outputs_read
from service.language.texts.placeholders import (
    MEASURED_AT,
    NEXT_REVIEW,
    REPORTED_BY,
    names_in_order,
    parted,
)

DOES_NOT_HOLD = "does not hold"
NOT_ESTABLISHED = "not established"
MAY_NOT_BE_SAID = "may not be said"
BLOCKED = "blocked"
TOO_LONG = "too long"
SAID, BRACKETED, LEFT_OUT = "said", "bracketed", "left out"
NOTHING: Mapping[str, Any] = {}


def drafts(findings: Findings) -> list[Json]:
    """On request: the drafts of the actions in the plan, in its order."""
    declared = findings.pack.drafts
    entries = [entry for entry, _ in findings.planned if entry["code"] in declared]
    if not entries:
        return []
    writer = _DraftWriter.of(findings)
    return [writer.draft(declared[entry["code"]], entry) for entry in entries]


@dataclass(frozen=True, slots=True)
class _Left:
    """Why a sentence is left out: the facts that are not established, or the codes that may not be said."""

    why: str
    facts: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _DraftWriter:
    """`established` is the judgement without assumed, disputed and old facts. `allowed` and `forbidden` are codes of `says`."""

    findings: Findings
    established: Judgement
    blame: Blame
    words: DraftWords
    progress: ProgressReader
    allowed: frozenset[str] | None
    forbidden: frozenset[str]
    not_to_do: frozenset[str]
    asked: frozenset[str]
    roots: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: Findings) -> _DraftWriter:
        pack, environment = findings.pack, findings.judgement.environment
        doubtful = tuple(_doubtful(findings))
        established = judge_established(
            findings.program, environment, (*findings.assumed, *doubtful)
        )
        permitted = (
            judge_established(findings.program, environment, doubtful)
            if doubtful
            else findings.relaxed
        )
        named = pack.draft_outputs
        decision = findings.decision
        return cls(
            findings,
            established,
            Blame(findings.prepared.blame, established),
            DraftWords.of(findings.words),
            replace(findings.progress, relaxed=established),
            allowed=None if named.may_say is None else _sure(permitted.can_be[named.may_say]),
            forbidden=_can_have(permitted.can_be[named.may_not_say])
            if named.may_not_say
            else frozenset(),
            not_to_do=frozenset(
                [block.code for block in decision.blocked]
                + [left.code for left in decision.left_out]
            ),
            asked=frozenset(ask.code for ask in (*decision.allowed, *decision.conditional))
            | frozenset(held.code for held in decision.held),
            roots=roots(pack.derived),
        )

    def draft(self, draft: Draft, entry: Json) -> Json:
        text = self.words.text_of(draft)
        blanks: dict[str, None] = {}
        sentences = []
        for number, sentence in enumerate(draft.sentences):
            names = self._names(sentence)
            left = self._left_out(draft, number, names)
            state = BRACKETED if self._must_wait(sentence) else SAID
            if left is None:
                missing = [name for name in names if self._is_blank(draft, name)]
                values = {name: self._value(name) for name in names if name not in missing}
                if text.add(number, values, missing, bracketed=state == BRACKETED):
                    blanks |= dict.fromkeys(missing)
                else:
                    left = _Left(TOO_LONG)
            sentences.append(self._sentence(number, sentence, text.last, state, left))
        return {
            "code": draft.action,
            "name": entry["text"],
            "text": text.whole(),
            "approval": list(entry["approval"]),
            "approval_text": self.findings.words.roles(entry["approval"]),
            "approve_by": entry["approve_by"],
            "sentences": sentences,
            "blanks": [self._blank(draft, name) for name in blanks],
        }

    def _left_out(self, draft: Draft, number: int, names: Iterable[str]) -> _Left | None:
        sentence = draft.sentences[number]
        condition = self.findings.prepared.drafts[draft.action][number]
        if condition is not None and condition(self.established.environment) is not True:
            if condition(self.findings.relaxed.environment) is False:
                return _Left(DOES_NOT_HOLD)
            return _Left(NOT_ESTABLISHED, self._not_established(sentence))
        of_facts = [name for name in names if name not in draft.blanks]
        if doubtful := list(filter(self._is_doubtful, of_facts)):
            return _Left(NOT_ESTABLISHED, self._unknown_of(doubtful))
        if any(self._value(name) == () for name in of_facts):
            return _Left(DOES_NOT_HOLD)
        if codes := tuple(code for code in sentence.says if not self._may_say(code)):
            return _Left(MAY_NOT_BE_SAID, codes=codes)
        return _Left(BLOCKED) if sentence.done and self._is_no_plan(sentence.done) else None

    def _is_no_plan(self, code: str) -> bool:
        """Whether the action is blocked or left out, or neither done nor asked for: then no sentence waits for it."""
        if code in self.not_to_do:
            return True
        return code not in self.asked and not self.progress.of(code).is_done

    def _must_wait(self, sentence: DraftSentence) -> bool:
        """Whether what it says is not done. A fact that is not established shows nothing done."""
        code = sentence.done
        return code is not None and not self.progress.of(code).is_done

    def _may_say(self, code: str) -> bool:
        """A code of both outputs must be allowed, and must not be forbidden. A code of one must satisfy that one."""
        named, outputs = self.findings.pack.draft_outputs, self.findings.pack.outputs
        needs = named.may_say is not None and code in outputs[named.may_say].type.values
        return code not in self.forbidden and not (needs and code not in (self.allowed or ()))

    def _names(self, sentence: DraftSentence) -> list[str]:
        """The placeholders in any language, in the order in which they stand."""
        return names_in_order(sentence.text.values())

    def _is_blank(self, draft: Draft, name: str) -> bool:
        return name in draft.blanks or self._value(name) is None

    def _is_doubtful(self, name: str) -> bool:
        """Whether it has a value that is not established."""
        name, _ = parted(name)
        slot = self.findings.program.layout.facts.get(name)
        if slot is None:
            return isinstance(self.established.can_be.get(name), OPEN_TYPES)
        known = self.findings.judgement.environment[slot] is not None
        return known and self.established.environment[slot] is None

    def _value(self, name: str) -> Any:
        fact, view = parted(name)
        value = self._value_of(fact)
        if view not in (REPORTED_BY, MEASURED_AT) or value is None:
            return value
        said = self.findings.reported.get(fact)
        return None if said is None else getattr(said, view)

    def _value_of(self, name: str) -> Any:
        if name == NEXT_REVIEW:
            return self.findings.plan.next_review()
        slot = self.findings.program.layout.facts.get(name)
        if slot is None:
            return self.established.can_be.get(name, self.findings.as_of)
        return self.established.environment[slot]

    def _not_established(self, sentence: DraftSentence) -> tuple[str, ...]:
        if sentence.when is None:
            return ()
        return self._unknown_of([*facts_read(sentence.when), *outputs_read(sentence.when)])

    def _unknown_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The facts that are not established and because of which these facts and outputs are not."""
        found: set[str] = set()
        for name, _ in map(parted, names):
            if name in self.findings.pack.outputs:
                if isinstance(self.established.can_be[name], OPEN_TYPES):
                    found.update(self.blame.index.names(self.blame.of_output(name)))
            else:
                found |= self.roots.get(name, frozenset([name]))
        environment, slots = self.established.environment, self.findings.program.layout.facts
        return tuple(
            name
            for name in self.findings.pack.vocabulary.facts
            if name in found and environment[slots[name]] is None
        )

    def _sentence(
        self, number: int, sentence: DraftSentence, text: str, state: str, left: _Left | None
    ) -> Json:
        return {
            "number": number + 1,
            "state": LEFT_OUT if left else state,
            "text": None if left else text,
            "why": left.why if left else None,
            "facts": list(left.facts if left else ()),
            "codes": list(left.codes if left else ()),
            "done": sentence.done,
        }

    def _blank(self, draft: Draft, name: str) -> Json:
        label = self.words.label(draft, name)
        return {"name": name, "text": label}


def _doubtful(findings: Findings) -> Iterator[str]:
    """The facts that were posted as disputed or as figures of one page of results, or that are old."""
    facts = findings.pack.vocabulary.facts
    for name, said in findings.reported.items():
        if said.disputed or said.scope == "page" or is_old(facts[name], said, findings.as_of):
            yield name


def _sure(can_be: Any) -> frozenset[str]:
    return frozenset(can_be.sure if isinstance(can_be, Members) else can_be)


def _can_have(can_be: Any) -> frozenset[str]:
    return frozenset(can_be.can_have if isinstance(can_be, Members) else can_be)
