"""Judges a whole pack without the engine: an oracle for conditions, DMN's definitions for outputs, and its own guards.

It reads the pack as the data of its files. It gives no result for an output that an undetermined rule
could set, nor for a rule that reads such an output.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.oracles.judges import Judge, compiled, nested
from tests.oracles.texts import COMMON
from tests.semantics.random_outputs import COLOURS
from tests.semantics.random_packs import CODES, NEVER

Entry = dict[str, Any]
Truth = bool | None


class UnsettledError(LookupError):
    """The oracle has no result for an output, or cannot decide whether its rules conflict."""


class ConflictError(RuntimeError):
    """Rules that must not fire together fired."""


class PackOracle:
    """The rules of one pack, compiled by common-expression-language."""

    def __init__(self, files: Mapping[str, Any]) -> None:
        self.outputs: dict[str, Entry] = files["pack.yaml"]["outputs"]
        self.facts: dict[str, Entry] = files["facts.yaml"]["facts"]
        self.derived: dict[str, Judge] = {
            name: compiled(COMMON, entry["value"])
            for name, entry in files["facts.yaml"].get("derived", {}).items()
        }
        rules = [files[name]["rules"] for name in sorted(files) if "rules" in files[name]]
        self.rules: list[Entry] = [rule for group in rules for rule in group]
        self.applies = {
            name: _judge(entry["applies_when"])
            for name, entry in self.facts.items()
            if "applies_when" in entry
        }
        self.judges = [_judge(rule["when"]) for rule in self.rules]
        self.reads = [[o for o in self.outputs if _names(o, rule["when"])] for rule in self.rules]


class Verdict:
    """The oracle's results for one incident."""

    def __init__(self, oracle: PackOracle, facts: Mapping[str, Any], as_of: datetime) -> None:
        self.oracle = oracle
        self.as_of = as_of
        self._truths: dict[int, Truth] = {}
        assumed = {n: e["assume"] for n, e in oracle.facts.items() if "assume" in e}
        known = {
            name: value for name, value in (assumed | dict(facts)).items() if value is not None
        }
        known |= _not_applying(oracle, facts, known, as_of)
        self.complete = known.keys() == oracle.facts.keys()
        self._known = known

    @cached_property
    def variables(self) -> dict[str, Any]:
        """The facts and the derived facts. A derived fact can read only those before it."""
        known = dict(self._known)
        variables = nested(known, self.as_of, {"f", "d"})
        for name, judge in self.oracle.derived.items():
            value = judge({**variables, **_FUNCTIONS})
            if value is not None:
                known[name] = value
                variables = nested(known, self.as_of, {"f", "d"})
        return {**variables, **_FUNCTIONS}

    def truth(self, position: int) -> Truth:
        """Raises UnsettledError."""
        if position not in self._truths:
            self._truths[position] = self._judged(position)
        return self._truths[position]

    def _judged(self, position: int) -> Truth:
        oracle = self.oracle
        outputs = {name: self.output(name) for name in oracle.reads[position]}
        if not _in_force(oracle.rules[position], self.as_of):
            return False
        said = oracle.judges[position]({**self.variables, **outputs})
        assert said is None or isinstance(said, bool), (oracle.rules[position], said)
        return said

    def output(self, name: str) -> Any:
        """The output by the rules that fire, in order. Raises UnsettledError and ConflictError."""
        given = []
        for position, rule in enumerate(self.oracle.rules):
            if name in rule["then"]:
                truth = self.truth(position)
                if truth is None:
                    raise UnsettledError(name)
                if truth:
                    given.append(rule["then"][name])
        return _combined(self.oracle.outputs[name], given, self._mentioned(name))

    def _mentioned(self, name: str) -> list[Any]:
        rules = self.oracle.rules
        return [value for rule in rules for value in _values(rule["then"].get(name, []))]

    def place(self, code: str) -> str:
        """The list of the answer that has the action; guards fail closed. "" if no rule asks for it."""
        asking, guarding = self._truths_of("actions", code), self._truths_of("blocked", code)
        waiting = self._truths_of("held", code)
        if True not in asking and code != NEVER:
            return ""
        if True in guarding:
            return "blocked"
        if True not in asking:
            return ""
        return "held" if True in waiting or None in [*guarding, *waiting] else "actions"

    def _truths_of(self, output: str, code: str) -> list[Truth]:
        return [
            self.truth(position)
            for position, rule in enumerate(self.oracle.rules)
            if code in _values(rule["then"].get(output, []))
        ]


def _not_applying(
    oracle: PackOracle, facts: Mapping[str, Any], known: Mapping[str, Any], as_of: datetime
) -> dict[str, Any]:
    """The absent facts that do not apply, with their values. A condition reads only facts that stand before its own."""
    found: dict[str, Any] = {}
    for name, judge in oracle.applies.items():
        variables = nested({**known, **found}, as_of, {"f", "d"})
        if name not in facts and judge({**variables, **_FUNCTIONS}) is False:
            found[name] = oracle.facts[name]["otherwise"]
    return found


def _judge(text: str) -> Judge:
    return (lambda variables: True) if text == "always" else compiled(COMMON, text)


def _names(output: str, text: str) -> bool:
    """Whether a condition reads the output: it has the output's name, not in quotes and not as a part of another name."""
    return bool(re.search(rf'(?<![\w."]){output}(?![\w"])', text))


def _values(given: Any) -> list[Any]:
    entries = given if isinstance(given, list) else [given]
    return [entry["action"] if isinstance(entry, dict) else entry for entry in entries]


def _in_force(rule: Entry, as_of: datetime) -> bool:
    """Whether the rule is in force. Days are compared as texts: assessments are at midnight UTC, the packs' time zone."""
    effective = rule.get("effective", {})
    today = as_of.date().isoformat()
    return bool(effective.get("from", "") <= today < effective.get("until", "9999"))


def _at_least(value: str, least: str) -> bool:
    order = CODES if least in CODES else COLOURS
    return order.index(value) <= order.index(least)


_FUNCTIONS = {"at_least": _at_least}


def _combined(output: Entry, given: Sequence[Any], mentioned: Sequence[Any]) -> Any:
    """The output by OMG DMN 1.3, 8.2.11."""
    hit = output["hit"]
    if hit == "collect":
        fired = {value for entry in given for value in _values(entry)}
        return [value for value in dict.fromkeys(mentioned) if value in fired]
    if hit == "collect_all":
        return [value for entry in given for value in _values(entry)]
    if not given:
        return _typed(output, output["default"])
    if (hit == "unique" and len(given) > 1) or (hit == "any" and len(set(given)) > 1):
        raise ConflictError(output)
    value = _SINGLE[hit](output, given)
    if hit in ("sum", "min", "max", "count"):
        value = max(value, output.get("min", value))
        value = min(value, output.get("max", value))
    return _typed(output, value)


def _typed(output: Entry, value: Any) -> Any:
    return float(value) if output["type"] == "number" else value


_SINGLE: dict[str, Callable[[Entry, Sequence[Any]], Any]] = {
    "unique": lambda output, given: given[0],
    "any": lambda output, given: given[0],
    "first": lambda output, given: given[0],
    "priority": lambda output, given: next(v for v in output["values"] if v in given),
    "sum": lambda output, given: (
        float(sum(Fraction(str(value)) for value in given))
        if output["type"] == "number"
        else sum(given)
    ),
    "min": lambda output, given: min(given),
    "max": lambda output, given: max(given),
    "count": lambda output, given: len(given),
}
