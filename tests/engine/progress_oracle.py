"""When an action is done and when it is asked for again: a second definition, over the requests themselves. It imports nothing of the service.

Every deed has the earliest moment at which it can have happened, every change the moment when it was. An action is done if
the last deed cannot have been before the last change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LEVELS = ("low", "middle", "high")
RUNS_OUT = 48
"""Hours after which it is asked for again."""


@dataclass(frozen=True)
class Request:
    """`dates` are the hours at which facts were measured, `done` those at which the action was carried out."""

    hours: float
    facts: Mapping[str, Any]
    dates: Mapping[str, float]
    done: Sequence[float]
    responded: bool


@dataclass
class Ledger:
    """What is known of one action. Before it was first asked for, or if it was dropped undone, nothing is."""

    last: float | None = None
    is_known: bool = False
    points: set[str] = field(default_factory=set)
    level: str = "low"
    was_true: bool = False
    deed: float | None = None
    deed_told: float | None = None
    change: float | None = None
    reopened_now: bool = False

    def take(self, request: Request) -> bool | None:
        """Whether it is done now; None if no rule asks for it."""
        now = request.hours
        since = now if self.last is None else self.last
        asked = bool(request.facts["a_flag"])
        was_done = self._is_done()
        news = self._deeds(request, since, asked=asked, was_done=was_done)
        self._changes(request, since)
        if self.deed_told is not None and self.change is None and now - self.deed_told >= RUNS_OUT:
            self.change = self.deed_told + RUNS_OUT
        done = self._is_done()
        self.reopened_now = asked and not done and (was_done or (news and self.deed is not None))
        self._remember(request, keep=done and not news)
        if not asked and self.deed is None:
            self._forget()
        self.last = now
        return done if asked else None

    def _is_done(self) -> bool:
        return self.deed is not None and self.change is None

    def _deeds(self, request: Request, since: float, *, asked: bool, was_done: bool) -> bool:
        news = False
        for at in request.done:
            if self.deed_told is None or at > self.deed_told:
                self._did(at, at)
                news = True
        if request.responded and not was_done and not (news and self.change is None):
            self._did(since, request.hours, closes=True)
            news = True
        given = request.facts.get("c_given")
        if asked and not news and not was_done and given is not None and "word" in given:
            dated = request.dates.get("c_given")
            if self.deed is None and dated is None:
                self._did(since, request.hours, closes=True)
                news = True
            elif (self.deed is None and dated is not None) or (
                dated is not None and self.change is not None and dated > self.change
            ):
                self._did(dated, dated)
                news = True
        return news

    def _did(self, earliest: float, told: float, *, closes: bool = False) -> None:
        self.deed, self.deed_told = earliest, told
        if closes or (self.change is not None and earliest > self.change):
            self.change = None

    def _changes(self, request: Request, since: float) -> None:
        now, found = request.hours, []
        level = self._level(request)
        was_asked = (
            self.is_known or request.responded
        )  # the answer before has the level in any case
        if was_asked and LEVELS.index(level) > LEVELS.index(self.level):
            found.append(now)
        count = request.facts.get("b_count")
        if self.is_known and count is not None and count > 5 and not self.was_true:
            found.append(now)
        points, dated = request.facts.get("c_points"), request.dates.get("c_points")
        if points and self.is_known:
            if set(points) - self.points:
                within = dated is not None and since < dated < now
                found.append(dated if within and dated is not None else now)
        elif points and dated is not None and self.deed is not None:
            found.append(dated)
        found = [at for at in found if self.deed is None or at > self.deed]
        if found:
            self.change = max(found)

    def _level(self, request: Request) -> str:
        count = request.facts.get("a_count") or 0
        return "high" if count > 8 else "middle" if count > 4 else "low"

    def _remember(self, request: Request, *, keep: bool) -> None:
        level = self._level(request)
        if not (keep and self.is_known):
            self.level = level
        count = request.facts.get("b_count")
        self.was_true = self.was_true if count is None else count > 5
        self.points |= set(request.facts.get("c_points") or ())
        self.is_known = True

    def _forget(self) -> None:
        self.is_known, self.was_true, self.points = False, False, set()
        self.deed = self.deed_told = self.change = None
