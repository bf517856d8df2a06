"""An expression in two spellings, Tocsin's and plain CEL, and the properties that decide which oracles can judge it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

CEL_PYTHON = "cel-python"
COMMON = "common-expression-language"
ORACLES = (CEL_PYTHON, COMMON)

TERNARY, OR, AND, RELATION, SUM, PRODUCT, UNARY, MEMBER = range(8)
_LEVELS = {"||": OR, "&&": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT}


@dataclass(frozen=True, slots=True)
class Expression:
    """`level` is its precedence; `inner` are the facts that quantifiers read once per element.

    `spared` are the oracles that deviate on it by a row of docs/conformance.md. `traits` are
    "huge" (near the ends of int64), "fails" (can be an error although all facts are known),
    "joined" (a text made by +) and "difference" (a duration minus a duration). `parts` are the
    expressions that it was made of, as they stand in it.
    """

    tocsin: str
    cel: str
    level: int = MEMBER
    reads: frozenset[str] = frozenset()
    inner: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()
    parts: tuple[Expression, ...] = field(default=(), compare=False)

    def judges(self) -> tuple[str, ...]:
        return tuple(oracle for oracle in ORACLES if oracle not in self.spared)


def literal(text: str, *traits: str, without: str | None = None) -> Expression:
    level = UNARY if text.startswith("-") else MEMBER
    spared = frozenset([without] if without else [])
    return Expression(text, text, level, traits=frozenset(traits), spared=spared)


def made(
    tocsin: str,
    cel: str,
    parts: tuple[Expression, ...],
    *,
    level: int = MEMBER,
    traits: frozenset[str] = frozenset(),
    without: str | None = None,
) -> Expression:
    """An expression of these parts, with their facts, traits and deviations. `without` names one more oracle that deviates."""
    none: frozenset[str] = frozenset()
    return Expression(
        tocsin,
        cel,
        level,
        reads=none.union(*(part.reads for part in parts)),
        inner=none.union(*(part.inner for part in parts)),
        traits=traits.union(*(part.traits for part in parts)),
        spared=frozenset([without] if without else []).union(*(part.spared for part in parts)),
        parts=parts,
    )


def wrapped(random: Random, part: Expression, level: int) -> tuple[str, str]:
    """Both spellings, in parentheses if the level needs them, and sometimes if it does not."""
    if part.level < level or (level > TERNARY and random.random() < 0.1):
        return f"({part.tocsin})", f"({part.cel})"
    return part.tocsin, part.cel


def joined(random: Random, operator: str, *parts: Expression) -> Expression:
    """The parts joined by a left-associative operator, with random space."""
    level = _LEVELS.get(operator, RELATION)
    space = "" if operator != "in" and random.random() < 0.1 else random.choice(" " * 9 + "\f")
    between = f"{space}{operator}{space}"
    texts = [wrapped(random, part, level + (n > 0)) for n, part in enumerate(parts)]
    return made(
        between.join(tocsin for tocsin, _ in texts),
        between.join(cel for _, cel in texts),
        parts,
        level=level,
    )


def method(
    random: Random,
    name: str,
    receiver: Expression,
    *arguments: Expression,
    without: str | None = None,
) -> Expression:
    tocsin, cel = wrapped(random, receiver, MEMBER)
    return made(
        f"{tocsin}.{name}({', '.join(a.tocsin for a in arguments)})",
        f"{cel}.{name}({', '.join(a.cel for a in arguments)})",
        (receiver, *arguments),
        without=without,
    )


def negated(random: Random, sign: str, part: Expression, without: str | None = None) -> Expression:
    tocsin, cel = wrapped(random, part, UNARY)
    return made(sign + tocsin, sign + cel, (part,), level=UNARY, without=without)


def choice(random: Random, test: Expression, then: Expression, otherwise: Expression) -> Expression:
    """`test ? then : otherwise`, right-associative."""
    texts = (
        wrapped(random, test, OR),
        wrapped(random, then, OR),
        wrapped(random, otherwise, TERNARY),
    )
    tocsin, cel = ("{} ? {} : {}".format(*(text[n] for text in texts)) for n in (0, 1))
    return made(tocsin, cel, (test, then, otherwise), level=TERNARY)


def extreme(random: Random, one: Expression, other: Expression) -> Expression:
    """math.greatest or math.least; plain CEL writes them as a comparison."""
    name, sign = random.choice((("greatest", ">="), ("least", "<=")))
    if one.reads and random.random() < 0.15:
        return made(f"math.{name}({one.tocsin})", f"({one.cel})", (one,))
    cel = f"(({one.cel}) {sign} ({other.cel}) ? ({one.cel}) : ({other.cel}))"
    return made(f"math.{name}({one.tocsin}, {other.tocsin})", cel, (one, other))


def listed(*items: Expression) -> Expression:
    tocsin = f"[{', '.join(item.tocsin for item in items)}]"
    return made(tocsin, f"[{', '.join(item.cel for item in items)}]", items)


def as_double(part: Expression) -> Expression:
    """An integer in place of a number: Tocsin promotes it, CEL needs double()."""
    return made(part.tocsin, f"double({part.cel})", (part,), level=part.level)


def finite(part: Expression) -> Expression:
    """A number that is unknown if it is not finite; the oracles get a function for that."""
    return made(
        part.tocsin,
        f"finite({part.cel})",
        (part,),
        level=part.level,
        traits=frozenset(["fails"]),
    )


def with_traits(part: Expression, *traits: str) -> Expression:
    return made(part.tocsin, part.cel, (part,), level=part.level, traits=frozenset(traits))


def failing(part: Expression) -> Expression:
    return with_traits(part, "fails")
