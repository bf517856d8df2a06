"""The names in `{ }` that a text fills in: found, and checked against what there is. Fills nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from schemas.closest import did_you_mean
from schemas.vocabulary import Text
from service.language.files.source import Source
from service.language.place import Path
from service.language.problem import Problem

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def placeholder_problems(
    source: Source,
    text: Text,
    path: Path,
    known: Sequence[str],
    what: str = "neither a fact nor an output",
) -> Iterator[Problem]:
    """One for each name that is not among the known ones, in any of the text's languages."""
    for language, words in text.items():
        place = (*path, language) if (*path, language) in source.nodes else path
        for match in PLACEHOLDER.finditer(words):
            if match.group(1) not in known:
                hint = did_you_mean(match.group(1), known)
                message = f"'{{{match.group(1)}}}' names {what}"
                yield source.problem_inside(
                    place, *match.span(), "unknown-placeholder", message, hint
                )


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """All that these texts fill in."""
    return frozenset(match.group(1) for text in texts for match in PLACEHOLDER.finditer(text))
