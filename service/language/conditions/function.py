"""What a function of conditions is: how it is written, what it takes and what it means. The table of them is `functions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.language.conditions.nodes import ConditionError
from service.language.syntax import Call, Node


class Meaning(NamedTuple):
    """What a checked call means: this function of the values of these arguments. It gives None where it has no value.

    Arguments that are missing here are constants, and already part of the function.
    """

    function: Callable[..., Any]
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function, a method or both."""

    name: str
    function: str = ""
    """How it is written as a function; empty for a method only."""
    method: str = ""
    """How it is written as a method; empty for a function only."""
    about: str
    """What it gives, in words for docs/rules.md."""
    type_rule: Callable[[Call], Node]
    """The call with its type filled in, or replaced by its value. All arguments have types. Raises ConditionError."""
    meaning: Callable[[Call], Meaning]
    is_total: bool = True
    """It has a value whenever its arguments have."""
    last_rank: Callable[[Call], int] | None = None
    """For a test of an enum's rank and nothing else: the last rank of the first argument for which it is true."""


def of_all(function: Callable[..., Any]) -> Callable[[Call], Meaning]:
    """The meaning that is this function of the values of all arguments."""
    return lambda call: Meaning(function, call.arguments)


def wrong_arguments(node: Call, usage: str) -> ConditionError:
    message = f"'{node.function}' cannot take this"
    return ConditionError("wrong-arguments", message, node.span, f"write {usage}")
