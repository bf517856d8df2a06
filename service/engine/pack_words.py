"""A pack's texts in one language, worked out once: what an answer says that hangs on no incident."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import Text
from service.engine.wording import PLACEHOLDER, Wording
from service.language.model import ASKED, BLOCKED, Action, Pack

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
    """`because` and `sources` go by a rule's position; `value_texts` by output or fact, then value."""

    wording: Wording
    because: tuple[Template, ...]
    sources: tuple[str | None, ...]
    facts: Mapping[str, str]
    actions: Mapping[str, ActionWords]
    value_texts: Mapping[str, Mapping[str, Text]]

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
            value_texts={name: fact.value_texts for name, fact in facts.items()}
            | _output_texts(pack),
        )

    def value(self, name: str, value: Any) -> str:
        """A value of this fact or output in words."""
        return self.wording.value(value, self.value_texts.get(name, {}))


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


def _output_texts(pack: Pack) -> dict[str, Mapping[str, Text]]:
    """Of an output of actions, the actions' texts."""
    actions = {code: action.text for code, action in pack.actions.items()}
    return {
        name: actions if name in (ASKED, BLOCKED) else output.value_texts
        for name, output in pack.outputs.items()
    }
