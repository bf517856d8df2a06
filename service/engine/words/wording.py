"""Writes values and texts for people, in the language that the caller asks for, and values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any, Self

from schemas.file_fields import ANY_LANGUAGE
from schemas.scalars import (
    format_datetime,
    format_duration,
    in_zone,
    local_time,
)
from schemas.vocabulary import Text
from service.language.model import Output, Pack
from service.language.texts.figures import number_in_words, span_in_words

PLAIN_ALREADY = (str, int, bool, float, type(None))
DEFAULT_WORDS = {"true": "true", "false": "false", "unknown": "?"}


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one pack in one language. A text that is missing in it is taken from the pack's own locale.

    `timezone` is the zone in which moments are written. `exact` numbers are never cut to a few digits.
    """

    pack: Pack
    locale: str
    timezone: tzinfo
    exact: bool = field(default=False, kw_only=True)

    def in_zone(self, timezone: tzinfo) -> Self:
        """The same texts with moments in this zone."""
        return replace(self, timezone=timezone)

    def say(self, text: Text, otherwise: str = "") -> str:
        for language in (self.locale, ANY_LANGUAGE, self.pack.locale):
            if language in text:
                return text[language]
        return next(iter(text.values()), otherwise)

    def fixed(self, key: str) -> str:
        """A fixed text of reports, without what is filled in."""
        return self.say(self.pack.report[key])

    def word(self, key: str) -> str:
        return self.say(self.pack.words.get(key, {}), DEFAULT_WORDS[key])

    def value(self, value: Any, value_texts: Mapping[str, Text]) -> str:
        """A value in words, for people."""
        match value:
            case None:
                return self.word("unknown")
            case bool():
                return self.word("true" if value else "false")
            case int() | float():
                return number_in_words(value, self.fixed, exact=self.exact)
            case datetime():
                return local_time(in_zone(value, self.timezone), "%Y-%m-%d %H:%M")
            case timedelta():
                return span_in_words(value, self.fixed)
            case ():
                return self.fixed("nothing")
            case tuple():
                return self.word_list([self.value(item, value_texts) for item in value])
            case str() if value in value_texts:
                return self.say(value_texts[value], value)
        return str(value)

    def word_list(self, words: list[str]) -> str:
        return ("、" if self.writes_without_spaces else ", ").join(words)

    def in_a_row(self, sentences: list[str]) -> str:
        return ("" if self.writes_without_spaces else " ").join(sentences)

    def with_unit(self, number: str, unit: str) -> str:
        """Without a space before a Chinese unit, as in 14人; with one before a unit in letters, as in 30 m/s."""
        is_close = self.writes_without_spaces and not (unit.isascii() and unit[0].isalpha())
        return number + unit if is_close else f"{number} {unit}"

    @property
    def writes_without_spaces(self) -> bool:
        return self.locale.startswith(("zh", "ja"))


def ranges(numbers: Iterable[int]) -> Iterator[str]:
    """1, 2, 3 and 5 as `1-3` and `5`. The numbers ascend."""
    for _, group in groupby(enumerate(numbers), lambda one: one[1] - one[0]):
        run = [number for _, number in group]
        yield str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"


def plain(value: Any, timezone: tzinfo) -> Any:
    """A value for JSON: a moment in this time zone, a duration or a list as a caller posts it."""
    if type(value) in PLAIN_ALREADY:
        return value
    match value:
        case datetime():
            return format_datetime(in_zone(value, timezone))
        case timedelta():
            return format_duration(value)
    return [plain(item, timezone) for item in value]


def coded(output: Output, value: Any, wording: Wording) -> dict[str, Any]:
    """A lifted output's value: `{"code", "level", "text"}` for an enum, otherwise `{"value", "text"}`."""
    if output.type.name != "enum":
        return {"value": value, "text": wording.value(value, {})}
    view: dict[str, Any] = {"code": value}
    if value in output.value_levels:
        view["level"] = output.value_levels[value]
    view["text"] = wording.say(output.value_texts.get(value, {}), value)
    return view
