"""One line of a brief, in each language of the answer, with the facts, rules and actions it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.strict_json import Json
from service.engine.words.joined_words import joined


class Sources(NamedTuple):
    """The known facts and the ids of the rules from which a line comes."""

    facts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def after(self, facts: Iterable[str], rules: Iterable[str]) -> Sources:
        """These sources after others; each stands once."""
        return Sources(
            tuple(dict.fromkeys([*facts, *self.facts])), tuple(dict.fromkeys([*rules, *self.rules]))
        )


NO_SOURCES = Sources()


@dataclass(frozen=True, slots=True)
class Line:
    """`texts` has one text for each language. `stays` says that the line never gives way."""

    row: str
    texts: Sequence[str]
    sources: Sources = NO_SOURCES
    page_only: bool = False
    actions: Sequence[str] = ()
    stays: bool = False

    def to_json(self) -> Json:
        return {
            "row": self.row,
            "text": self.texts[0] if len(self.texts) == 1 else joined(self.texts),
            "page_only": self.page_only,
            "facts": list(self.sources.facts),
            "rules": list(self.sources.rules),
            "actions": list(self.actions),
        }
