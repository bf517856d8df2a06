"""The deadline of one action, and moments as JSON has them."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from service.engine.words.wording import plain
from service.language.model import AtOnce, TimeSpan


class Dated(NamedTuple):
    """The deadline of one action. `at` also orders what is at once, which has no deadline."""

    at: datetime | None
    span: TimeSpan | None = None
    unsure: bool = False
    starts_with: tuple[str, ...] = ()

    @property
    def is_at_once(self) -> bool:
        return isinstance(self.span, AtOnce)

    @property
    def due_at(self) -> datetime | None:
        return None if self.is_at_once else self.at


class Spelled(dict[datetime | None, Any]):
    """Moments as JSON has them. Each is written once, because many actions have the same one."""

    def __init__(self, timezone: tzinfo) -> None:
        self.timezone = timezone

    def __missing__(self, moment: datetime | None) -> Any:
        text = self[moment] = plain(moment, self.timezone)
        return text
