"""Where each action stands: asked for, done, or asked for again. It follows from the previous answer and from what is told now.

Unknown is never taken for done. What asked for an action again is answered only by what was carried out after that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schemas.previous import ActionState, Previous
from schemas.reported import Reported
from service.engine.expressions.layout import AS_OF_SLOT
from service.engine.judging.again import ComparedChange, Completion
from service.engine.judging.dates.spans import later
from service.engine.judging.judge import Judgement
from service.engine.judging.program import Program
from service.language.model import Again

NEVER_BEFORE = ActionState()
NOTHING_DECLARED = Completion(None, (), (), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """`progress` is what the next answer is told. `was_done` tells what the previous one said.

    `is_news` says that it was carried out since then, `told_at` when, if that was told. `by` are the changes that ask for
    it again now.
    """

    progress: ActionState
    was_done: bool = False
    is_news: bool = False
    told_at: datetime | None = None
    by: tuple[Again, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.progress.is_done

    @property
    def is_reopened(self) -> bool:
        """Whether it is asked for again now although it was done, or was done before a change that is known already."""
        return (self.was_done or self.is_news) and not self.is_done

    @property
    def again_at(self) -> datetime | None:
        """The moment from which its deadline counts a second time: it was done before, and is asked for again."""
        return self.progress.again_at if self.progress.done_at is not None else None


@dataclass(frozen=True, slots=True)
class _Done:
    """A step in between: what was carried out is known, what has changed since is not yet.

    `no_earlier` is the earliest moment at which it can have been done.
    """

    done_at: datetime | None
    again_at: datetime | None
    no_earlier: datetime | None = None
    is_news: bool = False
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProgressReader:
    """`carried_out` are the moments that this request tells, by code. `reported` has the facts that came with their source."""

    program: Program
    judgement: Judgement
    relaxed: Judgement
    previous: Previous | None
    carried_out: Mapping[str, datetime]
    reported: Mapping[str, Reported]

    @property
    def as_of(self) -> datetime:
        as_of: datetime = self.judgement.environment[AS_OF_SLOT]
        return as_of

    @property
    def _since(self) -> datetime:
        """The moment of the previous answer; without one nothing was known before now."""
        return self.as_of if self.previous is None else self.previous.as_of

    def of(self, code: str, *, is_asked: bool = True) -> Standing:
        before = self._before(code)
        asked_at = before.asked_at or self._asked_before(code) or self.as_of
        if self._is_untouched(code):
            return Standing(ActionState(asked_at))
        pack = self.program.pack
        if pack.review is not None and pack.review.action == code:
            return Standing(ActionState(asked_at))  # each answer is a review: the next one is due
        declared = self.program.completions.get(code, NOTHING_DECLARED)
        recurs = pack.actions[code].every is not None
        was_done = before.is_done and not recurs
        done = _Done(before.done_at, before.again_at, before.done_at)
        done = self._told(code, done, is_done_already=was_done)
        if is_asked and not done.is_news and not was_done:
            done = self._by_facts(declared, done, recurs=recurs)
        if recurs:
            progress = ActionState(asked_at, done.done_at)
            return Standing(progress, False, done.is_news, done.told_at)
        return self._compared(code, asked_at, before, done, was_done=was_done)

    def _is_untouched(self, code: str) -> bool:
        """Whether nothing tells of it, and no fact or change can: most actions of most answers."""
        previous = self.previous
        return (
            code not in self.program.completions
            and code not in self.carried_out
            and (
                previous is None
                or (code not in previous.progress and code not in previous.responses)
            )
        )

    def earlier(self, asked: Mapping[str, Standing]) -> Iterator[tuple[str, ActionState]]:
        """The actions that were done and that no rule asks for now, in the catalogue's order."""
        told = self.previous.progress if self.previous else {}
        responses = self.previous.responses if self.previous else ()
        for code, action in self.program.pack.actions.items():
            known = code in told or code in self.carried_out or code in responses
            if known and code not in asked and action.every is None and not action.forbidden:
                progress = self.of(code, is_asked=False).progress
                if progress.done_at is not None:
                    yield code, progress

    def _before(self, code: str) -> ActionState:
        return self.previous.progress.get(code, NEVER_BEFORE) if self.previous else NEVER_BEFORE

    def _asked_before(self, code: str) -> datetime | None:
        """The moment of the previous answer, if it asked for the action and the caller left out since when."""
        asked = self.previous is not None and code in (self.previous.actions or ())
        return self.previous.as_of if self.previous is not None and asked else None

    def _told(self, code: str, done: _Done, *, is_done_already: bool) -> _Done:
        """By `done` of the request, or by the responses since the previous answer."""
        at = self.carried_out.get(code)
        if at is not None and (done.done_at is None or at > done.done_at):
            again = done.again_at if done.again_at is not None and at <= done.again_at else None
            done = _Done(at, again, at, is_news=True, told_at=at)
        if self.previous is None or code not in self.previous.responses or is_done_already:
            return done
        if done.is_news and done.again_at is None:
            return done  # its moment is known, which says more
        return _Done(self.as_of, None, self._since, is_news=True)

    def _by_facts(self, declared: Completion, done: _Done, *, recurs: bool) -> _Done:
        """By facts. Without a date they show only that it was done once: neither after a change, nor again for what recurs."""
        if declared.done_when is None or declared.done_when(self.relaxed.environment) is not True:
            return done
        dated = self._dated(declared)
        if dated is None:
            if done.done_at is not None or recurs:
                return done
            return _Done(self.as_of, None, self._since, is_news=True)
        last = done.done_at if recurs else done.again_at
        if last is None or dated > last:
            return _Done(dated, None, dated, is_news=True, told_at=dated)
        if done.done_at is not None:
            return done
        return replace(done, done_at=dated, no_earlier=dated, is_news=True)

    def _dated(self, declared: Completion) -> datetime | None:
        """When the facts that it reads were measured: the earliest of these moments, or None if one is not known."""
        environment, slots = self.judgement.environment, self.program.layout.facts
        moments = []
        for name in declared.dated_by:
            if environment[slots[name]] is None:
                continue
            reported = self.reported.get(name)
            if reported is None or reported.measured_at is None:
                return None
            moments.append(min(reported.measured_at, self.as_of))
        return min(moments, default=None)

    def _compared(
        self, code: str, asked_at: datetime, before: ActionState, done: _Done, *, was_done: bool
    ) -> Standing:
        """What changed since it was done asks for it again."""
        declared = self.program.completions.get(code, NOTHING_DECLARED)
        environment, values = self.judgement.environment, self.judgement.values
        compared = [
            (change, change.now(environment, values), self._seen(code, change, before))
            for change in declared.changes
        ]
        fired = self._run_out(declared, done)
        for change, now, seen in compared:
            moment = self._changed_at(change, now, seen, done)
            if moment is not None and (done.no_earlier is None or moment > done.no_earlier):
                fired.append((change.again, moment))
        again_at = max((moment for _, moment in fired), default=done.again_at)
        is_done = done.done_at is not None and again_at is None
        seen_now = {
            change.key: value
            for change, now, seen in compared
            if (value := change.remembered(now, seen, keep=is_done and not done.is_news))
            is not None
        }
        progress = ActionState(asked_at, done.done_at, again_at, seen_now)
        return Standing(
            progress, was_done, done.is_news, done.told_at, tuple(again for again, _ in fired)
        )

    def _seen(self, code: str, change: ComparedChange, before: ActionState) -> Any:
        """What the previous answer had seen. If the caller kept none of it, the value of an output there says as much."""
        seen, previous = before.seen.get(change.key), self.previous
        if seen is not None or previous is None or change.again.by != "worse":
            return seen
        known = before is not NEVER_BEFORE or code in previous.responses
        return previous.outputs.get(change.key) if known else None

    def _changed_at(
        self, change: ComparedChange, now: Any, seen: Any, done: _Done
    ) -> datetime | None:
        """The moment of a change: that of its fact if it was measured since the previous answer, else this assessment.

        Where nothing was seen before, a list that was measured after the action was done has something new.
        """
        reported = self.reported.get(change.key)
        measured = None if reported is None else reported.measured_at
        if change.fires(now, seen):
            since = self._since
            return (
                measured if measured is not None and since < measured < self.as_of else self.as_of
            )
        if seen is None and measured is not None and done.no_earlier is not None:
            return min(measured, self.as_of) if change.is_list and now else None
        return None

    def _run_out(self, declared: Completion, done: _Done) -> list[tuple[Again, datetime]]:
        """The time after which it is asked for again, if that has passed since it was done."""
        if declared.after is None or done.done_at is None or done.again_at is not None:
            return []
        moment = later(done.done_at, declared.after.after)
        return [(declared.after, moment)] if moment <= self.as_of else []
