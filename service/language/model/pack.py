"""A whole pack, as one frozen value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from schemas.vocabulary import Fact, Text, Vocabulary
from service.language.model.actions import Action, ActionKind, Role
from service.language.model.brands import Brand
from service.language.model.brief import Brief
from service.language.model.calendars import Calendar
from service.language.model.cases import Case
from service.language.model.constants import Constant
from service.language.model.drafts import Draft, DraftOutputs
from service.language.model.grounds import RegisteredGround
from service.language.model.outputs import Output
from service.language.model.rules import Applicability, Derived, Rule, Table
from service.language.model.settings import Contingency, Review, Sentence

BOTH = "both"
"""The locale of an answer that has every text in all languages of its pack. No language code has four letters."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that a pack's files declare.

    `notices` are outputs at the top of the answer that do not belong to its result: whether they are open makes no answer
    provisional. `previous` are the facts that the previous answer fills. `derived` and `strata` are in the order of computation.
    `strata` has positions in `rules`; `output_stratum` says after which stratum an output is decided. `report` has
    every text of a report, `own_report` those in the pack's files. `review` says when to evaluate the incident
    again. `clock` has the moments (facts) from which an answer counts the hours, `trend` the numbers (facts) that it
    compares with the previous answer. `digest` is the SHA-256 of the files that affect answers: all but the cases.
    `applicabilities` says which facts apply, in the order of computation.
    `grounds` is the register of laws, `places` the fact whose values are their places.
    `calm` is what a value below the scale needs, as its author wrote it. `drafts` are keyed by action.
    """

    name: str
    version: str
    title: Text
    locale: str
    timezone: ZoneInfo
    lifted: tuple[str, ...]
    notices: tuple[str, ...]
    outputs: Mapping[str, Output]
    vocabulary: Vocabulary
    previous: Mapping[str, Fact]
    derived: tuple[Derived, ...]
    actions: Mapping[str, Action]
    roles: Mapping[str, Role]
    kinds: Mapping[str, ActionKind]
    rules: tuple[Rule, ...]
    tables: tuple[Table, ...]
    strata: tuple[tuple[int, ...], ...]
    output_stratum: Mapping[str, int]
    words: Mapping[str, Text]
    review: Review | None
    clock: tuple[str, ...]
    trend: tuple[str, ...]
    verdict: tuple[Sentence, ...]
    report: Mapping[str, Text]
    own_report: Mapping[str, Text]
    help: Text
    cases: tuple[Case, ...]
    digest: str
    contingency: Contingency | None = None
    applicabilities: tuple[Applicability, ...] = ()
    constants: tuple[Constant, ...] = ()
    grounds: Mapping[str, RegisteredGround] = field(default_factory=dict)
    places: str | None = None
    calm: tuple[Any, ...] = ()
    brands: Mapping[str, Brand] = field(default_factory=dict)
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    draft_outputs: DraftOutputs = field(default_factory=DraftOutputs)
    brief: Brief | None = None
    parts: tuple[str, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def calendar(self, name: str | None) -> Calendar | None:
        """The calendar of this name, or the only one if none is named."""
        if name is None and len(self.calendars) == 1:
            return next(iter(self.calendars.values()))
        return self.calendars.get(name or "")

    def rule_ids(self, positions: Iterable[int]) -> list[str]:
        return [self.rules[position].id for position in positions]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the pack's title: every text must have them."""
        return tuple(self.title)

    @property
    def locales(self) -> tuple[str, ...]:
        """The locales that a caller may ask for: each language, and all of them at once."""
        return (*self.languages, BOTH)
