"""Random expressions of every type except conditions: integers, numbers, texts, moments, durations, lists."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from tests.oracles import texts, vocabulary
from tests.oracles.texts import CEL_PYTHON, COMMON, Expression, joined, literal, made

_ENUMS = (("e.a", ("mild", "grave", "dire")), ("e.b", ("grave", "mild", "none")))


class Values:
    """`depth` limits nesting. `constant` is the probability of a literal instead of an expression."""

    names = tuple(
        line.split(":")[0].strip() for line in vocabulary.FACTS.splitlines() if "type:" in line
    )
    enums = _ENUMS
    words = vocabulary.TEXTS

    def __init__(self, random: Random) -> None:
        self.random = random
        self.text_variables: list[str] = []
        self.integer_variables: list[str] = []

    def fact(self, name: str) -> Expression:
        traits = frozenset(["huge"] if name == "n.huge" else [])
        return Expression(name, name, reads=frozenset([name]), traits=traits)

    def quoted(self, text: str) -> Expression:
        written = vocabulary.quoted(self.random, text)
        return literal(written, without=CEL_PYTHON if r"\X" in written else None)

    def integer_literal(self) -> Expression:
        random = self.random
        if random.random() < 0.05:
            return literal(str(random.choice(vocabulary.HUGE)), "huge")
        value = random.choice(vocabulary.INTEGERS)
        return literal(hex(value) if random.random() < 0.1 and value >= 0 else str(value))

    def integer(self, depth: int, constant: float = 0.0) -> Expression:
        random = self.random
        if random.random() < constant:
            return self.integer_literal()
        if depth <= 0 or random.random() < 0.35:
            return self._integer_leaf()
        match random.randrange(8):
            case 0 | 1 | 2 | 3:
                return self._integer_arithmetic(depth)
            case 4:
                return texts.choice(
                    random, self.test(), self.integer(depth - 1), self.integer(0, 0.5)
                )
            case 5:
                part = self.integer(depth - 1)
                without = COMMON if "huge" in part.traits else None
                return texts.failing(texts.negated(random, "-", part, without))
            case 6:
                return texts.extreme(random, self.integer(depth - 1), self.integer(0, 0.5))
        return self._size(depth)

    def _integer_leaf(self) -> Expression:
        if self.integer_variables and self.random.random() < 0.5:
            name = self.random.choice(self.integer_variables)
            return Expression(name, name)
        return self.fact(self.random.choice(("n.a", "n.a", "n.b", "n.b", "n.huge")))

    def _integer_arithmetic(self, depth: int) -> Expression:
        operator = self.random.choice("+-*/%")
        left, right = self.integer(depth - 1), self.integer(depth - 1, 0.5)
        while operator in "/%" and right.tocsin in ("0", "0x0"):
            right = self.integer(depth - 1, 0.5)
        whole = texts.failing(joined(self.random, operator, left, right))
        without = COMMON if operator == "%" and "huge" in whole.traits else None
        return made(whole.tocsin, whole.cel, (whole,), level=whole.level, without=without)

    def _size(self, depth: int) -> Expression:
        random = self.random
        textual = random.random() < 0.5
        part = (
            self.text(depth - 1) if textual else random.choice((self.integers, self.text_list))(0)
        )
        without = COMMON if textual else None
        if random.random() < 0.5:
            return texts.method(random, "size", part, without=without)
        return made(f"size({part.tocsin})", f"size({part.cel})", (part,), without=without)

    def number_literal(self) -> Expression:
        random = self.random
        pool = vocabulary.LARGE if random.random() < 0.05 else vocabulary.NUMBERS
        return literal(repr(random.choice(pool)))

    def number(self, depth: int, constant: float = 0.0) -> Expression:
        random = self.random
        if random.random() < constant:
            return self.number_literal()
        if depth <= 0 or random.random() < 0.3:
            return self.fact(random.choice(("q.a", "q.b")))
        match random.randrange(7):
            case 0 | 1 | 2:
                return self._number_arithmetic(depth)
            case 3:
                parts = [self.number(depth - 1), texts.as_double(self.integer(0, 0.3))]
                return texts.choice(random, self.test(), *random.sample(parts, 2))
            case 4:
                return texts.negated(random, "-", self.number(depth - 1))
            case 5:
                return self._root_or_extreme(depth)
        return self._elapsed()

    def _root_or_extreme(self, depth: int) -> Expression:
        """An integer among doubles is promoted; the oracles get a function for the root."""
        random = self.random
        part = self.number(depth - 1)
        if random.random() < 0.5:
            root = made(f"math.sqrt({part.tocsin})", f"root({part.cel})", (part,))
            return texts.failing(root)
        other = texts.as_double(self.integer(0, 0.3))
        return texts.extreme(random, *random.sample([part, other], 2))

    def _number_arithmetic(self, depth: int) -> Expression:
        random = self.random
        operator = random.choice("+-*/")
        left, right = self.number(depth - 1), self.number(depth - 1, 0.5)
        if random.random() < 0.3:
            right = texts.as_double(self.integer(0, 0.4))
        while operator == "/" and right.tocsin in ("0", "0x0", "0.0"):
            right = self.number(depth - 1, 0.5)
        if operator not in "/" and random.random() < 0.3:
            left, right = right, left
        return texts.finite(joined(random, operator, left, right))

    def _elapsed(self) -> Expression:
        """hours(d) or days(d). CEL counts whole seconds, so fractions of a second are not used here."""
        name, seconds = self.random.choice((("hours", 3600), ("days", 86400)))
        part = self.span(1)
        _, inside = texts.wrapped(self.random, part, texts.MEMBER)
        cel = f"(double({inside}.getSeconds()) / {seconds}.0)"
        without = CEL_PYTHON if "difference" in part.traits else None
        return made(f"{name}({part.tocsin})", cel, (part,), without=without)

    def text(self, depth: int, constant: float = 0.0) -> Expression:
        random = self.random
        if random.random() < constant:
            return self.quoted(random.choice(self.words))
        if self.text_variables and random.random() < 0.4:
            name = random.choice(self.text_variables)
            return Expression(name, name)
        if depth <= 0 or random.random() < 0.6:
            return self.fact(random.choice(("s.a", "s.b")))
        if random.random() < 0.3:
            return texts.choice(random, self.test(), self.text(0), self.text(0, 0.5))
        parts = [self.text(depth - 1), self.text(0, 0.7)]
        return texts.with_traits(joined(random, "+", *random.sample(parts, 2)), "joined")

    def moment(self, depth: int, constant: float = 0.0) -> Expression:
        random = self.random
        if random.random() < constant:
            pool = vocabulary.EDGES if random.random() < 0.04 else vocabulary.MOMENTS
            return literal(vocabulary.timestamp(random, random.choice(pool)))
        if depth <= 0 or random.random() < 0.4:
            name = random.choice(("t.a", "t.a", "t.b", "t.b", "as_of"))
            return Expression(name, name) if name == "as_of" else self.fact(name)
        if random.random() < 0.2:
            return texts.choice(random, self.test(), self.moment(0), self.moment(0, 0.5))
        if random.random() < 0.15:
            sum_ = joined(random, "+", self.span(0, 0.7), self.moment(0))
            return texts.failing(
                made(sum_.tocsin, sum_.cel, (sum_,), level=texts.SUM, without=COMMON)
            )
        operator = random.choice("+-")
        return texts.failing(joined(random, operator, self.moment(depth - 1), self.span(0, 0.7)))

    def span(self, depth: int, constant: float = 0.0) -> Expression:
        """A duration of whole seconds."""
        random = self.random
        if random.random() < constant:
            seconds = random.choice(vocabulary.SECONDS) * random.choice((1, 1, 2))
            if seconds == 0 and random.random() < 0.5:
                return literal('duration("0")', without=CEL_PYTHON)
            return literal(vocabulary.duration(random, timedelta(seconds=seconds)))
        if depth <= 0 or random.random() < 0.35:
            return self.fact("d.a")
        if random.random() < 0.5:
            return texts.failing(joined(random, "-", self.moment(depth - 1), self.moment(0, 0.2)))
        if random.random() < 0.2:
            return texts.choice(random, self.test(), self.span(0), self.span(0, 0.5))
        operator = random.choice("+-")
        whole = joined(random, operator, self.span(depth - 1), self.span(0, 0.5))
        return texts.with_traits(whole, "fails", *(["difference"] if operator == "-" else []))

    def exact_span(self) -> Expression:
        random = self.random
        if random.random() < 0.4:
            return self.fact("d.exact")
        return texts.failing(joined(random, "-", self.fact("t.exact"), self.moment(0, 0.2)))

    def exact_literal(self) -> Expression:
        text = self.random.choice(("1.5s", "1500ms", "0.000001s", "-1us", "3600.000001s", "1h0.5s"))
        return literal(f'duration("{text}")')

    def integers(self, depth: int) -> Expression:
        """A list of integers."""
        if depth > 0 and self.random.random() < 0.1:
            return self._empty_or(self.fact("l.int"))
        if depth > 0 and self.random.random() < 0.3:
            items = (self.integer(0, 0.6) for _ in range(self.random.randint(1, 3)))
            return joined(self.random, "+", self.fact("l.int"), texts.listed(*items))
        return self.fact("l.int")

    def _empty_or(self, fact: Expression) -> Expression:
        """The fact or an empty list. It always reads a fact: a constant condition is refused."""
        lists = [literal("[]"), literal("[]"), fact, fact]
        return texts.choice(self.random, self.test(), *self.random.sample(lists, 2))

    def text_list(self, depth: int) -> Expression:
        fact = self.fact(self.random.choice(("l.text", "l.more")))
        if depth > 0 and self.random.random() < 0.1:
            return self._empty_or(fact)
        if depth > 0 and self.random.random() < 0.3:
            return joined(self.random, "+", fact, texts.listed(self.text(0), self.text(0, 0.6)))
        return fact

    def test(self) -> Expression:
        """A small condition for the test of `? :`."""
        return self.fact(self.random.choice(("b.a", "b.b")))
