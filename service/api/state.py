"""What every request of one application shares. Made once when it starts; views read it, none changes it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app

from service.engine.packs import Packs

Clock = Callable[[], datetime]
NewId = Callable[[], str]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """`clock` gives aware moments; `new_id` a text never given before. Two states are never equal."""

    packs: Packs
    clock: Clock
    new_id: NewId


def utc_now() -> datetime:
    """To the second: finer, a deadline is only harder to read."""
    return datetime.now(UTC).replace(microsecond=0)


def new_uuid() -> str:
    return str(uuid.uuid4())


def state() -> State:
    """The state of the application that serves this request."""
    found: State = current_app.extensions["tocsin"]
    return found
