"""What is due within the hour. It reads the entries of the plan and computes no deadline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from schemas.strict_json import Json
from service.engine.judging.dates.spans import later, written
from service.language.model import AtOnce

AT_ONCE = written(AtOnce())
SOON = timedelta(minutes=60)
"""An action that is due within this time belongs to `next_hour`."""


def is_certain(action: Json) -> bool:
    """Whether it is asked for, and not only if an unknown fact says so."""
    return action["if"] is None or bool(action["if"]["asked"])


def due_soon(entries: Sequence[tuple[Json, datetime | None]], as_of: datetime) -> list[Json]:
    """The actions that are due at once, within the hour or overdue, and not yet done, in order.

    What is only conditional is left out: first the questions that decide it are asked.
    """
    until = later(as_of, SOON)
    return [
        {
            "code": entry["code"],
            "text": entry["text"],
            "owner": entry["owner"],
            "owner_text": entry["owner_text"],
            "due_at": entry["due_at"],
            "overdue": due is not None and due < as_of,
        }
        for entry, due in entries
        if ((due is not None and due <= until) or entry["within"] == AT_ONCE)
        and not entry["done"]
        and is_certain(entry)
    ]
