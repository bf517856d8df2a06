"""Rules, tables, derived facts and where facts apply, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from schemas.vocabulary import Fact, Text
from service.language.model.actions import Due
from service.language.place import Place
from service.language.syntax import Node


@dataclass(frozen=True, slots=True)
class GroundByCase:
    """The ground that holds where `when` is true, unless one before it holds. `written` is the condition as its author wrote it."""

    when: Node
    written: Any
    ground: Text


@dataclass(frozen=True, slots=True)
class Contribution:
    """The value that one rule gives one output.

    Only a rule that asks for an action has `due`, and `over` (the opposites that are then left out), only one that blocks has `instead`, and only one that holds
    has `until` (facts). Rules that block or hold can have `ground`, and other grounds `by_case`. If the author wrote kinds of actions and no
    action, `kinds` has them; each action of these kinds has its own Contribution, with the action in `value`.
    """

    output: str
    value: Any
    due: Due | None = None
    over: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    ground: Text = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    by_case: tuple[GroundByCase, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, and the values to set if it is true. `effective_from` is included, `effective_until` is not.

    `written` is the condition as its author wrote it: text, or a tree of all / any / not. `place` is that of its
    id, or of its cell in a table. Rules that differ only in their places are equal.
    """

    id: str
    when: Node
    then: tuple[Contribution, ...]
    because: Text
    source: Text
    written: Any
    place: Place = field(compare=False)
    effective_from: datetime | None = None
    effective_until: datetime | None = None
    written_in_full: Any = None

    @property
    def whole(self) -> Any:
        """Its condition as it was written, together with what a value below the scale needs beside it."""
        return self.written if self.written_in_full is None else self.written_in_full


Way = Literal["at_least", "at_most", "one_of", "when"]
"""What the cells of a row are: thresholds, lists of values or conditions."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as its author wrote it. `cells` is keyed by values of the table's output; `way` says what a cell means."""

    id: str
    way: Way
    cells: Mapping[str, Any]
    fact: str | None
    only_if: Any
    because: Text
    source: Text
    place: Place = field(compare=False)
    effective_from: datetime | None = None
    effective_until: datetime | None = None
    named: Mapping[str, str] = field(default_factory=dict)
    """By value of the output: the constant or list whose value its cell has."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its author wrote it. Each of its cells is also a rule of the pack."""

    id: str
    output: str
    rows: tuple[TableRow, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Derived:
    """A fact computed from facts."""

    fact: Fact
    value: Node
    written: str


@dataclass(frozen=True, slots=True)
class Applicability:
    """The condition under which a posted fact applies. If it is false and the fact is absent, the fact is `otherwise`."""

    fact: Fact
    when: Node
    written: Any
