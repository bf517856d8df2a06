"""The rows of a brief that say what to do now: actions that share a line, with their owner, the earliest time and who must agree."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.strict_json import Json
from service.engine.answer.briefing.line import Line
from service.engine.answer.briefing.writer import Writer
from service.engine.answer.late import is_late
from service.engine.answer.prepared_brief import Names, PreparedRow, Told
from service.engine.words.brief_words import BriefWords
from service.language.model.brief import MOST_ROWS, NOTHING_NOW


@dataclass(frozen=True, slots=True)
class _Planned:
    """An action of the plan that is still to be done, with its words for the page."""

    entry: Json
    due: datetime | None
    told: Sequence[Told]

    def text(self, words: BriefWords) -> str:
        if not self.told:
            text: str = words.words.actions[self.entry["code"]]["text"]
            return text
        return words.words.wording.in_a_row([words.text(one.text) for one in self.told])


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    actions: Sequence[_Planned]
    stays: bool

    @property
    def due(self) -> datetime | None:
        """The earliest time."""
        return min((one.due for one in self.actions if one.due), default=None)

    def late_at(self, as_of: datetime, starts: Collection[datetime]) -> list[str]:
        """The codes of its actions that should be done by now. `starts` are the known moments of the pack's clock."""
        return [one.entry["code"] for one in self.actions if is_late(one.due, as_of, starts)]


def told_rows(writer: Writer) -> list[Row]:
    """The first rows that have something to do, and all rows that never give way, each action once."""
    rows = list(_rows(writer))
    room = max(MOST_ROWS - sum(row.stays for row in rows), 0)
    others = [row.name for row in rows if not row.stays][:room]
    return [row for row in rows if row.stays or row.name in others]


def now(writer: Writer, told: Sequence[Row]) -> Iterator[Line]:
    if writer.prepared.now and not told:
        yield Line(NOTHING_NOW, writer.in_each(lambda words: words.say("brief_nothing")))
    for number, row in enumerate(told, start=1):
        yield _line(writer, row, number)


def _rows(writer: Writer) -> Iterator[Row]:
    environment = writer.findings.judgement.environment
    waiting = {
        entry["code"]: (entry, due) for entry, due in writer.findings.planned if not entry["done"]
    }
    for row in writer.prepared.now:
        if row.when.holds(environment):
            actions = list(_actions(writer, row, waiting))
            if actions:
                by_law = any(one.entry["statutory"] for one in actions)
                yield Row(row.name, actions, row.protects or by_law)


def _actions(
    writer: Writer, row: PreparedRow, waiting: dict[str, tuple[Json, datetime | None]]
) -> Iterator[_Planned]:
    environment = writer.findings.judgement.environment
    for code, told in row.actions:
        if code in waiting:
            holding = [one for one in told if one.holds(environment)]
            yield _Planned(*waiting.pop(code), holding)


def _line(writer: Writer, row: Row, number: int) -> Line:
    names = Names()
    for one in row.actions:
        for told in one.told:
            names = names | told.names
    asking = [rule for one in row.actions for rule in one.entry["because"]]
    starts = writer.starts()
    texts = writer.in_each(lambda words: _text(words, row, number, starts))
    codes = [one.entry["code"] for one in row.actions]
    sources = writer.sources(names).after(_facts(writer, asking), asking)
    return Line(row.name, texts, sources, actions=codes, stays=row.stays)


def _facts(writer: Writer, rules: Sequence[str]) -> Iterator[str]:
    for rule in dict.fromkeys(rules):
        for name in writer.prepared.facts_of_rules[rule]:
            if writer.is_known(name):
                yield name


def _text(words: BriefWords, row: Row, number: int, starts: Collection[datetime]) -> str:
    first = row.actions[0].entry
    owner = words.role(first["owner"]) if first["owner"] else words.say("nobody")
    texts = [_with_date(words, one, row, starts) for one in row.actions]
    return words.say(
        "brief_now",
        number=str(number),
        owner=owner,
        due=due(words, row.due),
        texts=words.with_note(words.joined(texts), list(_notes(words, row))),
    )


def _with_date(words: BriefWords, one: _Planned, row: Row, starts: Collection[datetime]) -> str:
    """A legal duty that is late, or due later than the first action of its row, names its own date."""
    if one.entry["statutory"] and one.due and one.due < words.as_of and one.due not in starts:
        late = f"{words.say('overdue')} {words.moment(one.due)}"
        return words.with_note(one.text(words), [late])
    if one.entry["statutory"] and one.due and row.due and max(row.due, words.as_of) < one.due:
        return words.with_note(one.text(words), [due(words, one.due)])
    return one.text(words)


def due(words: BriefWords, moment: datetime | None) -> str:
    """When something is due. A moment that has come or is past is now."""
    if moment is None:
        return words.say("brief_undated")
    if moment <= words.as_of:
        return words.say("brief_now_at_once")
    return words.say("brief_by", moment=words.moment(moment))


def _notes(words: BriefWords, row: Row) -> Iterator[str]:
    """The channels of the row's actions, and the roles that must approve them."""
    channels = dict.fromkeys(name for one in row.actions for name in one.entry["channels"])
    if channels:
        names = words.words.wording.word_list(list(channels))
        yield words.say("brief_channels", names=names)
    roles = dict.fromkeys(code for one in row.actions for code in one.entry["approval"])
    if roles:
        names = words.words.wording.word_list(list(map(words.role, roles)))
        yield words.say("approval_of", names=names)
