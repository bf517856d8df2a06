"""A pack that has been read and checked, as frozen values. How it is read is `pack`, how it is used `service.engine`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from schemas.pack_files import OUTPUT_KINDS, HitPolicyName, OutputKind
from schemas.types import Type, list_of
from schemas.vocabulary import Fact, Text, Vocabulary
from service.language.place import Place
from service.language.syntax import Node

ASKED = "actions"
"""The output that collects the actions asked for."""
BLOCKED = "blocked"
"""The output that guards set: the actions that must not be taken."""
HELD = "held"
"""An optional output that rules set to make actions wait until facts are settled."""
BLOCKING_OR_HOLDING = (BLOCKED, HELD)
"""What keeps an asked action from being taken."""
ACTION_OUTPUTS = (ASKED, *BLOCKING_OR_HOLDING)
BOTH = "both"
"""The locale of an answer that says every text in all languages of its pack; no language code has four letters."""
PROVISIONAL = "provisional"
"""An optional boolean output: rules that set it make the answer provisional."""


class GivenValues(NamedTuple):
    """What rules give an output, in their order: each value with whether it is sure, and the same parted in sure and unsure."""

    given: Sequence[tuple[Any, bool]]
    sure: list[Any]
    unsure: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPolicy:
    """How the value of an output comes of what rules give it. All of them are in `declared.hit_policies`.

    `combine` and `outcomes` are asked only where rules give something, or may give it.
    """

    name: HitPolicyName
    about: str
    """What comes out, in words for docs/rules.md."""
    examples: tuple[tuple[str, str], ...]
    """For docs/rules.md: what the rules give, as a list in JSON, and what comes out, in JSON or `conflict`."""
    takes: tuple[OutputKind, ...] = OUTPUT_KINDS
    needs: str = ""
    """How an author is told that the type of an output is not one of `takes`."""
    combine: Callable[[Output, Sequence[Any]], Any]
    """The value when just these values are given, in the order of the rules. Conflicts are the caller's to find."""
    outcomes: Callable[[Output, GivenValues], Any]
    """What the value can be while some of the values are unsure: a plain value if it can only be that."""
    is_collected: bool = False
    """The value is the list of what rules give. It has no default: where nothing is given it is empty."""
    is_ranked: bool = False
    """The value given that stands first in the output's declared order wins."""
    is_exclusive: bool = False
    """More than one value is a conflict."""
    equal_values_count_once: bool = False
    """It makes no difference how many rules give a value."""
    is_made_of_all: bool = False
    """Every rule that fires has its part in the value; else only those that give just that value."""
    counts_rules: bool = False
    """A rule writes true, which counts as 1."""
    is_clamped: bool = False
    """The value is kept inside min and max; else no rule may give one outside them."""

    def conflict(self, values: Sequence[Any]) -> bool:
        """Whether rules that give these values contradict each other."""
        several = set(values) if self.equal_values_count_once else values
        return self.is_exclusive and len(several) > 1


@dataclass(frozen=True, slots=True)
class Output:
    """A value that rules set. `type` is the type of what one rule contributes."""

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
        """The type of the combined value, which is what conditions read."""
        return list_of(self.type) if self.policy.is_collected else self.type


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: `within` after the first known fact of `start`, else after as_of.

    With `by`, an enum output, `within_by` has a duration for each of its values instead.
    """

    start: tuple[str, ...] = ()
    within: timedelta | None = None
    by: str | None = None
    within_by: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Role:
    """Someone who owns actions, approves them, is told of them or can answer a question."""

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
    """An entry of the catalogue. A `forbidden` one can be named by guards, never asked for.

    All approvals are wanted `approve_before` the deadline. A recurring action is due `every` so often,
    `until` its end, in words.
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
    """What one rule gives one output.

    `due` only where an action is asked for, `instead` where one is blocked, `until` (facts) where one is
    held, `ground` for both. `kinds` are those that the rule names instead of the action.
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
    """A condition and what follows. `effective_from` is included, `effective_until` is not.

    `written` is the condition as its author wrote it: text, or a tree of all / any / not. `place` is that of its
    id or of its cell. Rules that only stand at other places are equal.
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


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as its author wrote it. `cells` are by value of the table's output, and `way` says what they mean.

    `way` is at_least, at_most, one_of or when.
    """

    id: str
    way: str
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
    """A table as its author wrote it. Its cells are among the pack's rules."""

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
    """A worked example. `facts` and `previous` are as an API caller would send them; `places` says where a key stands.

    One that `follows` comes after the case before it, whose answer is its last answer; `responses` are the
    actions carried out since.
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
class Review:
    """When to judge anew, and the action, if one is, that this judging is: it is due then, and was done by this answer."""

    due: Due
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """Figures (`of`, posted facts) that grow each hour by the per cent that fact `rate` says, and after how many hours to look."""

    rate: str
    of: tuple[str, ...]
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contingency:
    """The enum output whose other values are looked for, and what grows if things go on."""

    output: str
    growth: Growth | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything a folder of rules says. `previous` are the facts that the last answer fills. `derived` and `strata` are in the order of computation.

    `strata` holds positions in `rules`; `output_stratum` says after which of them an output is
    final. `report` has every text of a report, `own_report` those that the pack's files say. `review` says when to judge anew, `clock` from which moments (facts) time is told. `digest` is the SHA-256 of the files that bear meaning: all but the cases.
    """

    name: str
    version: str
    title: Text
    locale: str
    timezone: ZoneInfo
    lifted: tuple[str, ...]
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
    verdict: Text
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
        """The languages the pack's title is written in: those it promises to speak."""
        return tuple(self.title)

    @property
    def locales(self) -> tuple[str, ...]:
        """What an answer may be asked for in: a language, or all of them at once."""
        return (*self.languages, BOTH)
