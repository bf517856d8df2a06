"""A pack's texts in one language or, for `both`, in all of its languages at once: 中文 / English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, Self

from schemas.vocabulary import Text
from service.engine.words.pack_words import PackWords, Read, Speech
from service.engine.words.wording import Wording
from service.language.model import BOTH, Pack

BETWEEN = " / "


def is_both(locale: str) -> bool:
    """Whether a caller asks for all languages. Case does not matter, as in every locale."""
    return locale.lower() == BOTH


def words_of(pack: Pack, locale: str) -> PackWords:
    """The texts of a pack in the language `locale`, or side by side in all its languages for `both`.

    They are templates: the values of one incident are filled in later.
    """
    if locale != BOTH:
        return PackWords.of(pack, wording_of(pack, locale))
    parts = tuple(PackWords.of(pack, wording_of(pack, language)) for language in own_first(pack))
    return JoinedWords.of(pack, _joined_wording(pack), parts=parts)


def wording_of(pack: Pack, locale: str) -> Wording:
    return _joined_wording(pack) if locale == BOTH else Wording(pack, locale, pack.timezone)


def own_first(pack: Pack) -> tuple[str, ...]:
    """The pack's languages, its own locale first."""
    return (pack.locale, *(code for code in pack.languages if code != pack.locale))


def joined(texts: Iterable[str]) -> str:
    """Texts of one meaning side by side. Equal texts stand once."""
    return BETWEEN.join(dict.fromkeys(texts))


def _joined_wording(pack: Pack) -> Wording:
    parts = tuple(wording_of(pack, language) for language in own_first(pack))
    return JoinedWording(pack, BOTH, pack.timezone, parts)


@dataclass(frozen=True, slots=True)
class JoinedWording(Wording):
    """The texts of one pack in all its languages at once."""

    parts: tuple[Wording, ...]

    def in_zone(self, timezone: tzinfo) -> Self:
        parts = tuple(part.in_zone(timezone) for part in self.parts)
        return replace(self, timezone=timezone, parts=parts)

    def say(self, text: Text, otherwise: str = "") -> str:
        return joined(part.say(text, otherwise) for part in self.parts)

    def word(self, key: str) -> str:
        return joined(part.word(key) for part in self.parts)

    def value(self, value: Any, value_texts: Mapping[str, Text]) -> str:
        return joined(part.value(value, value_texts) for part in self.parts)


@dataclass(frozen=True, slots=True)
class JoinedWords(PackWords):
    """Each language's text is filled in by itself, so that it stays a sentence. Then the texts are joined."""

    parts: tuple[PackWords, ...]

    def in_zone(self, timezone: tzinfo) -> Self:
        parts = tuple(part.in_zone(timezone) for part in self.parts)
        return replace(self, wording=self.wording.in_zone(timezone), parts=parts)

    def speech(self, read: Read) -> Speech:
        return JoinedSpeech(self, read)

    def value(self, name: str, value: Any) -> str:
        if (
            value
            and isinstance(value, tuple)
            and all(self._says_once(name, item) for item in value)
        ):
            return self.parts[0].value(
                name, value
            )  # otherwise the texts would differ only in their commas
        return joined(part.value(name, value) for part in self.parts)

    def condition(self, facts: Sequence[str], *, asked: bool) -> str:
        return joined(part.condition(facts, asked=asked) for part in self.parts)

    def _says_once(self, name: str, item: Any) -> bool:
        return len({part.value(name, item) for part in self.parts}) == 1


class JoinedSpeech(Speech):
    """The texts of one answer: filled in for each language, then joined."""

    def __init__(self, words: JoinedWords, read: Read) -> None:
        super().__init__(words, read)
        self.parts = [part.speech(read) for part in words.parts]

    def verdict(self, positions: Iterable[int]) -> str:
        told = tuple(positions)
        return joined(part.verdict(told) for part in self.parts)

    def because(self, position: int) -> str:
        return joined(part.because(position) for part in self.parts)
