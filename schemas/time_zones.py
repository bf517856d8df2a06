"""The time zones that a request can name: those of the IANA database, by their names. No name is used as a path."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from schemas.closest import did_you_mean

EXAMPLE = "for example Asia/Shanghai or America/New_York"
NO_OFFSET = f"an offset belongs to as_of; a time zone has a name, {EXAMPLE}"
_OFFSET = re.compile(r"(?:UTC|GMT|Z)?\s*[+-]?\d.*|Z", re.IGNORECASE)
SHORTEST = 5
"""Shorter names are not compared: CST is as close to CET as to EST."""


@cache
def zone_names() -> frozenset[str]:
    """The names of all time zones, from the list of the package tzdata. `Factory` stands for no zone."""
    listed = files("tzdata").joinpath("zones").read_text("ascii")
    return frozenset(listed.split()) - {"Factory"}


def read_all_zones() -> None:
    """Reads every zone, in less than 0.1 s, so that no later request reads a file: the zone in which an answer is written must not cost the answer.

    What the system cannot read now is tried again when a request names it.
    """
    for name in zone_names():
        with suppress(OSError, ValueError):
            _zone(name)
    _by_spelling()


@cache
def _zone(name: str) -> ZoneInfo:
    """Read once: no later request for this zone reads a file."""
    return ZoneInfo(name)


def find_zone(name: str) -> ZoneInfo | None:
    """The time zone of that name. Only names of the database are looked for."""
    return _zone(name) if name in zone_names() else None


def zone_hint(name: str) -> str:
    """What to send instead of a name that no time zone has."""
    if _OFFSET.fullmatch(name):
        return NO_OFFSET
    found = _by_spelling().get(name.strip().replace(" ", "_").casefold())
    if found is not None:
        return f"did you mean '{found}'?"
    names = _by_spelling().values()
    return (did_you_mean(name, names) if len(name) >= SHORTEST else "") or EXAMPLE


@cache
def _by_spelling() -> dict[str, str]:
    """The names by their small letters, and by their last part, the city.

    Those of Etc are left out: Etc/GMT+8 is eight hours behind UTC, and most who write GMT+8 mean the opposite.
    """
    names = sorted(name for name in zone_names() if not name.startswith("Etc/"))
    cities = {name.rpartition("/")[2].casefold(): name for name in names}
    return cities | {name.casefold(): name for name in names}
