"""The catalogue of actions, their deadlines and roles, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from schemas.vocabulary import Text
from service.language.model.calendars import TimeSpan
from service.language.model.completion import Again, DoneWhen
from service.language.syntax import Node

ASKED_AT = "asked"
"""In `from` of a deadline: the moment when the action was first asked for. No fact has this name: those have a dot."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: `within` after the first known fact of `start`, or after as_of if none is known.

    `ASKED_AT` in `start` is the moment when the action was first asked for, which is always known.

    If `by` names an enum output, `within_by` has a duration for each of its values, and `within` is None.
    With `only` there is no deadline until one of these facts is known. If `by` names an enum output, `within_by` has a
    span for each of its values, and `within` is None. Days are counted by `calendar`, or by the pack's only one.
    """

    start: tuple[str, ...] = ()
    within: TimeSpan | None = None
    by: str | None = None
    within_by: Mapping[str, TimeSpan] = field(default_factory=dict)
    only: bool = False
    calendar: str | None = None

    @property
    def spans(self) -> tuple[TimeSpan, ...]:
        return tuple(self.within_by.values()) if self.within is None else (self.within,)


@dataclass(frozen=True, slots=True)
class Role:
    """Someone who owns actions, approves them, is informed of them or can answer a question."""

    code: str
    text: Text
    deputy: str | None = None


@dataclass(frozen=True, slots=True)
class ActionKind:
    """A group of actions. Guards and rules that hold can name all of its actions at once.

    `start`, `source` and `approval` are what its actions have that do not say it themselves.
    """

    code: str
    text: Text
    help: Text = field(default_factory=dict)
    start: tuple[str, ...] = ()
    source: Text = field(default_factory=dict)
    approval: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """An entry of the catalogue. Guards can name a `forbidden` one; rules cannot ask for it.

    `by_case` are its alternatives: the first whose condition is true holds, else the action as it is. With `together` all
    whose conditions are true hold: the shortest deadline, every ground, and a duty if one of them is one.

    All approvals are wanted `approve_before` the deadline. `every` is the interval of a recurring action;
    `until` says in words when it ends. `done_when` shows that it is done, `again_when` lists the changes that ask for it
    again. `contradicts` names its opposites: no answer asks for both.
    """

    code: str
    text: Text
    help: Text = field(default_factory=dict)
    kind: str | None = None
    owner: str | None = None
    channels: tuple[str, ...] = ()
    approval: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()
    due: Due | None = None
    approve_before: timedelta | None = None
    every: Due | None = None
    until: Text = field(default_factory=dict)
    done_when: DoneWhen | None = None
    again_when: tuple[Again, ...] = ()
    after: tuple[str, ...] = ()
    reversible: bool | None = None
    statutory: bool = False
    ground: Text = field(default_factory=dict)
    source: Text = field(default_factory=dict)
    forbidden: bool = False
    instead: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    together: bool = False
    by_case: tuple[Alternative, ...] = ()

    @property
    def conditions(self) -> tuple[Node, ...]:
        """The conditions in it."""
        done = () if self.done_when is None else (self.done_when.when,)
        return (*done, *(one.when for one in self.again_when if one.when is not None))

    @property
    def can_be_statutory(self) -> bool:
        """Whether it is a legal duty, at least in one case."""
        return self.statutory or any(one.action.statutory for one in self.by_case)


@dataclass(frozen=True, slots=True)
class Alternative:
    """What holds of an action where `when` is true, unless one before it holds. `written` is the condition as its author wrote it.

    `action` is the whole action in this case: `given` are the keys that are its own, the others are those of the action.
    """

    when: Node
    written: Any
    given: tuple[str, ...]
    action: Action
