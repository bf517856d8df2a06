"""A pack's texts in one language, worked out once: what an answer says that hangs on no incident."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import Text
from service.engine.wording import PLACEHOLDER, Wording
from service.language.model import ASKED, BLOCKED, Action, Pack

NOTHING: Mapping[Any, Any] = {}
Template = tuple[str, ...]
"""Literal pieces at even places, the names between them at odd ones."""


@dataclass(frozen=True, slots=True)
class ActionWords:
    """An action as the answer has it, up to its deadline and after it."""

    text: str
    before_due: Mapping[str, Any]
    after_due: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PackWords:
    """`because` and `sources` go by a rule's position; `value_words` by output or fact, then value."""

    wording: Wording
    because: tuple[Template, ...]
    sources: tuple[str | None, ...]
    facts: Mapping[str, str]
    actions: Mapping[str, ActionWords]
    value_words: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, pack: Pack, locale: str) -> PackWords:
        wording = Wording(pack, locale)
        facts = pack.vocabulary.facts
        return cls(
            wording,
            because=tuple(template(wording.say(rule.because)) for rule in pack.rules),
            sources=tuple(wording.say(rule.source) or None for rule in pack.rules),
            facts={name: wording.say(fact.text) for name, fact in facts.items()},
            actions={code: _action_words(action, wording) for code, action in pack.actions.items()},
            value_words={
                name: {value: wording.say(text, value) for value, text in texts.items()}
                for name, texts in _value_texts(pack).items()
            },
        )

    def value(self, name: str, value: Any) -> str:
        """A value of this fact or output in words."""
        words = self.value_words.get(name, NOTHING)
        if isinstance(value, tuple):
            return self.wording.word_list([self._one(item, words) for item in value])
        return self._one(value, words)

    def _one(self, value: Any, words: Mapping[Any, str]) -> str:
        return words[value] if value in words else self.wording.value(value, NOTHING)


def template(text: str) -> Template:
    return tuple(PLACEHOLDER.split(text))


def filled(pieces: Template, read: Callable[[str], str]) -> str:
    """The text with each name read. What is filled in is never taken for a placeholder again."""
    if len(pieces) == 1:
        return pieces[0]
    return "".join(read(piece) if n % 2 else piece for n, piece in enumerate(pieces))


def _action_words(action: Action, wording: Wording) -> ActionWords:
    text = wording.say(action.text)
    return ActionWords(
        text,
        before_due={
            "code": action.code,
            "text": text,
            "owner": action.owner,
            "channels": list(action.channels),
            "approval": list(action.approval),
            "inform": list(action.inform),
        },
        after_due={
            "after": list(action.after),
            "reversible": action.reversible,
            "statutory": action.statutory,
            "ground": wording.say(action.ground) or None,
        },
    )


def _value_texts(pack: Pack) -> dict[str, Mapping[str, Text]]:
    """Of facts and outputs; of an output of actions, the actions' texts."""
    actions = {code: action.text for code, action in pack.actions.items()}
    outputs = {
        name: actions if name in (ASKED, BLOCKED) else output.value_texts
        for name, output in pack.outputs.items()
    }
    return {name: fact.value_texts for name, fact in pack.vocabulary.facts.items()} | outputs
