"""What an author says about an action that is done: the condition that shows it, and what asks for it again. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from schemas.files.names import AgainBy
from schemas.vocabulary import Text
from service.language.syntax import Node


@dataclass(frozen=True, slots=True)
class DoneWhen:
    """A condition over facts and outputs that shows that the action is done. `written` is as its author wrote it."""

    when: Node
    written: Any


@dataclass(frozen=True, slots=True)
class Again:
    """One entry of `again_when`: a change after which an action that was done is asked for once more.

    `when` is a condition that becomes true. `worse` and `changed` have the `name` of an output or a fact. `after` is a
    time since it was done. `written` is what the author wrote for it. `text` says it in words, if the author does.
    """

    by: AgainBy
    written: Any
    when: Node | None = None
    name: str = ""
    after: timedelta = timedelta()
    text: Text = field(default_factory=dict)
