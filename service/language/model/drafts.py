"""Words ready to send, as frozen values: a draft for an action, and the outputs that say what may be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.vocabulary import Text
from service.language.syntax import Node


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of a draft. `written` is its condition as its author wrote it.

    `says` are values of the outputs of `DraftOutputs`. `done` is the action that must be carried out before it may be said.
    """

    text: Text
    when: Node | None = None
    written: Any = None
    says: tuple[str, ...] = ()
    done: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """The sentences for one action, in order. `blanks` have the texts of what no fact has and a person fills in.

    `at_most` has, by language, the most characters of all sentences together.
    """

    action: str
    sentences: tuple[DraftSentence, ...]
    blanks: Mapping[str, Text] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftOutputs:
    """The outputs that list what may be said, and what may not."""

    may_say: str | None = None
    may_not_say: str | None = None
