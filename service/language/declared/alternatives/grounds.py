"""Reads the grounds that a rule which blocks or holds has by jurisdiction, sector or trigger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.file_fields import ANY_LANGUAGE
from schemas.vocabulary import Text
from service.language.collector import BoundValue
from service.language.conditions.scope import Scope
from service.language.declared.alternatives.conditions import read_conditions
from service.language.model import GroundByCase

KEYS = ("when", "ground")


def read_ground(raw: Any, here: BoundValue) -> Text:
    ground = {ANY_LANGUAGE: raw} if isinstance(raw, str) else raw
    if isinstance(ground, dict) and all(isinstance(text, str) for text in ground.values()):
        return ground
    here.error("bad-value", "'ground' must be a text, or a text for each language")
    return {}


def read_grounds_by_case(
    entry: Mapping[str, Any], scope: Scope, here: BoundValue
) -> tuple[GroundByCase, ...]:
    """The alternatives of one entry. The entry's own ground holds where none of them does: a guard always cites something."""
    if "by_case" not in entry:
        return ()
    raw, at = entry["by_case"], here.at("by_case")
    if not isinstance(raw, list) or not raw or not all(map(_is_alternative, raw)):
        at.error("alternative-form", "'by_case' needs a list of {when: …, ground: …}")
        return ()
    if not entry.get("ground"):
        message = "where no alternative holds this has no ground"
        at.key.error("alternative-fallback", message, "give the entry a 'ground': its principle")
    conditions = read_conditions(raw, scope, at)
    return tuple(
        GroundByCase(when, one["when"], read_ground(one["ground"], at.at(number, "ground")))
        for number, (one, when) in enumerate(zip(raw, conditions, strict=True))
        if when is not None
    )


def _is_alternative(raw: Any) -> bool:
    return isinstance(raw, dict) and set(raw) == set(KEYS) and bool(raw["ground"])
