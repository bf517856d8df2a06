"""Finds the placeholders in a text, which are names in `{ }`, and checks them. It must not fill them in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact, Text
from service.language.collector import BoundValue
from service.language.model import CONSTANT_NAME

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
WITH_UNIT, REPORTED_BY, MEASURED_AT = "with_unit", "reported_by", "measured_at"
NEXT_REVIEW = "next_review"
"""In a draft: the moment of the answer's next review."""
PREVIOUS = "previous."
VIEWS = (WITH_UNIT, REPORTED_BY, MEASURED_AT)
"""What may stand after the name of a fact in a placeholder, such as `{harm.deaths.with_unit}`."""


def parted(name: str) -> tuple[str, str]:
    """The name of the fact or output in a placeholder, and what of it is told; empty if it is its value."""
    fact, _, view = name.rpartition(".")
    return (fact, view) if fact and view in VIEWS else (name, "")


def names_in_drafts(facts: Mapping[str, Fact]) -> list[str]:
    """The placeholders of facts in a draft: the values, also with unit, and who reported each, and as of when."""
    posted = [name for name in facts if not name.startswith(PREVIOUS)]
    told = [f"{name}.{view}" for name in posted for view in (REPORTED_BY, MEASURED_AT)]
    return [*facts, *names_with_unit(facts), *told, NEXT_REVIEW]


def names_with_unit(facts: Mapping[str, Fact]) -> list[str]:
    """The placeholders that tell a value with its unit."""
    return [f"{name}.{WITH_UNIT}" for name, fact in facts.items() if fact.unit]


def check_placeholders(
    text: Text,
    known: Collection[str],
    here: BoundValue,
    what: str = "neither a fact nor an output",
) -> None:
    """Report each placeholder that is not a known name, in all languages of the text. Those of constants are checked already."""
    known = frozenset(known)
    for language, words in text.items():
        written = here.at(language).written or here.written
        for match in PLACEHOLDER.finditer(written if isinstance(written, str) else words):
            if match.group(1) not in known and not CONSTANT_NAME.fullmatch(match.group(1)):
                hint = did_you_mean(match.group(1), known)
                message = f"'{{{match.group(1)}}}' is {what}"
                at = here.at(language).value.inside(*match.span())
                at.error("unknown-placeholder", message, hint)


def names_in_order(texts: Iterable[str]) -> list[str]:
    """The placeholders of these texts, each once, in the order in which they stand."""
    return list(dict.fromkeys(m.group(1) for text in texts for m in PLACEHOLDER.finditer(text)))


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """The placeholders of these texts."""
    return frozenset(match.group(1) for text in texts for match in PLACEHOLDER.finditer(text))
