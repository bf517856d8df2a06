"""Finds the placeholders in a text, which are names in `{ }`, and checks them. It must not fill them in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from schemas.closest import did_you_mean
from schemas.vocabulary import Text
from service.language.collector import BoundValue
from service.language.model import CONSTANT_NAME

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


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
