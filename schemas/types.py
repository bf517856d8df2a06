"""The types of values, for facts, outputs and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

TypeName = Literal[
    "integer",
    "number",
    "boolean",
    "string",
    "enum",
    "datetime",
    "duration",
    "list",
]

SCALAR_TYPES: tuple[TypeName, ...] = (
    "integer",
    "number",
    "boolean",
    "string",
    "enum",
    "datetime",
    "duration",
)
LIST_ITEM_TYPES: tuple[TypeName, ...] = ("string", "enum", "integer", "number")


@dataclass(frozen=True, slots=True)
class Type:
    """A type: `values` are the codes of an enum in declared order, `item` is the type of a list's elements.

    `ranks` has the place of each value. It exists once for each enum, and finding a value in it takes the same time for
    any number of values.
    """

    name: TypeName
    values: tuple[str, ...] = ()
    item: Type | None = None
    ranks: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranks", {code: rank for rank, code in enumerate(self.values)})

    def has(self, code: object) -> bool:
        """Whether it is a value of the enum."""
        return code in self.ranks

    def shares_values(self, other: Type) -> bool:
        """Whether two enums have a value in common."""
        return not self.ranks.keys().isdisjoint(other.ranks)

    @property
    def is_numeric(self) -> bool:
        return self.name in ("integer", "number")

    @property
    def is_textual(self) -> bool:
        return self.name in ("string", "enum")

    @property
    def with_article(self) -> str:
        return f"an {self}" if str(self)[0] in "aeiou" else f"a {self}"

    def __str__(self) -> str:
        if self.name == "list":
            return f"list of {self.item}" if self.item else "list"
        return self.name


INTEGER = Type("integer")
NUMBER = Type("number")
BOOLEAN = Type("boolean")
STRING = Type("string")
DATETIME = Type("datetime")
DURATION = Type("duration")


EMPTY_LIST = Type("list")
"""The type of `[]` in a condition: a list without elements fits every type of element."""


def enum_of(values: tuple[str, ...]) -> Type:
    return Type("enum", values=values)


def list_of(item: Type | None) -> Type:
    return Type("list", item=item)
