"""The words of a brief in one language: texts filled in, posted texts cut, moments as short as they can be, and how long a page is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.scalars import in_zone, local_time
from schemas.vocabulary import Text
from service.engine.words.joined_words import JoinedWords, wording_of
from service.engine.words.pack_words import PackWords, Read, Speech, Template, template
from service.language.model import Pack
from service.language.model.brief import (
    MOST_CHARACTERS,
    MOST_LINES,
    MOST_OF_A_POSTED_TEXT,
    MOST_WORDS,
)

CUT = "…"
PreparedText = Mapping[str, Template]
"""A text of the pack, as a template in each of its languages."""


def prepared_text(pack: Pack, text: Text) -> PreparedText:
    return {language: template(wording_of(pack, language).say(text)) for language in pack.languages}


def each_language(words: PackWords) -> tuple[PackWords, ...]:
    """The words of each language that an answer has."""
    return words.parts if isinstance(words, JoinedWords) else (words,)


def one_line(text: str, most: int = MOST_OF_A_POSTED_TEXT) -> str:
    """The text in one line of visible characters, cut at its end."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 1] + CUT


def posted_texts(pack: Pack) -> frozenset[str]:
    """The facts whose words are the poster's: each text, and each list, which has no limit of its own."""
    facts = {**pack.vocabulary.facts, **{one.fact.name: one.fact for one in pack.derived}}
    named = {name for name, fact in facts.items() if fact.type.name in ("string", "list")}
    collected = {name for name, one in pack.outputs.items() if one.type.name == "string"}
    return frozenset(named | collected | set(pack.previous))


def day_and_time(words: PackWords, local: datetime) -> str:
    """A moment in its own zone, without its year: 15 Sep 20:10, 9月15日20:10."""
    months = words.wording.fixed("months").split()
    month = months[local.month - 1] if len(months) == 12 else f"{local.month:02}"
    pattern, names = words.fixed_texts["day_and_time"]
    told = {"day": str(local.day), "month": month, "time": local_time(local, "%H:%M")}
    return pattern % tuple([told[name] for name in names])


class BriefSpeech(Speech):
    """The texts of one brief. What a caller posted, and every list, is cut, so that a page has a known length."""

    def __init__(self, words: PackWords, read: Read, posted: frozenset[str]) -> None:
        super().__init__(words, read)
        self.posted = posted

    def __missing__(self, name: str) -> str:
        text = super().__missing__(name)
        if name in self.posted:
            self[name] = text = one_line(text)
        return text


@dataclass(frozen=True, slots=True)
class BriefWords:
    """The words of one language. `as_of` is the moment of the answer. `moments` keeps each moment that was written."""

    words: PackWords
    speech: BriefSpeech
    as_of: datetime
    moments: dict[datetime, str] = field(default_factory=dict)

    def say(self, key: str, **values: str) -> str:
        """A text of reports, with its placeholders filled in."""
        pattern, names = self.words.fixed_texts[key]
        return pattern % tuple([values[name] for name in names])

    def text(self, text: PreparedText) -> str:
        """A text of the pack, with the values of the incident filled in."""
        pattern, names = text[self.words.wording.locale]
        return pattern % tuple([self.speech[name] for name in names])

    def because(self, position: int) -> str:
        return self.speech.because(position)

    def value(self, output: str, value: Any) -> str:
        return self.words.value(output, value)

    def name_of(self, output: str) -> str:
        declared = self.words.wording.pack.outputs[output]
        return self.words.wording.say(declared.text, output)

    def listed(self, texts: Iterable[str]) -> str:
        return self.say("comma").join(texts)

    def joined(self, texts: Sequence[str]) -> str:
        """Texts in one line, told apart by semicolons."""
        return self.say("stop").join(texts)

    def with_note(self, text: str, notes: Sequence[str]) -> str:
        return text + self.say("brackets", text=self.joined(notes)) if notes else text

    def role(self, code: str) -> str:
        return self.words.role_texts.get(code, code)

    def moment(self, moment: datetime) -> str:
        """The time; with its day if this is another day than that of the answer."""
        text = self.moments.get(moment)
        if text is None:
            text = self.moments[moment] = self._written(moment)
        return text

    def _written(self, moment: datetime) -> str:
        local, now = self._local(moment), self._local(self.as_of)
        same = (local.year, local.month, local.day) == (now.year, now.month, now.day)
        return local_time(local, "%H:%M") if same else self._day_and_time(local)

    def day_and_time(self, moment: datetime) -> str:
        return self._day_and_time(self._local(moment))

    def _day_and_time(self, local: datetime) -> str:
        return day_and_time(self.words, local)

    def with_offset(self, moment: datetime) -> str:
        """A moment with its day and the offset of its zone, such as +08:00."""
        offset = local_time(self._local(moment), "%z")
        return f"{self.day_and_time(moment)} {offset[:3]}:{offset[3:5]}"

    def _local(self, moment: datetime) -> datetime:
        return in_zone(moment, self.words.wording.timezone)

    def is_within(self, texts: Sequence[str]) -> bool:
        """Whether these lines fit on one page in this language."""
        if len(texts) > MOST_LINES:
            return False
        return size_of(texts, self.writes_without_blanks) <= most_of(self.writes_without_blanks)

    @property
    def writes_without_blanks(self) -> bool:
        return self.words.wording.writes_without_spaces


def size_of(texts: Sequence[str], writes_without_blanks: bool) -> int:
    """Characters that are no blanks in a language that is written without them, otherwise words."""
    words = [word for text in texts for word in text.split()]
    return sum(map(len, words)) if writes_without_blanks else len(words)


def most_of(writes_without_blanks: bool) -> int:
    return MOST_CHARACTERS if writes_without_blanks else MOST_WORDS
