"""Tocsin with a matcher that gives wrong results or fails while it serves, as a file says. For tests only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from flask import Flask

from service import create_app as create_honest_app
from service.engine.rete import matcher
from service.engine.rete.matcher import ReteError, ReteMatcher

ORDERS = "TOCSIN_TEST_ORDERS"
"""The environment variable with the file's path. The file contains `miss` (no rule fires), `invent` (wrong rules fire), `fail`,
`crash`, `crash below` (durable_rules itself fails, for new handles too), or nothing for right results."""


def create_app() -> Flask:
    orders, honest = Path(os.environ[ORDERS]), ReteMatcher.fired

    def obedient(self: ReteMatcher, facts: Sequence[str]) -> int:
        match orders.read_text("utf-8"):
            case "miss":
                return 0
            case "invent":
                return 0b111
            case "fail":
                raise ReteError("broken on purpose")
            case "crash":
                raise ZeroDivisionError("in an unexpected way")
        return honest(self, facts)

    ask = matcher._Handle._ask

    def broken_below(self: matcher._Handle, fact: str) -> list[str]:
        if orders.read_text("utf-8") == "crash below":
            raise SystemError("in C, in an unexpected way")
        return ask(self, fact)

    ReteMatcher.fired = obedient  # type: ignore[method-assign]
    matcher._Handle._ask = broken_below  # type: ignore[method-assign]
    return create_honest_app()
