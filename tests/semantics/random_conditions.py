"""Random conditions and incidents for one vocabulary with every type of fact. Many values are equal or next to constants."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.scalars import INT64_MAX, INT64_MIN, format_datetime

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("v", "w", "x", "y", "z")
TEXTS = ("", "a", "a!", "cac", "ccacad", "危机", "😀", "A", "a b")
INTEGERS = (0, 1, -1, 2, 7, 100, 2**31, 2**32 + 1, 2**53 - 2, 2**53 - 1, 2**53, 2**53 + 1)
ALL_INTEGERS = (*INTEGERS, -(2**53), -(2**31), INT64_MAX, INT64_MIN, INT64_MAX - 1)
NUMBERS = (0.0, -0.0, 0.1 + 0.2, 0.3, 1.0, -2.5, 1e-05, 1.5e-07, 5e-324, 1e15 + 0.5, 2.0**53, 1e308)
COMPARE = ("==", "!=", "<", "<=", ">", ">=")
FACTS: Mapping[str, str] = {
    **{f"i.n{n}": "integer" for n in range(4)},
    **{f"n.n{n}": "number" for n in range(4)},
    **{f"b.n{n}": "boolean" for n in range(4)},
    **{f"e.n{n}": "enum" for n in range(3)},
    "t.n0": "string",
    "t.n1": "string",
    "l.n0": "list",
    "k.n0": "integers",
    "k.n1": "numbers",
    "k.n2": "enums",
    "m.n0": "datetime",
    "s.n0": "duration",
}
DERIVED: Mapping[str, tuple[str, str]] = {
    "d.sum": ("integer", "i.n0 + i.n1"),
    "d.ratio": ("number", "n.n0 / n.n1"),
    "d.both": ("boolean", "b.n0 && !b.n1"),
}
NAMES = {kind: [n for n, k in FACTS.items() if k == kind] for kind in set(FACTS.values())}


def facts_file() -> dict[str, Any]:
    extra: dict[str, dict[str, Any]] = {
        "enum": {"values": list(KINDS)},
        "list": {"of": "string"},
        "integers": {"type": "list", "of": "integer"},
        "numbers": {"type": "list", "of": "number"},
        "enums": {"type": "list", "of": "enum", "values": list(KINDS)},
    }
    facts = {
        name: {"type": kind, "text": {"en": name}, **extra.get(kind, {})}
        for name, kind in FACTS.items()
    }
    derived = {
        name: {"type": kind, "value": value, "text": {"en": name}}
        for name, (kind, value) in DERIVED.items()
    }
    return {"facts": facts, "derived": derived}


class Conditions:
    """Writes random conditions. `constants` collects, by fact, the constants that they compare it with."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.constants: dict[str, list[Any]] = defaultdict(list)
        self._atoms: Sequence[tuple[int, Callable[[], str]]] = (
            (6, self._integer),
            (6, self._number),
            (1, self._boolean),
            (4, self._enum),
            (2, self._text),
            (2, self._list),
            (1, self._integers),
            (2, self._moment),
            (1, self._span),
            (2, self._pair),
            (2, self._computed),
            (1, self._known),
            (1, self._choice),
        )

    def condition(self, depth: int = 3) -> str:
        """A random condition. Its parts are joined by `&&` and `||` at random, so that it is true about as often as false."""
        if depth == 0 or self.chance.random() < 0.3:
            atom = self._atom()
            return f"!({atom})" if self.chance.random() < 0.25 else atom
        sign = self.chance.choice([" && ", " || "])
        parts = [self.condition(depth - 1) for _ in range(self.chance.randint(2, 3))]
        whole = "(" + sign.join(parts) + ")"
        return f"!{whole}" if self.chance.random() < 0.2 else whole

    def _atom(self) -> str:
        weights, makers = zip(*self._atoms, strict=True)
        written: str = self.chance.choices(makers, weights)[0]()
        return written

    def _compared(self, name: str, constant: Any, written: str) -> str:
        self.constants[name].append(constant)
        sign = self.chance.choice(COMPARE)
        if self.chance.random() < 0.2:
            return f"{written} {sign} {name}"
        return f"{name} {sign} {written}"

    def _integer(self) -> str:
        name = self.chance.choice(NAMES["integer"])
        if self.chance.random() < 0.15:
            values = [self._near(self.chance.choice(ALL_INTEGERS)) for _ in range(3)]
            self.constants[name] += values
            return f"{name} in {values}"
        constant = self._near(self.chance.choice(ALL_INTEGERS))
        return self._compared(name, constant, str(constant))

    def _near(self, number: int) -> int:
        near = number + self.chance.choice([-1, 0, 0, 1])
        return near if INT64_MIN <= near <= INT64_MAX else number

    def _number(self) -> str:
        name = self.chance.choice(NAMES["number"])
        constant = self.chance.choice(NUMBERS)
        if self.chance.random() < 0.2:
            name = self.chance.choice(NAMES["integer"])
        elif self.chance.random() < 0.2:
            whole = self.chance.choice(INTEGERS)
            return self._compared(name, float(whole), str(whole))
        return self._compared(name, constant, repr(constant))

    def _boolean(self) -> str:
        name = self.chance.choice([*NAMES["boolean"], "d.both"])
        other, sign = self.chance.choice(NAMES["boolean"]), self.chance.choice(COMPARE)
        forms = [name, name, name, f"{name} == true", f"{name} != true", f"{name} {sign} {other}"]
        constant = self.chance.choice(("true", "false"))
        forms += [f"{name} {sign} {constant}", f"{constant} {sign} {name}"]
        quantifier = self.chance.choice(("exists", "all"))
        return self.chance.choice([*forms, f"[].{quantifier}(x, x == {name}) {sign} {name}"])

    def _enum(self) -> str:
        name = self.chance.choice(NAMES["enum"])
        one, other = self.chance.sample(KINDS, 2)
        forms = [f'{name} == "{one}"', f'{name} != "{one}"', f'"{one}" == {name}']
        forms += [f'at_least({name}, "{one}")', f'{name} in ["{one}", "{other}"]']
        return self.chance.choice(forms)

    def _text(self) -> str:
        text = self.chance.choice(TEXTS)
        method = self.chance.choice(["contains", "startsWith", "endsWith", "matches"])
        quotes = self.chance.choice(('"', '"', '"', "'", '"""', "'''"))
        written = f"{self.chance.choice(('', '', 'r'))}{quotes}{text}{quotes}"
        forms = [f"t.n0 {self.chance.choice(COMPARE)} {written}", f"t.n0.{method}({written})"]
        forms += [f't.n0 + t.n1 == "{text}"', "t.n0.startsWith(t.n1)"]
        return self.chance.choice([*forms, f"size(t.n0) > {self.chance.randint(0, 3)}"])

    def _list(self) -> str:
        text = self.chance.choice(TEXTS)
        forms = ["l.n0 == []", "l.n0 + [] != [t.n0]", f'"{text}" in ([] + l.n0)']
        forms += [f'"{text}" in l.n0', f'l.n0.exists(x, x == "{text}")', "t.n1 in l.n0"]
        forms += [f'l.n0.all(x, x.contains("{text}"))', f'l.n0 != ["{text}"]']
        return self.chance.choice([*forms, "size(l.n0) >= 2"])

    def _integers(self) -> str:
        name, sign = self.chance.choice(NAMES["integer"]), self.chance.choice(COMPARE)
        number = self._near(self.chance.choice(INTEGERS))
        self.constants["k.n0"].append(number)
        forms = [f"{name} in k.n0", f"k.n0.exists(x, x {sign} {number})"]
        forms += [f"k.n0.all(x, x {sign} {name})", f"{number} in k.n0 + [{name}]"]
        forms += [f"{number} in k.n1", f"k.n1.exists(x, x {sign} {number}.5)"]
        forms += [f'"{self.chance.choice(KINDS)}" in k.n2', f"{NAMES['enum'][0]} in k.n2"]
        return self.chance.choice(forms)

    def _moment(self) -> str:
        moment = NOW + timedelta(hours=self.chance.randint(-3, 3))
        written = f'timestamp("{format_datetime(moment)}")'
        sign = self.chance.choice(COMPARE)
        forms = [f"m.n0 {sign} {written}", f"hours(as_of - m.n0) {sign} 1.0"]
        return self.chance.choice([*forms, f'm.n0 + duration("1h") {sign} as_of'])

    def _span(self) -> str:
        sign, hours = self.chance.choice(COMPARE), self.chance.randint(-2, 2)
        forms = [f's.n0 {sign} duration("{hours}h")', f"hours(s.n0) {sign} {hours}.0"]
        forms += [f's.n0 {sign} duration("0")']
        forms += [f's.n0 - duration("1h") {sign} as_of - m.n0', f"days(s.n0) {sign} 0.5"]
        return self.chance.choice(forms)

    def _pair(self) -> str:
        kind = self.chance.choice(["integer", "number", "enum"])
        left, right = self.chance.sample(NAMES[kind], 2)
        sign = self.chance.choice(COMPARE[:2] if kind == "enum" else COMPARE)
        return f"{left} {sign} {right}"

    def _computed(self) -> str:
        a, b = self.chance.sample(NAMES["integer"], 2)
        sign = self.chance.choice(COMPARE)
        forms = [
            f"{a} / {b} {sign} 1",
            f"{a} % {b} {sign} 0",
            f"{a} * {b} {sign} 2",
            f"{a} - {b} {sign} 1",
            f"-{a} {sign} 1",
        ]
        c, d = self.chance.sample(NAMES["number"], 2)
        forms.append(f"{c} {self.chance.choice('+-*/')} {d} {sign} 0.3")
        forms += [f"math.sqrt({c}) {sign} 0.5", f"math.least({a}, {b}, 1) {sign} 0"]
        forms.append(f"math.greatest({a}, {d}) {sign} 1")
        forms.append(f"math.{self.chance.choice(('greatest', 'least'))}({a}) {sign}\f1")
        return self.chance.choice([*forms, f"d.sum {sign} 1", f"d.ratio {sign} 0.3"])

    def _known(self) -> str:
        return f"has({self.chance.choice([*FACTS, *DERIVED])})"

    def _choice(self) -> str:
        test = self.chance.choice(NAMES["boolean"])
        return f"({test} ? {self._integer()} : {self._enum()})"


def random_incident(
    chance: random.Random, constants: Mapping[str, Sequence[Any]]
) -> dict[str, Any]:
    """Some facts are unknown, absent or null. Their share varies from incident to incident."""
    missing = chance.choice([0.0, 0.2, 0.4, 0.7])
    facts: dict[str, Any] = {}
    for name, kind in FACTS.items():
        if chance.random() >= missing:
            facts[name] = _value(kind, constants.get(name, ()), chance)
        elif chance.random() < 0.3:
            facts[name] = None
    return facts


def _value(kind: str, constants: Sequence[Any], chance: random.Random) -> Any:
    match kind:
        case "integer":
            near = int(chance.choice(constants or ALL_INTEGERS)) if chance.random() < 0.7 else 0
            return min(max(near + chance.choice([-1, 0, 1]), INT64_MIN), INT64_MAX)
        case "number":
            at = float(chance.choice(constants or NUMBERS))
            neighbours = [at, at, math.nextafter(at, math.inf), math.nextafter(at, -math.inf)]
            return chance.choice([*neighbours, at + 1, at - 1, chance.choice(NUMBERS)])
        case "boolean":
            return chance.random() < 0.5
        case "enum":
            return chance.choice(KINDS)
        case "string":
            return chance.choice(TEXTS)
        case "list":
            return tuple(chance.choices(TEXTS, k=chance.randint(0, 3)))
        case "integers":
            items = range(chance.randint(0, 3))
            return tuple(_value("integer", constants, chance) for _ in items)
        case "numbers":
            return tuple(float(chance.choice(INTEGERS)) + 0.5 * chance.randint(0, 1) for _ in "ab")
        case "enums":
            return tuple(chance.choices(KINDS, k=chance.randint(0, 3)))
        case "duration":
            return timedelta(hours=chance.randint(-3, 3), microseconds=chance.randint(-1, 1))
    return NOW + timedelta(hours=chance.randint(-4, 4), microseconds=chance.randint(-1, 1))
