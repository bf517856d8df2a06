"""Changes conditions in the text of a pack's file: seeded random changes of the language's own tokens."""

from __future__ import annotations

import random
import re

Draw = random.Random

_PLACE = re.compile(
    r"(?:when|value|not): (?P<one>.+?)(?=, then:|, text:|\n|$)|^ +- (?P<part>.+[<>=!(].*)$", re.M
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\w.]+|&&|\|\||[<>=!]=|\s+|\S')

OPERATORS = [
    "&&",
    "||",
    "!",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "+",
    "-",
    "*",
    "/",
    "%",
    "?",
    ":",
    ",",
    "=",
    "&",
]
BRACKETS = ["(", ")", "[", "]", "[]", "()", "{", "}"]
LITERALS = [
    "0", "1", "-1", "0.0", "1.5", "1e308", "1e999", "5e-324", "9223372036854775807", "9223372036854775808", "0xff",
    "1u", "true", "false", "null", '""', '"storm"', "'sea'", 'r"\\d"', '"\\u0000"', '"\\ud800"', '"危"', '"\\q"', '"x',
    'duration("4h")', 'duration("x")', 'duration("999999999999h")', 'timestamp("2026-01-01T00:00:00Z")',
    'timestamp("9999-12-31T23:59:59Z")', 'timestamp("0001-01-01T00:00:00Z")', 'timestamp("no")', "as_of",
    '[1, 2]', '["a", 1]', "[[1]]", "[]", "[[]]", '"""a"b"""', "r'''a'''", '"""', 'duration("0")', '"\\X41"', '"' + "y" * 3000 + '"',
]  # fmt: skip
NAMES = [
    "wind.speed", "wind.gusts", "wind.from", "ships.inside", "ships.flags", "ships.names", "ships.flagship",
    "gate.closed", "watch.started", "watch.shift", "wind.force", "watch.hours", "alert", "load", "crew", "provisional",
    "actions", "blocked", "wind", "previous.given", "previous.alert", "previous.as_of", "previous.actions", "previous.alert_since", "wind.spede", "harm.deaths", "media.tiers", "x", "f", "__class__", "a.b.c", "as_of",
]  # fmt: skip
CALLS = [
    "math.greatest({}, {})", "math.least({})", "math.sqrt({})", "size({})", "has({})", "hours({})", "days({})", 'at_least({}, "gale")', "duration({})", "timestamp({})", "nope({})",
    "{}.exists(f, f == {})", "{}.all(f, f != {})", '{}.matches("{}")', "{}.contains({})", "{}.startsWith({})",
    "{}.endsWith({})", "{}.size()", "-{}", "!({})", "({})", "{} ? {} : {}", "[{}, {}]", "{}[0]", "{}.{}", "{} in {}",
]  # fmt: skip
PATTERNS = [
    "(a+)+$", "(", "[", "\\\\1", "a{1000}", "(a{1000}){1000}", "(?=a)", "(?i)a", "\\\\pN", "\\\\C", "(" * 500, "a|" * 900,
    "((a{100}){100}){100}", "\\\\xff", "[[:alpha:]]", "", "危+", "(?P<n>a)", "x*" * 1000,
]  # fmt: skip


def damaged_condition(draw: Draw, text: str) -> str:
    """The text with one changed condition; the text unchanged if it has no condition."""
    found = list(_PLACE.finditer(text))
    if not found:
        return text
    match = draw.choice(found)
    group = "one" if match["one"] else "part"
    condition = match[group].strip("'")
    changed = changed_condition(draw, condition)
    if draw.random() < 0.7:  # quoted, so that YAML reads it as one string
        changed = "'" + changed.replace("'", "''").replace("\n", " ") + "'"
    return text[: match.start(group)] + changed + text[match.end(group) :]


def changed_condition(draw: Draw, condition: str) -> str:
    return _random(draw, 3) if draw.random() < 0.3 else _changed(draw, condition)


def _changed(draw: Draw, condition: str) -> str:
    tokens = _TOKEN.findall(condition) or [""]
    for _ in range(draw.choice([1, 1, 2, 4])):
        place = draw.randrange(len(tokens))
        match draw.randrange(6):
            case 0:
                del tokens[place]
            case 1:
                tokens.insert(place, tokens[draw.randrange(len(tokens))])
            case 2:
                other = draw.randrange(len(tokens))
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case 3:
                tokens.insert(place, _token(draw))
            case _:
                tokens[place] = _token(draw)
        tokens = tokens or [""]
    return "".join(tokens)


def _token(draw: Draw) -> str:
    return draw.choice(draw.choice([OPERATORS, BRACKETS, LITERALS, NAMES, NAMES]))


def _random(draw: Draw, depth: int) -> str:
    """A random condition, sometimes far too long or too deep."""
    if draw.random() < 0.05:
        return _boundless(draw)
    if depth == 0 or draw.random() < 0.2:
        return draw.choice(draw.choice([NAMES, NAMES, LITERALS]))
    if draw.random() < 0.5:
        operator = draw.choice(OPERATORS)
        return f"{_random(draw, depth - 1)} {operator} {_random(draw, depth - 1)}"
    call = draw.choice(CALLS)
    return re.sub(
        r'"\{\}"|\{\}',
        lambda hole: f'"{draw.choice(PATTERNS)}"' if hole[0] != "{}" else _random(draw, depth - 1),
        call,
    )


def _boundless(draw: Draw) -> str:
    times = draw.choice([10, 33, 200, 1000, 5000])
    name = draw.choice(NAMES)
    return draw.choice(
        [
            "!" * times + "gate.closed",
            "-" * times + "1 < wind.gusts",
            "(" * times + "gate.closed" + ")" * times,
            "[" * times + name + "]" * times,
            " && ".join(["gate.closed"] * times),
            " || ".join(f"wind.gusts == {n}" for n in range(times)),
            " + ".join(["wind.gusts"] * times) + " > 3",
            "gate.closed ? " * times + "true" + " : false" * times,
            "has(" * times + name + ")" * times,
            "wind.gusts in [" + ", ".join(map(str, range(times))) + "]",
            " == ".join(["gate.closed"] * times),
            "ships.names.exists(x, " * times + "true" + ")" * times,
        ]
    )
