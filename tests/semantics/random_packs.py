"""Random small packs, as YAML text that an author would write, with the domain of every fact.

All hit policies, several strata, derived facts, assumptions, facts that may not apply, and guards occur. A seed always gives the same pack.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from service.language.load import load_pack
from service.language.model import Pack
from tests.semantics.random_outputs import COLLECTED, COLOURS, OUTPUTS, Entry

COMPARE = ("==", "!=", "<", "<=", ">", ">=")
CODES = ("x", "y", "z")
TAGS = ("A", "B", "C")
ACTIONS = ("FIRST", "SECOND", "THIRD")
NEVER = "NEVER"
SENTENCES = 4
DOMAINS: Mapping[str, tuple[Any, ...]] = {
    "boolean": (False, True),
    "enum": CODES,
    "integer": (0, 1, 2),
    "number": (0.0, 0.5, 1.0),
    "string": ("", "危机", "公关危机"),
    "list": ((), ("A",), ("B", "A")),
}
_ATOMS: Mapping[str, tuple[tuple[str, tuple[Any, ...]], ...]] = {
    "boolean": (("{}", (True,)), ("!{}", (False,))),
    "enum": (('{} in ["x", "z"]', ("x", "z")), ('{} == "y"', ("y",))),
    "integer": (("{} >= 1", (1, 2)), ("{} == 0", (0,))),
    "list": (('"A" in {}', (("A",), ("B", "A"))),),
}
"""Conditions of one fact under which others apply, each with the values of its domain for which it is true."""
DAYS = ("2025-12-31", "2026-01-01", "2026-01-02")
"""Rules start and end on these: the day before an assessment at midnight, that midnight, the day after."""


@dataclass(frozen=True)
class Applies:
    """A fact applies if all of `wanted` have one of these values, or, if `any_of` them is enough, one has. Else it is `otherwise`."""

    wanted: Mapping[str, tuple[Any, ...]]
    any_of: bool
    otherwise: Any


@dataclass(frozen=True)
class RandomPack:
    """`files` are the texts by file name; `domains` has all values of each fact, `applies` those that may not apply."""

    seed: int
    files: Mapping[str, str]
    domains: Mapping[str, tuple[Any, ...]]
    applies: Mapping[str, Applies] = field(default_factory=dict)

    def loaded(self, folder: Path) -> Pack | None:
        """The pack, written and loaded; None if the loader refuses it."""
        folder.mkdir(exist_ok=True)
        for name, text in self.files.items():
            (folder / name).write_text(text, "utf-8")
        return load_pack(folder, with_cases=False)[0]


def random_pack(seed: int, with_holds: bool = False, with_verdict: bool = False) -> RandomPack:
    """With holds, some rules make actions wait for facts, which may be other facts than those that the rules read.

    With a verdict, the pack has the sentences `s0`, `s1` …, each with a condition, and notices.
    """
    return Maker(seed, with_holds, with_verdict).pack()


class _Plain(yaml.SafeDumper):
    """Writes a repeated object in full each time: the loader refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def text_of(entry: Entry) -> str:
    return yaml.dump(entry, Dumper=_Plain, sort_keys=False, width=10_000, allow_unicode=True)


class Maker:
    """Makes one pack. `outputs` are in the order in which rules may read them."""

    def __init__(self, seed: int, with_holds: bool, with_verdict: bool) -> None:
        self.seed = seed
        self.with_verdict = with_verdict
        self.with_holds = with_holds
        self.chance = random.Random(seed)
        self.governing = random.Random(f"{seed} applies")
        self.applies: dict[str, Applies] = {}
        self.facts: dict[str, str] = {}
        self.derived: dict[str, str] = {}
        self.outputs: dict[str, Entry] = {}
        self.rules: list[Entry] = []

    def pack(self) -> RandomPack:
        facts = self._facts()
        self._outputs()
        for _ in range(self.chance.randint(6, 11)):
            self._setting_rule()
        for _ in range(self.chance.randint(1, 3)):
            code = self.chance.choice(ACTIONS)
            self._rule({"actions": [code]}, self._readable(["actions"]))
        for _ in range(self.chance.randint(1, 3)):
            code = self.chance.choice([*ACTIONS, *ACTIONS, NEVER])
            self._rule({"blocked": [{"action": code}]}, self._plain_outputs())
        for _ in range(self.chance.randint(0, 2) if self.with_holds else 0):
            until = [self.chance.choice(list(self.facts))]
            held = {"action": self.chance.choice(ACTIONS), "until": until}
            self._rule({"held": [held]}, self._plain_outputs())
        self.chance.shuffle(self.rules)
        half = len(self.rules) // 2
        domains = {name: DOMAINS[kind] for name, kind in self.facts.items()}
        return RandomPack(
            self.seed,
            {
                "pack.yaml": text_of(self._about()),
                "facts.yaml": text_of(facts),
                "actions.yaml": text_of(self._actions()),
                "10_rules.yaml": text_of({"rules": self.rules[:half]}),
                "20_rules.yaml": text_of({"rules": self.rules[half:]}),
            },
            domains,
            self.applies,
        )

    def _about(self) -> Entry:
        single = [
            n for n, o in self.outputs.items() if o["hit"] not in COLLECTED and n != "provisional"
        ]
        about: Entry = {
            "pack": "random",
            "version": "1.0.0",
            "title": {"en": "Random"},
            "locale": "en",
            "timezone": "UTC",
            "answer": self.chance.sample(single, min(len(single), self.chance.randint(1, 3))),
            "outputs": self.outputs,
        }
        return about | (self._told(single, about["answer"]) if self.with_verdict else {})

    def _told(self, single: list[str], answer: list[str]) -> Entry:
        countable = [name for name in single if self.outputs[name]["type"] in ("enum", "boolean")]
        sentences = [
            {"text": f"s{number}", "when": self._condition(self._readable(["blocked"]), 1)}
            for number in range(SENTENCES)
        ]
        return {"notices": [n for n in countable if n not in answer], "verdict": sentences}

    def _actions(self) -> Entry:
        actions: Entry = {code: {"text": {"en": code.title()}} for code in ACTIONS}
        actions["SECOND"]["after"] = ["FIRST"]
        actions[NEVER] = {"text": {"en": "Never"}, "forbidden": True}
        return {"actions": actions}

    def _facts(self) -> Entry:
        facts: Entry = {}
        for number in range(self.chance.randint(3, 5)):
            kind = self.chance.choice(["boolean", "enum", "integer", *DOMAINS])
            entry: Entry = {"type": kind, "text": {"en": f"Fact {number}"}}
            if kind == "enum":
                entry["values"] = list(CODES)
            if kind == "list":
                entry["of"] = "string"
            if self.chance.random() < 0.25:
                entry["assume"] = self.chance.choice(DOMAINS[kind])
            elif self.governing.random() < 0.4:
                entry |= self._applicability(f"f.n{number}", kind)
            facts[f"f.n{number}"] = entry
            self.facts[f"f.n{number}"] = kind
        computed: Entry = {}
        for number in range(self.chance.randint(0, 2)):
            name = f"d.n{number}"
            numeric = self._integers() and self.chance.random() < 0.6
            kind = "integer" if numeric else "boolean"
            value = self._arithmetic() if numeric else self._fact_atom()
            computed[name] = {"type": kind, "value": value, "text": {"en": f"Derived {number}"}}
            self.derived[name] = kind
        return {"facts": facts} | ({"derived": computed} if computed else {})

    def _applicability(self, name: str, kind: str) -> Entry:
        """It applies because of one or two of the facts before it, which may not apply themselves."""
        chance = self.governing
        wanted, atoms = {}, []
        before = [other for other, type_ in self.facts.items() if type_ in _ATOMS]
        for other in chance.sample(before, min(len(before), chance.randint(1, 2))):
            text, values = chance.choice(_ATOMS[self.facts[other]])
            wanted[other] = values
            atoms.append(text.format(other))
        if not wanted:
            return {}
        any_of, otherwise = chance.random() < 0.5, chance.choice(DOMAINS[kind])
        self.applies[name] = Applies(wanted, any_of, otherwise)
        return {"applies_when": (" || " if any_of else " && ").join(atoms), "otherwise": otherwise}

    def _outputs(self) -> None:
        chosen = self.chance.sample(list(OUTPUTS), self.chance.randint(4, 7))
        if "grade" not in chosen:
            chosen.append("grade")
        for name in chosen:
            self.outputs[name] = OUTPUTS[name](self.chance)
        if self.chance.random() < 0.3:
            self.outputs["provisional"] = {"type": "boolean", "hit": "any", "default": False}
        self.outputs["actions"] = {"type": "actions", "hit": "collect"}
        self.outputs["blocked"] = {"type": "actions", "hit": "collect"}
        if self.with_holds:
            self.outputs["held"] = {"type": "actions", "hit": "collect"}

    def _plain_outputs(self) -> list[str]:
        return [name for name in self.outputs if name not in ("actions", "blocked", "held")]

    def _readable(self, sets: list[str]) -> list[str]:
        """The outputs that a rule may read; sometimes all, so that some packs are refused because of a circle."""
        names = list(self.outputs)
        if self.chance.random() < 0.01:
            return self._plain_outputs()
        first = min(map(names.index, sets))
        return [name for name in names[:first] if name not in ("blocked", "held")]

    def _setting_rule(self) -> None:
        names = self._plain_outputs()
        sets = self.chance.sample(names, 1 if self.chance.random() < 0.7 else 2)
        then = {name: self._contribution(name) for name in sets}
        self._rule(then, self._readable(sets))

    def _contribution(self, name: str) -> Any:
        output = self.outputs[name]
        if output["hit"] == "count":
            return True
        if output["hit"] in COLLECTED:
            return self.chance.choices(TAGS, k=self.chance.randint(1, 2))
        match output["type"]:
            case "enum":
                return self.chance.choice(COLOURS)
            case "boolean":
                return self.chance.random() < 0.8
            case "number":
                return self.chance.choice([-1.5, -0.1, 0.1, 0.2, 0.7, 2.0])
        return self.chance.randint(-3, 4)

    def _rule(self, then: Entry, readable: list[str]) -> None:
        number = len(self.rules)
        when = "always" if self.chance.random() < 0.03 else self._condition(readable, 2)
        because = {"en": f"reason {number}"}
        rule = {"id": f"r.n{number}", "when": when, "then": then, "because": because}
        if self.chance.random() < 0.1:
            start, end = sorted(self.chance.sample(DAYS, 2))
            rule["effective"] = self.chance.choice(
                [{"from": start}, {"until": end}, {"from": start, "until": end}]
            )
        self.rules.append(rule)

    def _condition(self, readable: list[str], depth: int) -> str:
        if depth == 0 or self.chance.random() < 0.4:
            atom = self._atom(readable)
            return f"!({atom})" if self.chance.random() < 0.2 else atom
        sign = self.chance.choice([" && ", " || "])
        parts = [self._condition(readable, depth - 1) for _ in range(self.chance.randint(2, 3))]
        whole = "(" + sign.join(parts) + ")"
        return f"!{whole}" if self.chance.random() < 0.15 else whole

    def _atom(self, readable: list[str]) -> str:
        if readable and self.chance.random() < 0.4:
            return self._output_atom(readable)
        return self._fact_atom()

    def _integers(self) -> list[str]:
        return [n for n, kind in (self.facts | self.derived).items() if kind == "integer"]

    def _arithmetic(self) -> str:
        a, b = self.chance.choice(self._integers()), self.chance.choice(self._integers())
        return self.chance.choice(
            [f"{a} + {b}", f"{a} - {b}", f"6 / {a}", f"{a} % {b}", f"2 * {a}"]
        )

    def _fact_atom(self) -> str:
        chance = self.chance
        name, kind = chance.choice(list((self.facts | self.derived).items()))
        if chance.random() < 0.1:
            return f"has({name})"
        if chance.random() < 0.06:
            return f"({name} == {name} ? {self._fact_atom()} : {self._fact_atom()})"
        if kind == "boolean":
            return name
        if kind == "enum":
            code, other = chance.sample(CODES, 2)
            forms = [f'{name} == "{code}"', f'{name} != "{code}"', f'at_least({name}, "{code}")']
            return chance.choice([*forms, f'{name} in ["{code}", "{other}"]'])
        if kind == "string":
            return chance.choice(
                [f'{name} == "危机"', f'{name}.contains("公关")', f'{name}.matches("^公关")']
            )
        if kind == "list":
            return chance.choice(
                [f'"A" in {name}', f'{name}.all(x, x != "B")', f"size({name}) > 1"]
            )
        if kind == "number":
            return f"{name} {chance.choice(COMPARE)} {chance.choice([0.0, 0.5, 1.0])}"
        left = self._arithmetic() if chance.random() < 0.3 else name
        return f"{left} {chance.choice(COMPARE)} {chance.randint(0, 3)}"

    def _output_atom(self, readable: list[str]) -> str:
        chance = self.chance
        name = chance.choice(readable)
        output = self.outputs[name]
        if output["hit"] in COLLECTED:
            code = chance.choice(ACTIONS if name == "actions" else TAGS)
            forms = [f'"{code}" in {name}', f'{name}.exists(t, t == "{code}")']
            forms += [f"{name} == []", f"{name} + [] != []"]
            return chance.choice([*forms, f"size({name}) > {chance.randint(0, 2)}"])
        if output["type"] == "boolean":
            return name
        if output["type"] == "enum":
            code = chance.choice(COLOURS)
            forms = [f'at_least({name}, "{code}")', f'{name} == "{code}"', f'{name} != "{code}"']
            return chance.choice([*forms, f'{name} in ["{code}"]'])
        sign, number = chance.choice(COMPARE), chance.randint(-2, 4)
        if output["type"] == "integer" and self._integers() and chance.random() < 0.3:
            fact = chance.choice(self._integers())
            return chance.choice([f"{name} {sign} {fact}", f"{fact} + 1 {sign} {name}"])
        return f"{name} {sign} {number}" if chance.random() < 0.8 else f"{number} {sign} {name}"
