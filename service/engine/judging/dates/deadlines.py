"""Computes when an action is due. It takes moments from facts and the caller and must not read a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import chain
from typing import Any, NamedTuple

from service.engine.expressions.layout import Environment, Layout
from service.engine.judging.dates.day_count import end_of
from service.engine.judging.dates.spans import FAR, later, spans_of
from service.language.model import ASKED_AT, Action, AtOnce, Calendar, Due, Pack, TimeSpan


class Starts(NamedTuple):
    """The moments from which a deadline can be counted, besides those of facts.

    `asked` is when the action was first asked for, `otherwise` the start if no other is known. `again` comes before all
    others: something asked for the action again after it was done. Even then an event that alone starts a clock must be known.
    """

    asked: datetime
    otherwise: datetime
    again: datetime | None = None


class Term(NamedTuple):
    """A deadline in UTC, and its length as the law or the author has it.

    If it is at once, `at` is the start of its clock: it stands in order by that, and has no deadline. `unsure` says that
    days were counted in a year that the calendar does not have.
    """

    at: datetime
    span: TimeSpan
    unsure: bool = False

    @property
    def is_at_once(self) -> bool:
        return isinstance(self.span, AtOnce)

    @property
    def rank(self) -> tuple[bool, datetime]:
        """What is at once is the shortest, whenever its clock started."""
        return not self.is_at_once, self.at


class Terms(NamedTuple):
    """The shortest term, None if there is none; and the facts of which one must be known to start a clock.

    `waiting` is the length of the terms whose clock has not started, if all have the same.
    """

    shortest: Term | None
    starts_with: tuple[str, ...] = ()
    waiting: TimeSpan | None = None


NO_TERMS = Terms(None)


@dataclass(frozen=True, slots=True, eq=False)
class Deadline:
    """A `due`, and the slots of the facts from which it is counted: the first known one is the start.

    `from_asked` says that it is counted from the moment of the first request for the action if none of them is known.
    """

    due: Due
    start: tuple[int, ...]
    calendar: Calendar | None
    zone: tzinfo
    from_asked: bool = False

    def at(
        self, environment: Environment, can_be: Mapping[str, Any], starts: Starts
    ) -> Term | None:
        """The term; None if no fact that starts it is known. If it depends on an open output, the shortest that the output's values give."""
        start = self._start(environment, starts)
        if start is None:
            return None
        if self.due.by is None:
            return self._after(start, self.due.within or timedelta())
        spans = spans_of(self.due, can_be)
        durations = [span for span in spans if isinstance(span, timedelta)]
        if len(durations) == len(spans):
            return self._after(start, min(durations))
        return min((self._after(start, span) for span in spans), key=_rank)

    def _start(self, environment: Environment, starts: Starts) -> datetime | None:
        if starts.again is not None and not self.due.only:
            return starts.again
        for slot in self.start:
            if environment[slot] is not None:
                start: datetime = environment[slot]
                return start if starts.again is None else max(start, starts.again)
        if self.due.only:
            return None
        return starts.asked if self.from_asked else starts.otherwise

    def _after(self, start: datetime, span: TimeSpan) -> Term:
        if isinstance(span, timedelta):
            return Term(later(start, span), span)
        if isinstance(span, AtOnce):
            return Term(start, span)
        try:
            end, unsure = end_of(start, span, self.calendar, self.zone)
        except OverflowError:
            end, unsure = FAR, True
        return Term(end, span, unsure)


def _rank(term: Term) -> tuple[bool, datetime]:
    return term.rank


@dataclass(frozen=True, slots=True)
class Deadlines:
    """`catalogue` has the usual deadlines of an action by its code: one for each of its alternatives, then its own.

    `asked` has a rule's own deadline for an action, by the rule's position and the code; `sooner` are the actions in it.
    `with_several_clocks` are the actions whose deadline depends on which rule asks or which alternative holds.
    `with_events` are the actions of which a deadline has no start until a certain event is known.
    """

    catalogue: Mapping[str, tuple[Deadline | None, ...]]
    asked: Mapping[tuple[int, str], Deadline]
    sooner: frozenset[str]
    with_events: frozenset[str]
    with_several_clocks: frozenset[str]

    def of(
        self,
        code: str,
        rules: Sequence[int],
        cases: Sequence[int],
        environment: Environment,
        can_be: Mapping[str, Any],
        starts: Starts,
    ) -> Terms:
        """The shortest of these rules' deadlines for the action.

        A rule without its own uses the catalogue's: that of the alternatives at the positions `cases`, of which one holds.
        """
        usual = self.catalogue.get(code)
        if usual is None and code not in self.sooner:
            return NO_TERMS
        # In one order: of terms that end at the same moment, the same one must count in every process.
        wanted = list(dict.fromkeys(usual[case] for case in cases)) if usual else [None]
        if code in self.sooner:
            own = dict.fromkeys(self.asked.get((rule, code)) for rule in rules)
            wanted = [one for one in own if one] + (wanted if None in own else [])
        if len(wanted) == 1 and (single := wanted[0]) is not None:
            term = single.at(environment, can_be, starts)
            if term is not None:
                return Terms(term)
        found = [(one, one.at(environment, can_be, starts)) for one in wanted if one is not None]
        waiting = [one.due for one, term in found if term is None]
        return Terms(
            min((term for _, term in found if term is not None), key=_rank, default=None),
            tuple(sorted({name for due in waiting for name in due.start})),
            _one_length(waiting),
        )


def _one_length(waiting: list[Due]) -> TimeSpan | None:
    """The length of the terms whose clock has not started, if all have the same."""
    lengths = [due.within for due in waiting]
    return lengths[0] if lengths and lengths.count(lengths[0]) == len(lengths) else None


def compile_deadlines(pack: Pack, layout: Layout) -> Deadlines:
    def deadline(due: Due | None) -> Deadline | None:
        if due is None:
            return None
        slots = tuple(layout.facts[name] for name in due.start if name != ASKED_AT)
        from_asked = ASKED_AT in due.start
        return Deadline(due, slots, pack.calendar(due.calendar), pack.timezone, from_asked)

    asked = {
        (position, given.value): own
        for position, rule in enumerate(pack.rules)
        for given in rule.then
        if (own := deadline(given.due)) is not None
    }
    catalogue = {
        code: tuple(deadline(one.due) for one in (*_cases(action), action))
        for code, action in pack.actions.items()
    }
    return Deadlines(
        {code: dues for code, dues in catalogue.items() if any(dues)},
        asked,
        frozenset(code for _, code in asked),
        frozenset(
            code
            for code, own in chain(
                ((code, one) for (_, code), one in asked.items()),
                ((code, one) for code, dues in catalogue.items() for one in dues if one),
            )
            if own.due.only
        ),
        frozenset(
            code
            for code, dues in catalogue.items()
            if any(one.due != dues[0].due for one in dues if one and dues[0])
            or any(dues) != all(dues)
        )
        | {code for _, code in asked},
    )


def _cases(action: Action) -> list[Action]:
    return [one.action for one in action.by_case]
