"""The constants and lists of a pack, as values, and the places where the pack's files use them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.types import Type
from schemas.vocabulary import Text
from service.language.place import Place

GROUPS = ("constants", "lists")
"""The first parts of their names. No fact can be in a group of these names."""
CONSTANT_NAME = re.compile(r"(?:constants|lists)\.[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that stands once. `name` begins with `constants.`, or with `lists.` for a list.

    `value` is as conditions know it, a tuple for a list; `written` as the author wrote it. `of` is the fact whose values a
    list has, `value_texts` has their texts. `used_at` has the places where the pack's files use it.
    """

    name: str
    type: Type
    value: Any
    written: Any
    text: Text
    place: Place = field(compare=False)
    unit: Text = field(default_factory=dict)
    help: Text = field(default_factory=dict)
    source: Text = field(default_factory=dict)
    of: str | None = None
    value_texts: Mapping[str, Text] = field(default_factory=dict)
    used_at: tuple[Place, ...] = field(default=(), compare=False)

    @property
    def is_list(self) -> bool:
        return self.name.startswith("lists.")


class ConstantUse(NamedTuple):
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Constants:
    """All constants and lists by name. Whatever reads a file adds the places where it uses one to `uses`.

    `wrong` are those whose declaration has a mistake, `unread` the files that could not be read: these mistakes are reported
    once, so the places in `unknown`, where a name has no value, may follow from them.
    """

    by_name: dict[str, Constant] = field(default_factory=dict)
    uses: set[ConstantUse] = field(default_factory=set, compare=False)
    wrong: set[str] = field(default_factory=set, compare=False)
    unread: set[str] = field(default_factory=set, compare=False)
    unknown: set[ConstantUse] = field(default_factory=set, compare=False)

    def used(self, name: str, place: Place) -> Constant | None:
        """The constant of this name, which the text at `place` uses. None if there is none."""
        found = self.by_name.get(name)
        if found is not None:
            self.uses.add(ConstantUse(name, place.whole()))
        else:
            self.unknown.add(ConstantUse(name, place))
        return found

    def is_wrong(self, name: str) -> bool:
        """Whether a mistake in its declaration, or in a file of constants, is reported already."""
        return bool(self.unread) or name in self.wrong
