"""The data and texts that every part of a report needs: the answer, one language, and moments and values in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from schemas.field_error import Ignored
from schemas.scalars import in_zone, local_time, parse_datetime, parse_duration
from schemas.strict_json import Json
from service.engine.answer.late import is_at_once, is_late
from service.engine.answer.planning.next_hour import AT_ONCE, is_certain
from service.engine.words.pack_words import PackWords
from service.language.model import Pack
from service.language.texts.figures import elapsed
from service.language.texts.placeholders import PLACEHOLDER
from service.reporting.markdown import Markdown, Piece, joined, plain, spaced, strong

SEPARATOR = " · "
DAY = timedelta(days=1)
UNITS = (
    ("days", DAY),
    ("hours", timedelta(hours=1)),
    ("minutes", timedelta(minutes=1)),
)


@dataclass(frozen=True, slots=True)
class Page:
    """An assessment in one language, the facts from which it was made, and the mistakes that were ignored in them."""

    pack: Pack
    words: PackWords
    answer: Json
    facts: Mapping[str, Any]
    ignored: Ignored

    def say(self, key: str, **values: Piece) -> Markdown:
        """A text of reports, with its placeholders filled in."""
        text = spaced(self.words.wording.say(self.pack.report[key]))
        pieces = PLACEHOLDER.split(text)
        return Markdown(
            "".join(plain(values[piece]) if n % 2 else piece for n, piece in enumerate(pieces))
        )

    def is_below_scale(self, name: str) -> bool:
        """Whether the lifted output says that there is no incident."""
        return self.answer["outputs"][name]["value"] in self.pack.outputs[name].below_scale

    def label(self, key: str, text: Piece) -> Markdown:
        """`**Owner:** text`, or nothing where there is no text."""
        if not text:
            return Markdown("")
        return joined([strong(self.say(key) + self.say("colon")), text], " ")

    def listed(self, pieces: Iterable[Piece]) -> Markdown:
        return joined(pieces, self.say("comma"))

    def bracketed(self, text: Piece) -> Markdown:
        return self.say("brackets", text=text) if text else Markdown("")

    def with_note(self, text: Piece, *notes: Piece | None) -> Markdown:
        """The text, followed by its remarks in brackets, if there are any."""
        said = [note for note in notes if note]
        return plain(text) + self.bracketed(joined(said, self.say("stop")))

    @property
    def as_of(self) -> datetime:
        return self.local(self.answer["as_of"])

    def local(self, moment: str) -> datetime:
        """A moment of the answer, in its time zone."""
        return in_zone(parse_datetime(moment), self.words.wording.timezone)

    def moment(self, moment: str | None) -> str:
        """The time alone on the day of the report, with the date on other days, with the year in other years."""
        if moment is None:
            return ""
        local, today = self.local(moment), self.as_of
        if local.date() == today.date():
            return local_time(local, "%H:%M")
        return local_time(local, "%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")

    def span(self, written: str) -> Markdown:
        """A duration in the largest unit that gives a whole number; one day is written as 24 hours."""
        span = parse_duration(written)
        units = UNITS[1:] if span == DAY else UNITS
        key, unit = next((one for one in units if not span % one[1]), UNITS[-1])
        return self.say(key, count=self.value("", span / unit))

    def since(self, moment: str) -> Markdown:
        """The time from a moment to that of the answer: in minutes below one hour, then in whole hours, then in days."""
        passed = elapsed(parse_datetime(self.answer["as_of"]) - parse_datetime(moment))
        return self.say(passed.key, count=self.value("", passed.number))

    def is_past(self, moment: str | None) -> bool:
        """Instants are compared: local times run through one hour twice when the clocks go back."""
        return moment is not None and parse_datetime(moment) < parse_datetime(self.answer["as_of"])

    def is_due(self, moment: str | None) -> bool:
        """Whether it is this very moment or past."""
        return moment is not None and parse_datetime(moment) <= parse_datetime(self.answer["as_of"])

    def deadline(self, moment: str | None) -> str:
        """A deadline that is not set by law: `now` in place of a date that has come or is past."""
        return self.say("at_once") if self.is_due(moment) else self.moment(moment)

    def due(self, action: Json) -> Markdown:
        """When an action is due. A deadline set by law keeps its date, and says so if it is overdue, unless it is due at once.

        One that an unknown fact decides is not overdue.
        """
        if action["within"] == AT_ONCE:
            return plain(self.say("at_once"))
        if not self.keeps_its_date(action):
            return plain(self.deadline(action["due_at"]))
        is_overdue = is_certain(action) and self.is_past(action["due_at"])
        late = strong(self.say("overdue")) if is_overdue else ""
        return joined([self.moment(action["due_at"]), late], " ")

    def keeps_its_date(self, action: Json) -> bool:
        """Whether a law set a deadline for it that is not `at once`."""
        return action["statutory"] and action["due_at"] is not None and not is_at_once(action)

    def is_late(self, action: Json) -> bool:
        """Whether it should be done by now. The answer's `overdue` has what is due at once too."""
        due = action["due_at"]
        as_of = parse_datetime(self.answer["as_of"])
        return is_late(action, None if due is None else parse_datetime(due), as_of)

    def name_of(self, name: str) -> str:
        """The name of a fact or an output in this language."""
        if name in self.words.facts:
            return self.words.facts[name]
        output = self.pack.outputs.get(name)
        return self.words.wording.say(output.text, name) if output else name

    def role(self, code: str) -> str:
        role = self.pack.roles.get(code)
        return self.words.wording.say(role.text) if role else code

    def action(self, named: Json | str) -> str:
        """The text of an action that is given by its code or by its entry."""
        if not isinstance(named, str):
            return str(named["text"])
        return str(self.words.actions[named]["text"])

    def value(self, name: str, value: Any) -> str:
        """A fact's or output's value in words, a fact's with its unit."""
        said = self.words.value(name, value)
        return self.words.with_unit(name, said, value)
