"""A pack that was read and checked, as frozen values. `load` makes it; `service.engine` evaluates it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from schemas.pack_files import OUTPUT_TYPES, HitPolicyName, OutputTypeName
from schemas.types import Type, list_of
from schemas.vocabulary import Fact, Text, Vocabulary
from service.language.place import Place
from service.language.syntax import Node

ASKED = "actions"
"""The output that collects the actions that rules ask for."""
BLOCKED = "blocked"
"""The output that guards set: the actions that must not be taken."""
HELD = "held"
"""An optional output that rules set to make actions wait until certain facts are known."""
BLOCKING_OR_HOLDING = (BLOCKED, HELD)
"""The outputs that keep an action from being taken although a rule asks for it."""
ACTION_OUTPUTS = (ASKED, *BLOCKING_OR_HOLDING)
BOTH = "both"
"""The locale of an answer that has every text in all languages of its pack. No language code has four letters."""
PROVISIONAL = "provisional"
"""An optional boolean output: rules that set it make the answer provisional."""


class GivenValues(NamedTuple):
    """The values that rules give an output, in the order of the rules.

    `given` has each value with True if it is sure. `sure` and `unsure` have the same values separately.
    """

    given: Sequence[tuple[Any, bool]]
    sure: list[Any]
    unsure: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPolicy:
    """How the values that rules give an output are combined. `declared.hit_policies` has all of them.

    `combine` and `outcomes` are called only if a rule gives a value, or may give one.
    """

    name: HitPolicyName
    about: str
    """The combined value, described for docs/rules.md."""
    examples: tuple[tuple[str, str], ...]
    """For docs/rules.md: the values given, as a list in JSON, and the combined value, in JSON or `conflict`."""
    takes: tuple[OutputTypeName, ...] = OUTPUT_TYPES
    needs: str = ""
    """The message to an author whose output has a type that is not in `takes`; the policy's name comes before it."""
    combine: Callable[[Output, Sequence[Any]], Any]
    """The value if exactly these values are given, in the order of the rules. The caller checks for conflicts."""
    outcomes: Callable[[Output, GivenValues], Any]
    """The values that the output can have while some values are unsure. It is a plain value if there is only one."""
    is_collected: bool = False
    """The value is the list of the values given. It has no default: if no value is given, the list is empty."""
    is_ranked: bool = False
    """Of the values given, the first in the output's declared order is the result."""
    is_exclusive: bool = False
    """More than one value is a conflict."""
    equal_values_count_once: bool = False
    """It makes no difference how many rules give a value."""
    is_made_of_all: bool = False
    """Every rule that fires contributes to the value. Otherwise only the rules that give exactly this value do."""
    counts_rules: bool = False
    """A rule writes true, which counts as 1."""
    is_clamped: bool = False
    """The value is clamped to min and max. Otherwise no rule may give a value outside them."""

    def conflict(self, values: Sequence[Any]) -> bool:
        """Whether rules that give these values contradict each other."""
        if not self.is_exclusive:
            return False
        return len(set(values) if self.equal_values_count_once else values) > 1


@dataclass(frozen=True, slots=True)
class Output:
    """A value that rules set. `type` is the type of the value that one rule gives."""

    name: str
    type: Type
    policy: HitPolicy
    default: Any
    text: Text
    minimum: int | float | None = None
    maximum: int | float | None = None
    value_texts: Mapping[str, Text] = field(default_factory=dict)
    value_levels: Mapping[str, int] = field(default_factory=dict)
    help: Text = field(default_factory=dict)
    value_helps: Mapping[str, Text] = field(default_factory=dict)

    def within_bounds(self, value: Any) -> bool:
        return (self.minimum is None or value >= self.minimum) and (
            self.maximum is None or value <= self.maximum
        )

    @property
    def hit(self) -> HitPolicyName:
        """The name of its hit policy, as the author wrote it."""
        return self.policy.name

    @property
    def value_type(self) -> Type:
        """The type of the combined value, which conditions read."""
        return list_of(self.type) if self.policy.is_collected else self.type


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: `within` after the first known fact of `start`, or after as_of if none is known.

    If `by` names an enum output, `within_by` has a duration for each of its values, and `within` is None.
    """

    start: tuple[str, ...] = ()
    within: timedelta | None = None
    by: str | None = None
    within_by: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Role:
    """Someone who owns actions, approves them, is informed of them or can answer a question."""

    code: str
    text: Text
    deputy: str | None = None


@dataclass(frozen=True, slots=True)
class ActionKind:
    """A group of actions. Guards and rules that hold can name all of its actions at once."""

    code: str
    text: Text
    help: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """An entry of the catalogue. Guards can name a `forbidden` one; rules cannot ask for it.

    All approvals are wanted `approve_before` the deadline. `every` is the interval of a recurring action;
    `until` says in words when it ends.
    """

    code: str
    text: Text
    help: Text = field(default_factory=dict)
    kind: str | None = None
    owner: str | None = None
    channels: tuple[str, ...] = ()
    approval: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()
    due: Due | None = None
    approve_before: timedelta | None = None
    every: Due | None = None
    until: Text = field(default_factory=dict)
    after: tuple[str, ...] = ()
    reversible: bool | None = None
    statutory: bool = False
    ground: Text = field(default_factory=dict)
    source: Text = field(default_factory=dict)
    forbidden: bool = False
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contribution:
    """The value that one rule gives one output.

    Only a rule that asks for an action has `due`, only one that blocks has `instead`, and only one that holds
    has `until` (facts). Rules that block or hold can have `ground`. If the author wrote kinds of actions and no
    action, `kinds` has them; each action of these kinds has its own Contribution, with the action in `value`.
    """

    output: str
    value: Any
    due: Due | None = None
    instead: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    ground: Text = field(default_factory=dict)
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, and the values to set if it is true. `effective_from` is included, `effective_until` is not.

    `written` is the condition as its author wrote it: text, or a tree of all / any / not. `place` is that of its
    id, or of its cell in a table. Rules that differ only in their places are equal.
    """

    id: str
    when: Node
    then: tuple[Contribution, ...]
    because: Text
    source: Text
    written: Any
    place: Place = field(compare=False)
    effective_from: datetime | None = None
    effective_until: datetime | None = None


Way = Literal["at_least", "at_most", "one_of", "when"]
"""What the cells of a row are: thresholds, lists of values or conditions."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as its author wrote it. `cells` is keyed by values of the table's output; `way` says what a cell means."""

    id: str
    way: Way
    cells: Mapping[str, Any]
    fact: str | None
    only_if: Any
    because: Text
    source: Text
    place: Place = field(compare=False)
    effective_from: datetime | None = None
    effective_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its author wrote it. Each of its cells is also a rule of the pack."""

    id: str
    output: str
    rows: tuple[TableRow, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Derived:
    """A fact computed from facts."""

    fact: Fact
    value: Node
    written: str


@dataclass(frozen=True, slots=True)
class Case:
    """A worked example. `facts` and `previous` have the form in which an API caller sends them.

    If `follows` is true, the answer to the case before it is its previous answer, and `responses` are the
    actions carried out since then. `places` has the place of each expectation and of each fact.
    """

    name: str
    source: str
    as_of: datetime
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]
    place: Place = field(compare=False)
    places: Mapping[str, Place] = field(compare=False)
    previous: Mapping[str, Any] | None = None
    follows: bool = False
    responses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the verdict. It is said only if `when` is true; `written` is this condition as its author wrote it."""

    text: Text
    when: Node | None = None
    written: Any = None


@dataclass(frozen=True, slots=True)
class Review:
    """When to evaluate the incident again. `action` is the action for this: due then, and done by each answer."""

    due: Due
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """The figures `of` (posted facts) grow per hour by the per cent that the fact `rate` gives.

    Each of `hours` gives one forecast.
    """

    rate: str
    of: tuple[str, ...]
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contingency:
    """The enum output whose other values are looked for, and what grows while an incident continues."""

    output: str
    growth: Growth | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that a pack's files declare.

    `notices` are outputs at the top of the answer that do not belong to its result: whether they are open makes no answer
    provisional. `previous` are the facts that the previous answer fills. `derived` and `strata` are in the order of computation.
    `strata` has positions in `rules`; `output_stratum` says after which stratum an output is decided. `report` has
    every text of a report, `own_report` those in the pack's files. `review` says when to evaluate the incident
    again. `clock` has the moments (facts) from which an answer counts the hours. `digest` is the SHA-256 of the
    files that affect answers: all but the cases.
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
    verdict: tuple[Sentence, ...]
    report: Mapping[str, Text]
    own_report: Mapping[str, Text]
    help: Text
    cases: tuple[Case, ...]
    digest: str
    contingency: Contingency | None = None

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
