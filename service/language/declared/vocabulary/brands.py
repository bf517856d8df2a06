"""Reads the brands of a pack. Their facts are checked as those of a request, by the same schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from schemas.facts import FactsSchema, LoadedFacts
from schemas.reported import Reported
from schemas.types import DATETIME
from service.language.collector import MOST_PROBLEMS, BoundValue
from service.language.declared.whole_pack import read_timezone
from service.language.files.look import BRANDS_FOLDER, ENDING
from service.language.files.read_file import LoadedFile
from service.language.model import Brand
from service.language.place import Path

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def brand_name(file: str) -> str | None:
    """The name of the brand that this file of a pack has; None if the file cannot be a brand's."""
    name = file.removeprefix(f"{BRANDS_FOLDER}/").removesuffix(ENDING)
    return name if NAME.fullmatch(name) else None


def read_brand(
    name: str, file: LoadedFile, facts: FactsSchema, languages: Mapping[str, Any]
) -> Brand:
    """A brand whose file has the right form. Mistakes in it are reported."""
    about, here = file.data, file.here
    locale, zone = about.get("locale"), about.get("timezone")
    if locale is not None and locale not in languages:
        message, hint = f"the pack has no '{locale}'", f"its languages: {', '.join(languages)}"
        here.at("locale").error("unknown-language", message, hint)
    loaded = facts.load(about["facts"])
    for error in loaded.errors[:MOST_PROBLEMS]:
        message = f"{error.path}: {error.message}"
        here.at(*_path(error.path)).error("brand-facts", message, error.hint or "")
    for path, was, now in loaded.deprecated:
        message = f"{path}: '{was}' is called '{now}' now"
        here.at(*_path(path)).warning("former-name-used", message)
    _check_moments(loaded, facts, here.at("facts"))
    return Brand(
        name=name,
        text=about.get("text", {}),
        timezone=None if zone is None else read_timezone(zone, here.at("timezone")),
        locale=locale,
        written=about["facts"],
        values=loaded.values,
        reported=dict(_reported(name, loaded)),
    )


def _path(path: str) -> Path:
    return tuple(int(n) if n else key for key, n in _STEP.findall(path))


def _check_moments(loaded: LoadedFacts, facts: FactsSchema, here: BoundValue) -> None:
    """A moment without a `max` is compared with the moment of each incident, so it cannot be checked here."""
    for name in loaded.values:
        fact = facts.vocabulary.facts[name]
        if fact.type == DATETIME and fact.latest is None:
            message = f"'{name}' is a moment without a max, so it belongs to one incident"
            here.at(*name.split(".")).key.error("brand-facts", message, "post it with the incident")


def _reported(brand: str, loaded: LoadedFacts) -> Iterator[tuple[str, Reported]]:
    for name, value in loaded.values.items():
        yield name, replace(loaded.reported.get(name, Reported(value)), brand=brand)
