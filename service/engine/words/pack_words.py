"""A pack's texts in one language, prepared once: the part of an answer that depends on no incident."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, NamedTuple, Self

from schemas.previous import IgnoredReason
from schemas.vocabulary import Fact, Text
from service.engine.words.wording import Wording
from service.language.model import ACTION_OUTPUTS, Action, Pack
from service.language.texts.placeholders import PLACEHOLDER, WITH_UNIT, parted

NOTHING: Mapping[Any, Any] = {}
IGNORED: Mapping[IgnoredReason, str] = {
    "unknown-output": "ignored_output",
    "unknown-value": "ignored_value",
    "unknown-action": "ignored_action",
    "unknown-figure": "ignored_figure",
    "unknown-key": "ignored_key",
    "more": "ignored_more",
}
"""The text for each reason for which a part of the previous answer is ignored."""
MOST_NAMED = 3
"""The most facts that one line names."""
Read = Callable[[str], Any]
"""The value of a fact or output, by its name."""


class Template(NamedTuple):
    """A text with placeholders: `pattern` is written for the % operator, `names` has the name of each placeholder."""

    pattern: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackWords:
    """`actions` are entries of an answer, to be copied and filled in. `because` and `sources` have a text per rule, by position,
    `verdict` one per sentence.

    `questions` has the question and the role to ask, by fact. `value_words` is keyed by output or fact, then by value.
    `ignored` says why a part of the previous answer is ignored, by the reason. `drafts` has a text per sentence, by action.
    `units` has those that a fact has, one of it and more, by fact.
    `fixed_texts` has the texts of reports by their keys, `role_texts` the names of roles by code.
    """

    wording: Wording
    verdict: tuple[Template, ...]
    because: tuple[Template, ...]
    sources: tuple[str | None, ...]
    facts: Mapping[str, str]
    units: Mapping[str, tuple[str, str]]
    actions: Mapping[str, dict[str, Any]]
    by_case: Mapping[str, tuple[dict[str, Any], ...]]
    asked_if: str
    applies_if: str
    and_more: str
    questions: Mapping[str, Mapping[str, Any]]
    value_words: Mapping[str, Mapping[str, str]]
    ignored: Mapping[str, str]
    drafts: Mapping[str, tuple[Template, ...]]
    fixed_texts: Mapping[str, Template]
    role_texts: Mapping[str, str]

    @classmethod
    def of(cls, pack: Pack, wording: Wording, **more: Any) -> Self:
        facts = pack.vocabulary.facts
        return cls(
            wording,
            verdict=tuple(template(wording.say(sentence.text)) for sentence in pack.verdict),
            because=tuple(template(wording.say(rule.because)) for rule in pack.rules),
            sources=tuple(wording.say(rule.source) or None for rule in pack.rules),
            facts={name: wording.say(fact.text) for name, fact in facts.items()},
            units=_units(pack, wording),
            actions={code: _action(action, pack, wording) for code, action in pack.actions.items()},
            by_case={
                code: tuple(
                    _action(one, pack, wording)
                    for one in (*(case.action for case in action.by_case), action)
                )
                for code, action in pack.actions.items()
                if action.by_case
            },
            asked_if=wording.say(pack.report["asked_if"]),
            applies_if=wording.say(pack.report["applies_if"]),
            and_more=wording.say(pack.report["and_more"]),
            questions={name: _question(fact, pack, wording) for name, fact in facts.items()},
            value_words={
                name: {value: wording.say(text, value) for value, text in texts.items()}
                for name, texts in _value_texts(pack).items()
            },
            ignored={reason: wording.say(pack.report[key]) for reason, key in IGNORED.items()},
            drafts={
                code: tuple(template(wording.say(one.text)) for one in draft.sentences)
                for code, draft in pack.drafts.items()
            },
            fixed_texts={key: template(wording.say(text)) for key, text in pack.report.items()},
            role_texts={code: wording.say(role.text) for code, role in pack.roles.items()},
            **more,
        )

    def in_zone(self, timezone: tzinfo) -> Self:
        """The same words with moments in this time zone."""
        if timezone == self.wording.timezone:
            return self
        return replace(self, wording=self.wording.in_zone(timezone))

    def action(self, code: str, cases: tuple[int, ...]) -> dict[str, Any]:
        """The entry of an action, to be filled in, as the alternatives at these positions have it. It is a copy.

        If several hold, or can, it is the action as it is, with what each of them demands.
        """
        entries = self.by_case.get(code)
        if entries is None:
            return self.actions[code].copy()
        if len(cases) == 1:
            return entries[cases[0]].copy()
        return _together(self.actions[code], [entries[case] for case in cases])

    def condition(self, facts: Sequence[str], *, asked: bool) -> str:
        """On which facts it depends whether an action is asked for or, if it is, which ground and deadline apply.

        It names the first few of them.
        """
        named = self.wording.word_list([self.facts[name] for name in facts[:MOST_NAMED]])
        if more := len(facts[MOST_NAMED:]):
            named = self.and_more.format(facts=named, count=more)
        return (self.applies_if if asked else self.asked_if).format(facts=named)

    def grounds(self, grounds: Sequence[Text]) -> str | None:
        """The grounds in one line; None if there are none."""
        return "; ".join(map(self.wording.say, grounds)) or None

    def roles(self, codes: Iterable[str]) -> list[str]:
        """The names of these roles."""
        return [self.role_texts.get(code) or code for code in codes]

    def speech(self, read: Read) -> Speech:
        """The texts of one answer."""
        return Speech(self, read)

    def value(self, name: str, value: Any) -> str:
        """A value of this fact or output in words."""
        words = self.value_words.get(name, NOTHING)
        if value and isinstance(value, tuple):
            return self.wording.word_list([self._one(item, words) for item in value])
        return self._one(value, words)

    def with_unit(self, name: str, said: str, value: Any) -> str:
        """The words of a value with the fact's unit: 1 person, 2 people, 2人."""
        one, more = self.units.get(name, ("", ""))
        unit = one if value == 1 else more
        return self.wording.with_unit(said, unit) if unit and value is not None else said

    def _one(self, value: Any, words: Mapping[Any, str]) -> str:
        return words[value] if value in words else self.wording.value(value, NOTHING)


class Speech(dict[str, str]):
    """The texts of one answer. The dict keeps, by name, the words of each value that is filled in."""

    def __init__(self, words: PackWords, read: Read) -> None:
        self.words, self.read = words, read

    def __missing__(self, name: str) -> str:
        fact, view = parted(name)
        value = self.read(fact)
        text = self.words.value(fact, value)
        if view == WITH_UNIT:
            text = self.words.with_unit(fact, text, value)
        self[name] = text
        return text

    def verdict(self, positions: Iterable[int]) -> str:
        """The sentences at these positions in one line, filled in."""
        said = [self._filled(self.words.verdict[position]) for position in positions]
        return self.words.wording.in_a_row(said)

    def because(self, position: int) -> str:
        """The reason of the rule at this position, filled in."""
        return self._filled(self.words.because[position])

    def _filled(self, template: Template) -> str:
        """A value that was filled in is never read as a placeholder."""
        return template.pattern % tuple([self[name] for name in template.names])


def template(text: str) -> Template:
    pieces = PLACEHOLDER.split(text)  # names have odd positions
    return Template(
        "%s".join(piece.replace("%", "%%") for piece in pieces[::2]), tuple(pieces[1::2])
    )


def _action(action: Action, pack: Pack, wording: Wording) -> dict[str, Any]:
    owner = pack.roles.get(action.owner or "")
    deputy = owner.deputy if owner else None
    return {
        "code": action.code,
        "text": wording.say(action.text),
        "kind": action.kind,
        "owner": action.owner,
        "owner_text": _role(action.owner, pack, wording),
        "deputy": deputy,
        "deputy_text": _role(deputy, pack, wording),
        "channels": action.channels,
        "approval": action.approval,
        "inform": action.inform,
        "if": None,
        "due_at": None,
        "within": None,
        "due_unsure": False,
        "starts_with": (),
        "approve_by": None,
        "every": None,
        "until": wording.say(action.until) or None,
        "done": False,
        "asked_at": None,
        "done_at": None,
        "again_at": None,
        "seen": None,
        "sequence": 0,
        "after": action.after,
        "reversible": action.reversible,
        "statutory": action.statutory,
        "ground": wording.say(action.ground) or None,
        "because": (),
    }


def _together(own: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The entry of an action of which several alternatives can hold. A duty of one of them waits for no approval."""
    statutory = any(entry["statutory"] for entry in entries)
    listed = {
        key: tuple(dict.fromkeys(code for entry in entries for code in entry[key]))
        for key in ("approval", "inform")
    }
    grounds = dict.fromkeys(entry["ground"] for entry in entries if entry["ground"])
    return {
        **own,
        "statutory": statutory,
        "approval": () if statutory else listed["approval"],
        "inform": listed["inform"],
        "ground": "; ".join(grounds) or None,
    }


def _units(pack: Pack, wording: Wording) -> dict[str, tuple[str, str]]:
    """The units of facts, derived ones too: for one of it, and for any other number."""
    facts = (*pack.vocabulary.facts.values(), *(one.fact for one in pack.derived))
    return {
        fact.name: (wording.say({**fact.unit, **fact.unit_of_one}), wording.say(fact.unit))
        for fact in facts
        if fact.unit
    }


def _role(code: str | None, pack: Pack, wording: Wording) -> str | None:
    if code is None:
        return None
    role = pack.roles.get(code)
    return wording.say(role.text) if role else code


def _question(fact: Fact, pack: Pack, wording: Wording) -> Mapping[str, Any]:
    return {
        "question": wording.say(fact.question) or None,
        "ask": fact.ask,
        "ask_text": _role(fact.ask, pack, wording),
    }


def _value_texts(pack: Pack) -> dict[str, Mapping[str, Text]]:
    """The texts of values, by fact or output. For an output of actions they are the texts of the actions."""
    actions = {code: action.text for code, action in pack.actions.items()}
    outputs = {
        name: actions if name in ACTION_OUTPUTS else output.value_texts
        for name, output in pack.outputs.items()
    }
    facts = {**pack.vocabulary.facts, **pack.previous}
    return {name: fact.value_texts for name, fact in facts.items()} | outputs
