"""Makes the text that answers print of the grounds of the register: it says itself if the law was not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.file_fields import ANY_LANGUAGE, in_language
from schemas.vocabulary import Text
from service.language.model import RegisteredGround
from service.language.texts.report_texts import default_texts, own_texts

MARKS = {"summary": "ground_summary", "unread": "ground_unread"}
"""The texts of reports that mark a ground which was not read in full, by how it was read."""
BETWEEN = "stop"
WITHOUT = "en"
"""Has all texts of reports: of a language in which they lack, `tocsin check` warns."""


def _defaults() -> dict[str, Text]:
    return {key: default_texts()[key] for key in (*MARKS.values(), BETWEEN)}


@dataclass(frozen=True, slots=True)
class GroundTexts:
    """`languages` are those of the pack's title, `report` the fixed texts that it needs."""

    languages: tuple[str, ...] = ()
    report: Mapping[str, Text] = field(default_factory=_defaults)

    def printed(self, grounds: Sequence[RegisteredGround]) -> Text | str:
        """The texts of these grounds in one, by language; a plain text if none of them names a language."""
        texts = [self._marked(ground) for ground in grounds]
        written = [key for text in texts for key in text if key != ANY_LANGUAGE]
        found = {
            language: self._fixed(BETWEEN, language).join(said)
            for language in dict.fromkeys([*self.languages, *written])
            if all(said := [in_language(text, language) for text in texts])
        }
        return found or "; ".join(text[ANY_LANGUAGE] for text in texts)

    def _marked(self, ground: RegisteredGround) -> Text:
        key = MARKS.get(ground.read)
        if key is None:
            return ground.text
        languages = [*ground.text] if ANY_LANGUAGE not in ground.text else self.languages
        return {
            language: self._fixed(key, language).replace(
                "{ground}", in_language(ground.text, language)
            )
            for language in languages
        }

    def _fixed(self, key: str, language: str) -> str:
        return in_language(self.report[key], language) or self.report[key][WITHOUT]


def ground_texts(about: Mapping[str, Any]) -> GroundTexts:
    """Of a pack with this pack.yaml."""
    own = own_texts(about)
    report = {key: {**text, **own.get(key, {})} for key, text in _defaults().items()}
    return GroundTexts(tuple(about["title"]), report)
