"""The outcome of one test of a suite: it passes, it fails, or it asks for something that Tocsin does not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Outcome:
    """`why` is the reason for a test that cannot be said, and what came out for one that fails."""

    test: str
    verdict: Literal["passes", "cannot be said", "fails"]
    why: str = ""


def passes(test: str) -> Outcome:
    return Outcome(test, "passes")


def cannot(test: str, reason: str) -> Outcome:
    return Outcome(test, "cannot be said", reason)


def fails(test: str, found: str) -> Outcome:
    return Outcome(test, "fails", found)
