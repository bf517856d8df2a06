"""The rows of a brief that say what to do now: actions that share a line, with their owner, the earliest time and who must agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.strict_json import Json
from service.engine.answer.briefing.line import Line
from service.engine.answer.briefing.writer import Writer
from service.engine.answer.late import is_at_once, is_late
from service.engine.answer.planning.next_hour import is_certain
from service.engine.answer.prepared_brief import Names, PreparedRow, Told
from service.engine.words.brief_words import BriefWords
from service.language.model.brief import IN_THE_PLAN, MOST_ROWS, NOTHING_NOW


@dataclass(frozen=True, slots=True)
class _Planned:
    """An action of the plan that is still to be done, with its words for the page.

    `cases` are the positions of its alternatives that can hold.
    """

    entry: Json
    due: datetime | None
    told: Sequence[Told]
    cases: tuple[int, ...]

    @property
    def is_certain(self) -> bool:
        return is_certain(self.entry)

    def text(self, words: BriefWords) -> str:
        if not self.told:
            text: str = words.words.action(self.entry["code"], self.cases)["text"]
            return text
        return words.words.wording.in_a_row([words.text(one.text) for one in self.told])


@dataclass(frozen=True, slots=True)
class Row:
    """`actions` has first those that are certain, then those that are asked for only if an unknown fact says so."""

    name: str
    actions: Sequence[_Planned]
    stays: bool

    @property
    def leading(self) -> Sequence[_Planned]:
        """The actions that give the row its owner and its time: the certain ones, or all if none is."""
        return [one for one in self.actions if one.is_certain] or self.actions

    @property
    def is_certain(self) -> bool:
        return any(one.is_certain for one in self.actions)

    @property
    def is_at_once(self) -> bool:
        return any(is_at_once(one.entry) for one in self.leading)

    @property
    def due(self) -> datetime | None:
        """The earliest time."""
        return min((one.due for one in self.leading if one.due), default=None)

    def late_at(self, as_of: datetime) -> list[str]:
        """The codes of its actions that should be done by now."""
        return [one.entry["code"] for one in self.actions if is_late(one.entry, one.due, as_of)]


def told_rows(writer: Writer) -> list[Row]:
    """The first rows that have something to do, and all rows that never give way, each action once.

    A row in which nothing is certain takes no other row's room, and stands after those in which something is.
    """
    rows = sorted(_rows(writer), key=lambda row: not row.is_certain)
    room = max(MOST_ROWS - sum(row.stays and row.is_certain for row in rows), 0)
    others = [row.name for row in rows if not row.stays][:room]
    return [row for row in rows if row.stays or row.name in others]


def now(writer: Writer, told: Sequence[Row]) -> Iterator[Line]:
    if writer.prepared.now and not told:
        yield Line(NOTHING_NOW, writer.in_each(lambda words: words.say("brief_nothing")))
    for number, row in enumerate(told, start=1):
        yield _line(writer, row, number)
    yield from _left_to_the_plan(writer)


def _left_to_the_plan(writer: Writer) -> Iterator[Line]:
    """One line counts the duties in doubt that have no row of their own because the pack calls this quiet."""
    codes = [
        entry["code"]
        for entry, _ in writer.findings.planned
        if not entry["done"] and not is_certain(entry)
    ]
    if codes and writer.findings.is_called_quiet and not _is_below_scale_or_closed(writer):
        texts = writer.in_each(lambda words: words.say("brief_in_plan", count=str(len(codes))))
        yield Line(IN_THE_PLAN, texts, actions=codes, stays=True)


def _rows(writer: Writer) -> Iterator[Row]:
    environment = writer.findings.spoken
    waiting = {entry["code"]: (entry, due) for entry, due in _waiting(writer)}
    for row in writer.prepared.now:
        if row.when.holds(environment):
            actions = list(_actions(writer, row, waiting))
            if actions:
                by_law = any(one.entry["statutory"] for one in actions)
                ordered = sorted(actions, key=lambda one: not one.is_certain)
                yield Row(row.name, ordered, row.protects or by_law)


def _waiting(writer: Writer) -> Iterator[tuple[Json, datetime | None]]:
    """What is still to be done. Without an open incident, and in what the pack calls quiet, duties that are not certain have no
    row: they stand in the plan.
    """
    is_quiet = _is_below_scale_or_closed(writer) or writer.findings.is_called_quiet
    for entry, due in writer.findings.planned:
        if not entry["done"] and (is_certain(entry) or not is_quiet):
            yield entry, due


def _is_below_scale_or_closed(writer: Writer) -> bool:
    findings = writer.findings
    values, lifted = findings.judgement.values, map(findings.pack.outputs.get, findings.pack.lifted)
    return any(values[one.name] in (*one.below_scale, *one.closed) for one in lifted if one)


def _actions(
    writer: Writer, row: PreparedRow, waiting: dict[str, tuple[Json, datetime | None]]
) -> Iterator[_Planned]:
    environment = writer.findings.spoken
    for code, told in row.actions:
        if code in waiting:
            holding = [one for one in told if one.holds(environment)]
            yield _Planned(*waiting.pop(code), holding, writer.findings.plan.cases(code))


def _line(writer: Writer, row: Row, number: int) -> Line:
    names = Names()
    for one in row.actions:
        for told in one.told:
            names = names | told.names
    asking = [rule for one in row.actions for rule in one.entry["because"]]
    texts = writer.in_each(lambda words: _text(words, row, number))
    codes = [one.entry["code"] for one in row.actions]
    sources = writer.sources(names).after(_facts(writer, asking), asking)
    return Line(row.name, texts, sources, actions=codes, stays=row.stays)


def _facts(writer: Writer, rules: Sequence[str]) -> Iterator[str]:
    for rule in dict.fromkeys(rules):
        for name in writer.prepared.facts_of_rules[rule]:
            if writer.is_known(name):
                yield name


def _text(words: BriefWords, row: Row, number: int) -> str:
    first = row.actions[0].entry
    owner = words.role(first["owner"]) if first["owner"] else words.say("nobody")
    return words.say(
        "brief_now",
        number=str(number),
        owner=owner,
        due=due(words, row.due, at_once=row.is_at_once),
        texts=words.with_note(words.joined(list(_parts(words, row))), list(_notes(words, row))),
    )


def _parts(words: BriefWords, row: Row) -> Iterator[str]:
    """The certain actions, then in one part those that are asked for only if they apply."""
    for one in row.actions:
        if one.is_certain:
            yield _with_date(words, one, row)
    texts = [_with_date(words, one, row) for one in row.actions if not one.is_certain]
    if texts:
        yield words.say("brief_if", texts=words.joined(texts))


def _with_date(words: BriefWords, one: _Planned, row: Row) -> str:
    """A legal duty that has another date than its row, or is past its date, names its own.

    What only an unknown fact decides is not called overdue: past its date it is to be done now, if it applies.
    """
    if not one.entry["statutory"]:
        return one.text(words)
    return words.with_note(one.text(words), list(_own_date(words, one, row)))


def _own_date(words: BriefWords, one: _Planned, row: Row) -> Iterator[str]:
    at_once = is_at_once(one.entry)
    if one.due is None and not at_once:
        return
    if one.due is not None and one.due < words.as_of and one.is_certain and not at_once:
        yield f"{words.say('overdue')} {words.moment(one.due)}"
        return
    own = due(words, one.due, at_once=at_once)
    if own != due(words, row.due, at_once=row.is_at_once):
        yield own


def due(words: BriefWords, moment: datetime | None, *, at_once: bool = False) -> str:
    """When something is due. What is at once, or a moment that has come or is past, is now."""
    if at_once or (moment is not None and moment <= words.as_of):
        return words.say("brief_now_at_once")
    if moment is None:
        return words.say("brief_undated")
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
