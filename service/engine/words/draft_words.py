"""The sentences of drafts in the language of an answer, or in all languages for `both`: values, blanks and brackets filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from schemas.scalars import in_zone
from service.engine.words.brief_words import day_and_time
from service.engine.words.joined_words import JoinedWords, joined
from service.engine.words.pack_words import PackWords, template
from service.language.model import Draft
from service.language.texts.placeholders import (
    MEASURED_AT,
    NEXT_REVIEW,
    REPORTED_BY,
    WITH_UNIT,
    parted,
)

LABELS = {REPORTED_BY: "draft_source", MEASURED_AT: "draft_measured"}
"""The text of reports for what a placeholder tells of a fact beside its value."""


@dataclass(frozen=True, slots=True)
class DraftWords:
    """`parts` are the words of each language of the answer."""

    words: PackWords
    parts: tuple[PackWords, ...]

    @classmethod
    def of(cls, words: PackWords) -> DraftWords:
        """The words with numbers as they are: what is said in public is not cut to a few digits."""
        parts = words.parts if isinstance(words, JoinedWords) else (words,)
        exact = (replace(one, wording=replace(one.wording, exact=True)) for one in parts)
        return cls(words, tuple(exact))

    def text_of(self, draft: Draft) -> DraftText:
        """An empty text of this draft, to which sentences are added."""
        return DraftText(tuple(_LanguageText(part, draft) for part in self.parts))

    def label(self, draft: Draft, name: str) -> str:
        """What a blank stands for, in words."""
        return joined(_label(part, draft, name) for part in self.parts)


@dataclass(slots=True)
class DraftText:
    """The sentences that come out so far, in each language. `last` is the sentence that was added last."""

    languages: tuple[_LanguageText, ...]
    last: str = ""

    def add(
        self, number: int, values: Mapping[str, Any], blanks: Sequence[str], *, bracketed: bool
    ) -> bool:
        """Adds the sentence at this position unless the text would be too long. Returns whether it was added."""
        said = [one.filled(number, values, blanks, bracketed) for one in self.languages]
        pairs = list(zip(self.languages, said, strict=True))
        if not all(one.takes(text) for one, text in pairs):
            return False
        for one, text in pairs:
            one.said.append(text)
        self.last = joined(said)
        return True

    def whole(self) -> str:
        return joined(one.whole() for one in self.languages)


@dataclass(slots=True)
class _LanguageText:
    words: PackWords
    draft: Draft
    said: list[str] = field(default_factory=list)

    def filled(
        self, number: int, values: Mapping[str, Any], blanks: Sequence[str], bracketed: bool
    ) -> str:
        """The sentence at this position. A value that was filled in is never read as a placeholder."""
        sentence = self.words.drafts[self.draft.action][number]
        filled_in = {name: _told(self.words, name, value) for name, value in values.items()}
        for name in blanks:
            filled_in[name] = self._marked("draft_blank", _label(self.words, self.draft, name))
        text = sentence.pattern % tuple([filled_in[name] for name in sentence.names])
        return self._marked("draft_brackets", text) if bracketed else text

    def _marked(self, key: str, text: str) -> str:
        marks = template(self.words.wording.say(self.words.wording.pack.report[key]))
        return marks.pattern % text

    def takes(self, text: str) -> bool:
        most = self.draft.at_most.get(self.words.wording.locale)
        return most is None or len(self.words.wording.in_a_row([*self.said, text])) <= most

    def whole(self) -> str:
        return self.words.wording.in_a_row(self.said)


def _told(words: PackWords, name: str, value: Any) -> str:
    """The value of a placeholder in words: of a fact, with its unit, or when it was measured."""
    fact, view = parted(name)
    if isinstance(value, datetime) and (view == MEASURED_AT or name == NEXT_REVIEW):
        return day_and_time(words, in_zone(value, words.wording.timezone))
    text = words.value(fact, value)
    return words.with_unit(fact, text, value) if view == WITH_UNIT else text


def _label(words: PackWords, draft: Draft, name: str) -> str:
    if name in draft.blanks:
        return words.wording.say(draft.blanks[name])
    if name == NEXT_REVIEW:
        return words.wording.fixed(NEXT_REVIEW)
    fact, view = parted(name)
    if view in LABELS:
        return words.wording.fixed(LABELS[view])
    if view:
        return _label(words, draft, fact)
    if name in words.facts:
        return words.facts[name]
    derived = {item.fact.name: item.fact.text for item in words.wording.pack.derived}
    previous = {key: fact.text for key, fact in words.wording.pack.previous.items()}
    return words.wording.say({**previous, **derived}.get(name, {}), name)
