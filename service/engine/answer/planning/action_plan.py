"""The plan: the allowed actions in order, each with its deadline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.previous import Previous
from schemas.strict_json import Json
from service.engine.answer.planning.dated import Dated, Spelled
from service.engine.judging.alternatives import ONLY_OWN, Alternatives
from service.engine.judging.dates.deadlines import Starts, Terms
from service.engine.judging.dates.order import in_order
from service.engine.judging.dates.spans import later, within, written
from service.engine.judging.guards import Ask
from service.engine.judging.judge import Judgement
from service.engine.judging.program import Program
from service.engine.judging.progress import Standing
from service.engine.words.pack_words import PackWords
from service.language.model import AtOnce, Due


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """The actions of one answer. A deadline is not later than in the previous answer, unless the action was done since.

    `as_of` is in UTC. `standings` tells of each action where it stands. `conditional` are legal duties that are asked for only if an
    unknown fact says so.
    """

    program: Program
    words: PackWords
    judgement: Judgement
    relaxed: Judgement
    allowed: Sequence[Ask]
    conditional: Sequence[Ask]
    alternatives: Alternatives
    previous: Previous | None
    standings: Mapping[str, Standing]
    as_of: datetime
    found_cases: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def entries(self) -> list[tuple[Json, datetime | None]]:
        """The actions in the order in which to take them, each with its deadline. Those that are only conditional come last."""
        pack = self.program.pack
        asks = self.asks()
        due = {code: self._due(ask) for code, ask in asks.items()}
        if (review := pack.review) is not None and review.action in due:
            due[review.action] = Dated(self.next_review())
        spelled = Spelled(self.words.wording.timezone)
        at = {code: dated.at for code, dated in due.items()}
        ordered = in_order(list(asks), pack.actions, at, {ask.code for ask in self.conditional})
        return [
            (self._entry(asks[code], number, due[code], spelled), due[code].due_at)
            for number, code in enumerate(ordered, start=1)
        ]

    def asks(self) -> dict[str, Ask]:
        """What is asked for, and what may be, in the catalogue's order."""
        asks = {ask.code: ask for ask in (*self.allowed, *self.conditional)}
        if not self.conditional:
            return asks
        return {code: asks[code] for code in self.program.pack.actions if code in asks}

    def cases(self, code: str) -> tuple[int, ...]:
        """The positions of the action's alternatives that can hold. They are found once an answer."""
        if code not in self.alternatives.conditions:
            return ONLY_OWN
        found = self.found_cases.get(code)
        if found is None:
            found = self.alternatives.candidates(code, self.relaxed.environment)
            self.found_cases[code] = found
        return found

    def _is_undecided(self, code: str) -> bool:
        """Whether an unknown fact decides which alternatives hold."""
        found = self.cases(code)
        return self.alternatives.is_undecided(code, found, self.relaxed.environment)

    def doubts(self) -> list[Ask]:
        """The actions of which an unknown fact decides whether they are asked for, which alternative holds or how long they have.

        Of one that is asked for in any case, each keeps only those undetermined rules that would set a deadline of their own.
        """
        asks = [self._deciding(ask) for ask in self.asks().values()]
        return [
            ask for ask in asks if not ask.rules or ask.undetermined or self._is_undecided(ask.code)
        ]

    def _deciding(self, ask: Ask) -> Ask:
        if not ask.rules or not ask.undetermined:
            return ask
        asked = self.program.deadlines.asked
        return ask._replace(
            undetermined=tuple(rule for rule in ask.undetermined if (rule, ask.code) in asked)
        )

    def starts(self) -> set[str]:
        """The events of which one must be known to start a clock."""
        return {
            name
            for code, ask in self.asks().items()
            if code in self.program.deadlines.with_events
            for name in self._terms(ask, self.standings[code], self.as_of).starts_with
        }

    def next_review(self) -> datetime | None:
        """The moment of the next review. If the interval depends on an open output, the shortest one counts.

        A day without an incident is looked at again at the interval of such days, though unknown facts could make it one.
        """
        pack = self.program.pack
        if (review := pack.review) is None:
            return None
        can_be, output = self.relaxed.can_be, pack.outputs.get(review.due.by or "")
        if output is not None and self.judgement.values[output.name] in output.below_scale:
            can_be = {**can_be, output.name: self.judgement.values[output.name]}
        return later(self.as_of, within(review.due, can_be))

    def _due(self, ask: Ask) -> Dated:
        """The deadline that counts now, or that of the previous answer if it is earlier.

        A recurring action that was done has its next date. What is asked for again after it was done counts from then on.
        """
        standing = self.standings[ask.code]
        every = self.program.pack.actions[ask.code].every
        promised = self._promised(ask, every, standing)
        if every is not None and standing.is_news:
            return Dated(self._next_date(every, promised, standing.told_at))
        due = self._counted(
            ask, every, standing, self.as_of if promised is None else self._not_before()
        )
        if promised is None or due.is_at_once:
            return due
        return due._replace(at=min(promised, due.at or promised))

    def _next_date(
        self, every: Due, promised: datetime | None, told_at: datetime | None
    ) -> datetime:
        """One interval after it was done. If that moment is unknown: after this assessment, or at its deadline if that lies between.

        A date of long ago brings no deadline forward.
        """
        again = later(told_at or self.as_of, within(every, self.relaxed.can_be))
        if promised is None:
            return again
        if told_at is not None:
            return max(promised, again)
        return again if promised <= self.as_of else min(promised, again)

    def _not_before(self) -> datetime:
        """`as_of`, or the moment of the previous answer if its clock was ahead: clocks that differ move no deadline."""
        return self.as_of if self.previous is None else max(self.as_of, self.previous.as_of)

    def _promised(self, ask: Ask, every: Due | None, standing: Standing) -> datetime | None:
        """The deadline in the previous answer. If the caller did not send it, it is counted from the moment of that answer.

        One from before the action was asked for again is no longer promised. It is counted again if it was unsure what
        holds: the shortest of several clocks was no promise.
        """
        if self.previous is None or (standing.again_at is not None and standing.is_reopened):
            return None
        if ask.code in self.previous.undated or (
            ask.code in self.previous.unsure
            and ask.code in self.program.deadlines.with_several_clocks
        ):
            return self._counted(ask, every, standing, self.previous.as_of).due_at
        return (self.previous.actions or {}).get(ask.code)

    def _counted(
        self, ask: Ask, every: Due | None, standing: Standing, otherwise: datetime
    ) -> Dated:
        """The deadline by the rules that ask and the catalogue. Without one, a recurring action has one interval."""
        term, starts_with, waiting = self._terms(ask, standing, otherwise)
        if term is not None:
            return Dated(term.at, term.span, term.unsure, starts_with)
        if every is not None:
            return Dated(later(otherwise, within(every, self.relaxed.can_be)))
        return Dated(
            None, None if isinstance(waiting, AtOnce) else waiting, starts_with=starts_with
        )

    def _terms(self, ask: Ask, standing: Standing, otherwise: datetime) -> Terms:
        starts = Starts(standing.progress.asked_at or otherwise, otherwise, standing.again_at)
        return self.program.deadlines.of(
            ask.code,
            (*ask.rules, *ask.undetermined),
            self.cases(ask.code),
            self.judgement.environment,
            self.relaxed.can_be,
            starts,
        )

    def _entry(self, ask: Ask, number: int, due: Dated, spelled: Spelled) -> Json:
        action = self.program.pack.actions[ask.code]
        entry = self.words.action(ask.code, self.cases(ask.code))
        entry["due_at"] = spelled[due.due_at]
        if due.span is not None:
            entry["within"] = written(due.span)
        entry["due_unsure"] = due.unsure
        entry["starts_with"] = due.starts_with
        entry["sequence"] = number
        entry["because"] = self.program.pack.rule_ids(ask.rules or ask.undetermined)
        standing = self.standings[ask.code]
        progress = standing.progress
        if action.every is not None:
            entry["every"] = written(within(action.every, self.relaxed.can_be))
        else:
            entry["done"] = standing.is_done
        entry["asked_at"] = spelled[progress.asked_at]
        entry["done_at"] = spelled[progress.done_at]
        entry["again_at"] = spelled[progress.again_at]
        entry["seen"] = progress.seen or None
        entry["approve_by"] = spelled[self.approve_by(entry, due.due_at)]
        return entry

    def has_next_date(self, code: str) -> bool:
        """Whether its deadline is the next date of something that recurs: it was done, or it is the review."""
        pack = self.program.pack
        is_review = pack.review is not None and pack.review.action == code
        return is_review or (self.standings[code].is_news and pack.actions[code].every is not None)

    def approve_by(self, entry: Json, due: datetime | None) -> datetime | None:
        """`approve_before` earlier than the deadline, but not before `as_of` unless the deadline itself is."""
        if not entry["approval"] or due is None:
            return None
        before = self.program.pack.actions[entry["code"]].approve_before or timedelta()
        try:
            return min(due, max(self.as_of, due - before))
        except OverflowError:
            return due
