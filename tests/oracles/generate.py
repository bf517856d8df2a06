"""Random typed conditions over the vocabulary, in Tocsin's spelling and in plain CEL. A seed always gives the same conditions."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.oracles import texts
from tests.oracles.texts import CEL_PYTHON, COMMON, Expression, joined, literal, made, method
from tests.oracles.values import Values

_LATIN = (
    "a",
    "^a",
    "b$",
    "^(a|ab)$",
    "a.c",
    r"a\.c",
    "[a-c]{2,}",
    "(?i)AB",
    "",
    "危",
    "^公关",
    "😀$",
    "^..$",
    r"\p{Han}+",
    "^[^a]*$",
)
_CLASSES = (r"\d", r"^\w+$", r"\s", r"\ba")


class Conditions(Values):
    """`condition` makes one condition. `depth` limits how many connectives are nested above its atoms."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.atoms: tuple[Callable[[], Expression], ...] = (
            self._integers,
            self._numbers,
            self._numbers,
            self._promoted,
            self._texts,
            self._texts,
            self._enums,
            self._moments,
            self._durations,
            self._exact,
            self._searched,
            self._matched,
            self._members,
            self._members,
            self._lists,
            self._quantified,
            self._quantified,
            self._truths,
            self._known,
        )

    def condition(self, depth: int) -> Expression:
        random = self.random
        if depth <= 0 or random.random() < 0.25:
            return random.choice(self.atoms)()
        match random.randrange(8):
            case 0 | 1 | 2:
                return joined(random, "&&", *self._conditions(depth))
            case 3 | 4 | 5:
                return joined(random, "||", *self._conditions(depth))
            case 6:
                return texts.negated(random, "!", self.condition(depth - 1))
        return texts.choice(random, *(self.condition(depth - 1) for _ in range(3)))

    def _conditions(self, depth: int) -> list[Expression]:
        return [self.condition(depth - 1) for _ in range(self.random.choice((2, 2, 3)))]

    def _compared(self, left: Expression, right: Expression, operators: str) -> Expression:
        return joined(self.random, self.random.choice(operators.split()), left, right)

    def _ordered(self, left: Expression, right: Expression) -> Expression:
        return self._compared(left, right, "== != < <= > >=")

    def _integers(self) -> Expression:
        return self._ordered(self.integer(2), self.integer(1, constant=0.6))

    def _numbers(self) -> Expression:
        return self._ordered(self.number(2), self.number(1, constant=0.6))

    def _promoted(self) -> Expression:
        sides = [texts.as_double(self.integer(1)), self.number(1, constant=0.6)]
        self.random.shuffle(sides)
        return self._ordered(*sides)

    def _texts(self) -> Expression:
        return self._ordered(self.text(1), self.text(1, constant=0.6))

    def _enums(self) -> Expression:
        random = self.random
        name, values = random.choice(self.enums)
        subject, value = self.fact(name), random.choice(values)
        match random.randrange(4):
            case 0:
                return self._compared(subject, self.quoted(value), "== !=")
            case 1:
                return self._compared(
                    subject, self.fact(random.choice(("e.a", "e.b", "s.a"))), "== !="
                )
            case 2:
                return joined(
                    random, "in", subject, texts.listed(*map(self.quoted, random.sample(values, 2)))
                )
        no_lower = ", ".join(f'"{v}"' for v in values[: values.index(value) + 1])
        tocsin = f'at_least({name}, "{value}")'
        return made(tocsin, f"({name} in [{no_lower}])", (subject,))

    def _moments(self) -> Expression:
        return self._ordered(self.moment(1), self.moment(1, constant=0.5))

    def _durations(self) -> Expression:
        return self._ordered(self.span(1), self.span(1, constant=0.6))

    def _exact(self) -> Expression:
        """Fractions of a second: hours(d) < c is the same as d < c hours if c hours are exact."""
        random = self.random
        left = self.exact_span()
        if random.random() < 0.4:
            return self._ordered(left, self.exact_literal())
        halves = random.randint(-4, 4)
        operator = random.choice(["==", "!=", "<", "<=", ">", ">="])
        tocsin = f"hours({left.tocsin}) {operator} {halves / 2}"
        cel = f'{left.cel} {operator} duration("{halves * 1800}s")'
        return made(tocsin, cel, (left,), level=texts.RELATION)

    def _searched(self) -> Expression:
        name = self.random.choice(("contains", "startsWith", "endsWith"))
        subject = self.fact("e.a") if self.random.random() < 0.1 else self.text(1)
        without = CEL_PYTHON if name == "contains" and "joined" in subject.traits else None
        return method(self.random, name, subject, self.text(0, constant=0.8), without=without)

    def _matched(self) -> Expression:
        random = self.random
        unicode = random.random() < 0.2
        pattern = random.choice(_CLASSES if unicode else _LATIN)
        without = COMMON if unicode else None
        return method(random, "matches", self.text(1), literal(f'r"{pattern}"'), without=without)

    def _members(self) -> Expression:
        random = self.random
        match random.randrange(6):
            case 0:
                return joined(random, "in", self.integer(1), self.integers(1))
            case 1:
                return joined(random, "in", self.text(0), self.text_list(1))
            case 2:
                items = (self.integer(0, constant=0.8) for _ in range(random.randint(1, 4)))
                return joined(random, "in", self.integer(0), texts.listed(*items))
            case 3:
                return self._promoted_member()
            case 4:
                word = self.quoted(random.choice(self.words))
                return joined(random, "in", word, self.text_list(0))
        spans = (self.span(0, constant=0.7) for _ in range(2))
        return joined(random, "in", self.span(0), texts.listed(*spans))

    def _promoted_member(self) -> Expression:
        """Integers and doubles in one list: Tocsin promotes the integers."""
        random = self.random
        items = [self.number_literal(), texts.as_double(self.integer(0, constant=0.5))]
        random.shuffle(items)
        subject = texts.as_double(self.integer(0)) if random.random() < 0.5 else self.number(0)
        return joined(random, "in", subject, texts.listed(*items))

    def _lists(self) -> Expression:
        lists = self.integers if self.random.random() < 0.5 else self.text_list
        sides = [lists(1), literal("[]") if self.random.random() < 0.2 else lists(1)]
        self.random.shuffle(sides)
        return self._compared(sides[0], sides[1], "== !=")

    def _quantified(self) -> Expression:
        """`exists` or `all`, with one or two atoms about the element as its body."""
        random = self.random
        textual = random.random() < 0.5
        source = self.text_list(1) if textual else self.integers(1)
        name = f"x{len(self.text_variables) + len(self.integer_variables)}"
        variables = self.text_variables if textual else self.integer_variables
        variables.append(name)
        body = self._about(name, textual)
        if random.random() < 0.4:
            body = joined(random, random.choice(("&&", "||")), body, self.condition(0))
        variables.remove(name)
        kind = random.choice(("exists", "all"))
        result = method(
            random, kind, source, Expression(f"{name}, {body.tocsin}", f"{name}, {body.cel}")
        )
        return made(
            result.tocsin,
            result.cel,
            (source, body, Expression("", "", inner=body.reads)),
            without=COMMON if "fails" in body.traits else None,
        )

    def _about(self, name: str, textual: bool) -> Expression:
        variable = Expression(name, name)
        if not textual:
            return self._ordered(variable, self.integer(1, constant=0.6))
        if self.random.random() < 0.5:
            return self._ordered(variable, self.text(0, constant=0.7))
        return method(self.random, "contains", variable, self.text(0, constant=0.7))

    def _truths(self) -> Expression:
        random = self.random
        match random.randrange(4):
            case 0:
                return self.fact(random.choice(("b.a", "b.b")))
            case 1:
                return self._ordered(self.fact("b.a"), self.fact("b.b"))
            case 2:
                return self._ordered(self.fact("b.a"), literal(random.choice(("true", "false"))))
        return self._ordered(self._integers(), self.fact("b.b"))

    def _known(self) -> Expression:
        fact = self.fact(self.random.choice(self.names))
        return made(f"has({fact.tocsin})", f"has({fact.cel})", (fact,))
