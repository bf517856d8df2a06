"""What pack.yaml says about answers: sentences of the verdict, the review, the contingency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import Text
from service.language.model.actions import Due
from service.language.syntax import Node


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the verdict. It is said only if `when` is true; `written` is this condition as its author wrote it."""

    text: Text
    when: Node | None = None
    written: Any = None


@dataclass(frozen=True, slots=True)
class Review:
    """When to evaluate the incident again. `action` is the action for this: due then, and done by each answer."""

    due: Due
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """The figures `of` (posted facts) grow per hour by the per cent that the fact `rate` gives.

    Each of `hours` gives one forecast.
    """

    rate: str
    of: tuple[str, ...]
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contingency:
    """The enum output whose other values are looked for, and what grows while an incident continues."""

    output: str
    growth: Growth | None = None
