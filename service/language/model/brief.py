"""The brief that a pack declares: what stands on the page for a decision-maker, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import Text
from service.language.model.settings import Sentence
from service.language.syntax import Node

MOST_LINES, MOST_CHARACTERS, MOST_WORDS = 40, 900, 450
"""The most that a page has: characters in a language that is written without blanks, words in any other."""
MOST_ROWS, MOST_QUESTIONS, MOST_DONE = 5, 3, 3
"""The most rows of actions, unless more of them never give way; the most questions, and actions that are told as done."""
MOST_FIGURES = 3
"""The most figures that a page has: the first known ones of the pack's trend."""
MOST_OF_A_POSTED_TEXT = 40
"""A posted text is cut to so many characters."""
HOW_BAD, WARNING, CHANGES, TREND, LATE, SAY, NEVER_SAY = (
    "how_bad",
    "warning",
    "changes",
    "trend",
    "late",
    "say",
    "never_say",
)
DECISION, OPTIONS, ASK, NEXT, NOTHING_NOW = "decision", "options", "ask", "next", "nothing_now"
IN_THE_PLAN = "in_the_plan"
ROW_NAMES = (
    HOW_BAD,
    WARNING,
    CHANGES,
    TREND,
    LATE,
    NOTHING_NOW,
    IN_THE_PLAN,
    SAY,
    NEVER_SAY,
    DECISION,
    OPTIONS,
    ASK,
    NEXT,
)
"""The rows that every brief can have, apart from its rows of actions."""


@dataclass(frozen=True, slots=True)
class When:
    """A condition, and as its author wrote it. Without one it always holds."""

    node: Node | None = None
    written: Any = None


@dataclass(frozen=True, slots=True)
class RowAction:
    """An action of a row. `text` has words for the page; without any that hold, the action's own text is said."""

    code: str
    text: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class BriefRow:
    """Actions that share a line. A row that `protects` people never gives way."""

    name: str
    actions: tuple[RowAction, ...]
    when: When
    protects: bool


@dataclass(frozen=True, slots=True)
class BriefOption:
    text: Text
    cost: Text
    when: When


@dataclass(frozen=True, slots=True)
class BriefDecision:
    """A question to decide while `action` is to be done. The first option that holds is advised."""

    action: str
    question: Text
    options: tuple[BriefOption, ...]
    delay: Text
    when: When


@dataclass(frozen=True, slots=True)
class BriefQuestion:
    fact: str
    when: When


@dataclass(frozen=True, slots=True)
class AnnexGroup:
    """Kinds of actions that stand together in the annex of a report."""

    text: Text
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """`how_bad` and `changes` name outputs, `say` and `never_say` outputs that collect values.

    `gives_way` names the rows that are left out, in this order, while a page is too long. While `quiet_when` holds, duties that
    only an unknown fact decides are one counted line.
    """

    title: tuple[Sentence, ...]
    do_not_forward: When | None = None
    quiet_when: When | None = None
    how_bad: tuple[str, ...] = ()
    warning: tuple[Sentence, ...] = ()
    changes: tuple[str, ...] = ()
    now: tuple[BriefRow, ...] = ()
    say: str | None = None
    never_say: str | None = None
    decision: tuple[BriefDecision, ...] = ()
    ask: tuple[BriefQuestion, ...] = ()
    gives_way: tuple[str, ...] = ()
    annex: tuple[AnnexGroup, ...] = ()

    def conditions(self) -> list[Node]:
        """All conditions of the brief."""
        sentences = [*self.title, *self.warning]
        sentences += [one for row in self.now for action in row.actions for one in action.text]
        whens = [row.when for row in self.now] + [one.when for one in self.ask]
        for decision in self.decision:
            whens += [decision.when, *(option.when for option in decision.options)]
        nodes = [one.when for one in sentences] + [one.node for one in whens]
        nodes += [when.node for when in (self.do_not_forward, self.quiet_when) if when]
        return [node for node in nodes if node is not None]
