"""Reads the former names of facts, values and actions, and checks that each means one thing only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from schemas.files.form import ACTION_CODE, DOTTED_NAME, VALUE_CODE
from service.language.collector import BoundValue

KEY = "formerly"


def former_names(
    entries: Mapping[str, Any], form: re.Pattern[str], taken: Collection[str], here: BoundValue
) -> dict[str, str]:
    """From former names to the present ones. `taken` are names that none may have, such as those in use."""
    found: dict[str, str] = {}
    for now, was, at in _written(entries, here):
        if not form.fullmatch(was):
            at.error("bad-name", f"'{was}' was never a name here")
        elif was in taken or was in found:
            by = found.get(was, was)
            message = f"'{was}' is a name in use" if was in taken else f"'{was}' names '{by}' too"
            at.error("former-name", message, "a former name means one thing only: leave it out")
        else:
            found[was] = now
    return found


def _written(entries: Mapping[str, Any], here: BoundValue) -> Iterator[tuple[str, str, BoundValue]]:
    for now, entry in entries.items():
        for position, was in enumerate(entry.get(KEY, ())):
            yield now, was, here.at(now, KEY, position)


def former_facts(
    entries: Mapping[str, Any], names: Collection[str], here: BoundValue
) -> dict[str, str]:
    """`names` are all facts of the pack. No former name may be a group of facts either, nor stand inside a fact."""
    groups = {parent for name in names for parent in _parents(name)}
    found = former_names(entries, DOTTED_NAME, {*names, *groups}, here)
    for _, was, at in _written(entries, here):
        inside = [one for one in _parents(was) if one in names or one in found]
        if was in found and inside:
            at.error("former-name", f"'{was}' would stand inside '{inside[0]}'")
    return found


def _parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:n]) for n in range(1, len(parts)))


def former_values(entry: Mapping[str, Any], here: BoundValue) -> dict[str, str]:
    """Those of the values of one fact or output."""
    values = entry.get("values", {})
    return former_names(values, VALUE_CODE, values, here.at("values"))


def former_actions(entries: Mapping[str, Any], here: BoundValue) -> dict[str, str]:
    return former_names(entries, ACTION_CODE, entries, here)
