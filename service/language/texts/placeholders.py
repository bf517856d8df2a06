"""The names in `{ }` that a text fills in: found, and checked against what there is. Fills nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from schemas.closest import did_you_mean
from schemas.vocabulary import Text
from service.language.collector import ValueReporter

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_placeholders(
    text: Text,
    known: Sequence[str],
    here: ValueReporter,
    what: str = "neither a fact nor an output",
) -> None:
    """Each name must be among the known ones, in all of the text's languages."""
    for language, words in text.items():
        for match in PLACEHOLDER.finditer(words):
            if match.group(1) not in known:
                hint = did_you_mean(match.group(1), known)
                message = f"'{{{match.group(1)}}}' names {what}"
                at = here.at(language).value.inside(*match.span())
                at.error("unknown-placeholder", message, hint)


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """All that these texts fill in."""
    return frozenset(match.group(1) for text in texts for match in PLACEHOLDER.finditer(text))
