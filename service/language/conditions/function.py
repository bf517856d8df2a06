"""One entry of the table of functions: how a function is written, its type rule and its meaning. The table is in `functions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.language.conditions.nodes import ConditionError
from service.language.syntax import Call, Node


class Meaning(NamedTuple):
    """The meaning of a checked call: `function`, applied to the values of `arguments`. It returns None for unknown.

    `arguments` leaves out constants that are already part of `function`.
    """

    function: Callable[..., Any]
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function, a method or both."""

    name: str
    function: str = ""
    """How it is written as a function; empty if it is only a method."""
    method: str = ""
    """How it is written as a method; empty if it is only a function."""
    about: str
    """Its result, described for docs/rules.md."""
    type_rule: Callable[[Call], Node]
    """Returns the call with its type filled in, or a literal with its value. All arguments have types. Raises ConditionError."""
    meaning: Callable[[Call], Meaning]
    is_total: bool = True
    """Its result is known if all its arguments are known."""
    last_rank: Callable[[Call], int] | None = None
    """Only for a test of an enum's rank: the last rank of the first argument for which it is true."""


def of_all(function: Callable[..., Any]) -> Callable[[Call], Meaning]:
    """The meaning that applies this function to the values of all arguments."""
    return lambda call: Meaning(function, call.arguments)


def wrong_arguments(node: Call, usage: str) -> ConditionError:
    message = f"'{node.function}' does not take these arguments"
    return ConditionError("wrong-arguments", message, node.span, f"write {usage}")
