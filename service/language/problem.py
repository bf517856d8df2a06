"""One mistake in an author's file, as a sortable value. `service.authoring` prints it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from service.language.problem_codes import ProblemCode

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """A mistake at `file:line:column` (both from 1), `length` characters wide.

    `code` is stable: tools may depend on it. `message` says what is wrong, `hint` what to do.
    A pack with warnings only can serve.
    """

    file: str
    line: int
    column: int
    code: ProblemCode
    message: str
    hint: str = ""
    length: int = 1
    severity: Severity = "error"


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)
