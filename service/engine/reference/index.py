"""The reference's first form: an index. It looks up for each fact which branches of all rules its value leaves, and runs no code of a rule.

It is one function for a pack, which is written here. The values that rules give are decided by functions that it is given.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, NamedTuple

from service.engine.expressions.layout import (
    AS_OF_SLOT,
    HAS_UNKNOWN_SLOT,
    Environment,
    Layout,
)
from service.engine.reference.columns import BEFORE_ALL, Column, Indexed, columns_of, memory_of
from service.engine.reference.masks import (
    Cuts,
    Masks,
    Use,
    by_value,
    cut,
    of_options,
    of_values,
    without,
)
from service.engine.reference.plain_tests import Compared, Listed, Presence
from service.engine.reference.rule_bits import RuleBits
from service.language.declared.open_values import Options

MatchRules = Callable[[Environment, dict[str, Any]], tuple[int, int]]
"""Finds the rules that are true and those that are unknown, as bits: bit n is rule n.

It fills the slots of the outputs that rules read, and writes their values into the second argument.
"""
Decide = Callable[[Environment, dict[str, Any], int, int], object]
"""Decides an output from the true and the unknown rules, by their own bits. It writes into the environment and the values."""

MOST_BYTES_OF_MASKS = 64 * 1024 * 1024
"""Masks grow with rules times constants: 10,000 rules of three comparisons need about 20 MB."""
MOST_OPEN_KEPT = 256
"""For how many sets of values of an open output the masks are kept."""
_HEAD = (
    "def match_rules(environment, values):",
    " left = known = ALL",
    f" firm = environment[{HAS_UNKNOWN_SLOT}] is False",
)
_TRUE_AND_UNKNOWN = (
    " true = (left & known) + ONES & RULES",
    " unknown = (left + ONES & RULES) ^ true",
)


class Giving(NamedTuple):
    """An output: the rules that give it a value, as bits, and what decides it from rules as bits."""

    rules: int
    decide: Decide


def compile_index(
    rules: Sequence[Indexed],
    layout: Layout,
    decided_after: Mapping[str, int],
    deciders: Callable[[RuleBits], Sequence[Sequence[Giving]]],
    most_bytes: int,
) -> MatchRules | None:
    """The function that finds the truth value of every rule; None if its masks could need more bytes than that.

    `decided_after` has the stratum after which each output is decided, -1 for none. `deciders` tells by stratum
    what decides the outputs.
    """
    rule_bits, columns = columns_of(rules, layout, decided_after)
    if memory_of(columns, rule_bits) > most_bytes:
        return None
    writer = _IndexWriter(rule_bits)
    for level, giving in enumerate([(), *deciders(rule_bits)], start=BEFORE_ALL):
        writer.decide(giving)
        for column in columns:
            if column.level == level:
                writer.ask(column)
    return writer.compiled()


@dataclass(slots=True)
class _IndexWriter:
    """`names` are the globals of the code: masks, tables and closures. No author's text becomes code."""

    rule_bits: RuleBits
    names: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=lambda: [*_HEAD])

    def __post_init__(self) -> None:
        bits = self.rule_bits
        self.names |= {"ALL": bits.all_branches, "ONES": bits.ones, "RULES": bits.rules}
        self.names |= {"left_of": bisect_left, "right_of": bisect_right, "Options": Options}
        self.names["together"] = bits.together

    def compiled(self) -> MatchRules:
        self.lines += [*_TRUE_AND_UNKNOWN, " return together(true), together(unknown)"]
        exec(compile("\n".join(self.lines), "<index>", "exec"), self.names)  # noqa: S102, it contains no author's text
        # It leaves its own globals: else each would keep the other, and the masks of a replaced pack would stay.
        match_rules: MatchRules = self.names.pop("match_rules")
        return match_rules

    def decide(self, outputs: Sequence[Giving]) -> None:
        """Decides the outputs of a stratum to which a rule that is not false gives a value."""
        if outputs:
            self.lines += [*_TRUE_AND_UNKNOWN, " either = true | unknown"]
        for rules, decide in outputs:
            call = f"{self._named(decide)}(environment, values, true, unknown)"
            self.lines.append(f" if either & {self._named(rules)}: {call}")

    def ask(self, column: Column) -> None:
        if column.evaluate is not None:
            self._closure(column)
        elif column.of_output:
            self._output(column)
        else:
            self._fact(column)

    def _closure(self, column: Column) -> None:
        """It is called only if one of its branches is left."""
        uses, everything = column.uses, self.rule_bits.all_branches
        asking = self._named(everything & ~without(uses, everything))
        self.lines += [
            f" if left & {asking}:",
            f"  value = {self._named(column.evaluate)}(environment)",
            f"  if value is None: known &= {self._mask(uses)}",
            f"  elif value: left &= {self._mask([use for use in uses if not use.truth])}",
            f"  else: left &= {self._mask([use for use in uses if use.truth])}",
        ]

    def _output(self, column: Column) -> None:
        uses, everything = column.uses, self.rule_bits.all_branches
        open_masks = lru_cache(MOST_OPEN_KEPT)(partial(_of_open, tuple(uses), everything))
        settled = self._named(of_values(uses, everything))
        self.lines += [
            f" value = environment[{column.slot}]",
            f" mask, sure = {self._named(open_masks)}(value.values) if type(value) is Options else {settled}[value]",
            " left &= mask; known &= sure",
        ]

    def _fact(self, column: Column) -> None:
        self.lines.append(f" value = environment[{column.slot}]")
        known = [*self._present(column.uses), *self._listed(column.uses)]
        known += [*self._compared(column.uses, False), *self._compared(column.uses, True)]
        if column.slot == AS_OF_SLOT:
            self.lines += [f" {line}" for line in known]
            return
        self.lines += [" if value is None:", *self._unknown(column.uses)]
        self.lines += [" else:", *(f"  {line}" for line in known or ["pass"])]

    def _unknown(self, uses: Sequence[Use]) -> list[str]:
        """The lines for an unknown fact: every test of it is unknown, except for `has` where that is firm."""
        present = [use for use in uses if isinstance(use.question, Presence)]
        if not present:
            return [f"  known &= {self._mask(uses)}"]
        others = [use for use in uses if not isinstance(use.question, Presence)]
        wanted = [use for use in present if use.truth]
        firm = f"left &= {self._mask(wanted)}; known &= {self._mask(others)}"
        return [f"  if firm: {firm}", f"  else: known &= {self._mask(uses)}"]

    def _present(self, uses: Sequence[Use]) -> list[str]:
        unwanted = [use for use in uses if isinstance(use.question, Presence) and not use.truth]
        return [f"left &= {self._mask(unwanted)}"] if unwanted else []

    def _listed(self, uses: Sequence[Use]) -> list[str]:
        own = [use for use in uses if isinstance(use.question, Listed)]
        if not own:
            return []
        everything, is_complete = self.rule_bits.all_branches, own[0].question.otherwise is None
        listed, otherwise = by_value(own, everything)
        if any(masks.known != everything for masks in listed.values()):
            found = _of_table(self._named(listed), self._named(otherwise), is_complete)
            return [f"mask, sure = {found}", "left &= mask; known &= sure"]
        left = {value: masks.left for value, masks in listed.items()}
        if is_complete and left.keys() == {False, True}:  # the numbers 0 and 1 are equal to them
            return [f"left &= {self._named(left[True])} if value else {self._named(left[False])}"]
        found = _of_table(self._named(left), self._named(otherwise.left), is_complete)
        return [f"left &= {found}"]

    def _compared(self, uses: Sequence[Use], as_number: bool) -> list[str]:
        own = [
            use
            for use in uses
            if isinstance(use.question, Compared) and use.question.as_number is as_number
        ]
        if not own:
            return []
        cuts = cut(own, self.rule_bits.all_branches)
        return [f"left &= {self._looked_up(cuts, 'float(value)' if as_number else 'value')}"]

    def _looked_up(self, cuts: Cuts, value: str) -> str:
        constants, left = cuts.constants, self._named(cuts.left)
        if len(constants) == 1 and not (cuts.at_left and cuts.at_right):
            sign, below, above = ">=" if cuts.at_left else ">", *map(self._named, cuts.left)
            return f"{above} if {value} {sign} {self._named(constants[0])} else {below}"
        at = self._named(constants)
        if cuts.at_left and cuts.at_right:
            return f"{left}[left_of({at}, {value}) + right_of({at}, {value})]"
        return f"{left}[{'right_of' if cuts.at_left else 'left_of'}({at}, {value})]"

    def _mask(self, uses: Sequence[Use]) -> str:
        """All branches but those of these uses."""
        return self._named(without(uses, self.rule_bits.all_branches))

    def _named(self, value: Any) -> str:
        """The name of this value in the code."""
        name = f"v{len(self.names)}"
        self.names[name] = value
        return name


def _of_table(table: str, otherwise: str, is_complete: bool) -> str:
    return f"{table}[value]" if is_complete else f"{table}.get(value, {otherwise})"


def _of_open(uses: Sequence[Use], everything: int, options: Sequence[Any]) -> Masks:
    return of_options(uses, options, everything)
