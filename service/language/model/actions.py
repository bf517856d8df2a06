"""The catalogue of actions, their deadlines and roles, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from schemas.vocabulary import Text
from service.language.model.completion import Again, DoneWhen
from service.language.syntax import Node

ASKED_AT = "asked"
"""In `from` of a deadline: the moment when the action was first asked for. No fact has this name: those have a dot."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: `within` after the first known fact of `start`, or after as_of if none is known.

    `ASKED_AT` in `start` is the moment when the action was first asked for, which is always known.

    If `by` names an enum output, `within_by` has a duration for each of its values, and `within` is None.
    """

    start: tuple[str, ...] = ()
    within: timedelta | None = None
    by: str | None = None
    within_by: Mapping[str, timedelta] = field(default_factory=dict)


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

    @property
    def conditions(self) -> tuple[Node, ...]:
        """The conditions in it."""
        done = () if self.done_when is None else (self.done_when.when,)
        return (*done, *(one.when for one in self.again_when if one.when is not None))
