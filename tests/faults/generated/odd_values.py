"""Draws unusual values for packs: texts, names, numbers, moments, conditions, and values that fit a declared type."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from schemas.scalars import INT64_MAX, INT64_MIN
from tests.faults.generated.declared_names import Declared, codes

Draw = random.Random
Entry = Mapping[str, Any]

TEXTS = [
    "x", " x ", "危机", "危" * 2000, "x" * 4096, "a b\nc", "# x", "- x", "1. x", "> x", "|", "a | b", "*x* _y_ `z`", "\\",
    "<b>x</b>", "<img src=x onerror=y>", "&amp; &lt;", "[x](http://a.example)", "http://a.example", "~~x~~", "---", "===",
    "<!-- x", "```", "\u202eabc", "e\u0301", "\U0001f600", "\u200b", "\u3000", "\ufeffx", "{", "}", "{}", "{{x}}", "{0}",
    "%s", "$x", "null", "true", "0", "1e3", "\u0085x", "a\tb", "'", '"', "a:b", "a: b", "a #b", "!x", "&x", "*", "@", "?", "‘’",
]  # fmt: skip
NAMES = ["a", "a" * 150, "a_1", "a__", "a1b2", "of", "min", "sum", "e", "x" * 30]
"""Names in lower case that the schemas allow."""
INTEGERS = [0, 1, -1, 2, 3, 7, 100, 10**6, 2**53 + 1, INT64_MAX, -INT64_MAX, INT64_MIN]
NUMBERS = [0.1, 0.7, -0.0, 1.5, 1e-9, 5e-324, 1e15, 9e18, 1e308, -1e308, 1.7976931348623157e308]
"""Some are too large for keys that are limited to 64 bits."""
MOMENTS = [
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1899-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z",
    "2026-06-01T00:00:00Z", "2026-05-31T20:00:00-12:00", "2026-06-01T08:00:00+14:00", "2027-02-03T04:05:06.789Z",
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999-12:00",
]  # fmt: skip
DAYS = ["0001-01-01", "1900-01-01", "2026-05-31", "2026-06-01", "2026-06-02", "9999-12-31"]
SPANS = ["0s", "1ns", "1us", "1ms", "1s", "90m", "4h", "1d", "1h30m0.5s", "36500d", "87600000h", "3652500d"]  # fmt: skip
DURATIONS = [*(span for span in SPANS if "d" not in span), "-4h", "-1us", "-315576000000s"]
ZONES = [
    "UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12", "Africa/Monrovia", "Europe/Dublin",
    "Australia/Lord_Howe", "Asia/Kathmandu",
]  # fmt: skip
LANGUAGES = ["en", "zh", "fr", "de", "zh-Hans-CN", "tlh", "ar", "ja"]
GENERIC: list[Any] = [
    None, True, False, 0, -1, 2**63, 10**400, 0.5, 1e308, float("inf"), "", " ", "x", "always", [], {}, [[]], [None],
    ["x"], ["x", "x"], {"x": "y"}, {"": ""}, {"en": "x"}, [{}], "\x07", "\x00", [[["x"]]],
]  # fmt: skip
"""Values of any kind, most of them wrong at most places."""
Way = Literal["drawn", "none", "one", "twice", "any"]
COMPARE = ("==", "!=", "<", "<=", ">", ">=")


def fitting(draw: Draw, entry: Entry) -> Any:
    """A value of the type that the entry of a fact or an output declares, often at an end of what the entry allows."""
    kind, of = entry.get("type"), entry.get("of")
    if kind == "list":
        size = draw.choice([0, 1, 1, 2, 3, 40])
        items = [fitting(draw, {**entry, "type": of, "of": None}) for _ in range(size)]
        return [*items, *items[:1]] if draw.random() < 0.3 else items
    low, high = entry.get("min"), entry.get("max")
    ends = [end for end in (low, high) if isinstance(end, int | float)]
    match kind:
        case "integer":
            return draw.choice([*INTEGERS, *(int(end) for end in ends), *ends, *ends])
        case "number":
            return draw.choice([*NUMBERS, *INTEGERS, *ends, *ends, *ends, *ends])
        case "boolean":
            return draw.random() < 0.5
        case "enum":
            return draw.choice(codes(entry) or ["x"])
        case "datetime":
            return draw.choice(MOMENTS)
        case "duration":
            return draw.choice(DURATIONS)
    return draw.choice(TEXTS)


def form_of(draw: Draw, now: Any, way: Way) -> Any:
    """The value now without elements, with one of them, or with each of them twice. A single value becomes a list."""
    items = now if isinstance(now, list) else [now]
    if isinstance(now, dict):
        return {key: now[key] for key in list(now)[: 0 if way == "none" else 1]}
    match way:
        case "none":
            return "" if isinstance(now, str) and draw.random() < 0.3 else []
        case "one":
            return items[:1]
    return [*items, *items]


def text(draw: Draw, declared: Declared) -> Any:
    """A text for all languages, or one for each language of the pack, sometimes with the values of facts and outputs."""
    if draw.random() < 0.2:
        return _one_text(draw, declared)
    languages = list(declared.languages)
    if draw.random() < 0.15:
        languages = draw.choice([languages[:1], [*languages, "tlh"]])
    return {language: _one_text(draw, declared) for language in languages}


def _one_text(draw: Draw, declared: Declared) -> str:
    found: str = draw.choice(TEXTS)
    names = [*declared.all_facts, *declared.outputs, "as_of"]
    if draw.random() < 0.4:
        found = f"{found} {{{draw.choice(names)}}}" * draw.choice([1, 1, 2, 30])
    return found


def condition(draw: Draw, declared: Declared) -> Any:
    """A condition on facts and outputs, as text or as a tree."""
    form = draw.random()
    if form < 0.5:
        return atom(draw, declared)
    if form < 0.6:
        return "always"
    if form < 0.8:
        sign = draw.choice([" && ", " || "])
        return sign.join(atom(draw, declared) for _ in range(draw.choice([2, 3, 20])))
    one = condition(draw, declared)
    if form < 0.9:
        return {"not": one} if one != "always" else one
    parts = draw.choice([[one], [one, one], [one, atom(draw, declared)], [one] * 30, []])
    return {draw.choice(["all", "any"]): parts}


def atom(draw: Draw, declared: Declared) -> str:
    if declared.outputs and draw.random() < 0.25:
        name = draw.choice(list(declared.outputs))
        return _output_atom(draw, name, declared.outputs[name])
    name, entry = draw.choice(list(declared.all_facts.items()) or [("a.b", {})])
    if draw.random() < 0.1:
        return f"has({name})"
    return _fact_atom(draw, name, entry)


def _fact_atom(draw: Draw, name: str, entry: Entry) -> str:
    sign = draw.choice(COMPARE)
    match entry.get("type"):
        case "boolean":
            return draw.choice([name, f"!{name}"])
        case "integer":
            more = draw.choice(["", "", " + 1", " * 2", " / 3", " % 2", f" - {name}"])
            return f"{name}{more} {sign} {draw.choice(INTEGERS[:-1])}"
        case "number":
            more = draw.choice(["", "", " + 0.1", " * 2.0", " / 3.0", f" - {name}"])
            return f"{name}{more} {sign} {draw.choice(NUMBERS)!r}"
        case "datetime":
            moment = draw.choice(["as_of", f'timestamp("{draw.choice(MOMENTS)}")'])
            return draw.choice(
                [f"{name} {sign} {moment}", f'{moment} - {name} {sign} duration("4h")']
            )
        case "duration":
            return f'{name} {sign} duration("{draw.choice(DURATIONS)}")'
        case "enum":
            code = draw.choice(codes(entry) or ["x"])
            forms = [f'{name} == "{code}"', f'at_least({name}, "{code}")']
            return draw.choice([*forms, f'{name} in ["{code}", "{code}"]'])
        case "list":
            forms = [f"size({name}) {sign} 1", f"{name}.exists(x, x == x)", f"{name}.all(x, !(x == x))"]  # fmt: skip
            if entry.get("of") in ("enum", "string"):
                forms.append(f'"{draw.choice(codes(entry) or ["x"])}" in {name}')
            return draw.choice(forms)
    return draw.choice([f'{name} == "x"', f'{name}.contains("x")', f'{name}.matches("^x+$")'])


def _output_atom(draw: Draw, name: str, entry: Entry) -> str:
    sign = draw.choice(COMPARE)
    if entry.get("hit") == "collect":
        return f"size({name}) {sign} 1"
    match entry.get("type"):
        case "boolean":
            return name
        case "integer":
            return f"{name} {sign} {draw.choice(INTEGERS[:-1])}"
        case "number":
            return f"{name} {sign} {draw.choice(NUMBERS)!r}"
        case "enum":
            code = draw.choice(codes(entry) or ["x"])
            return draw.choice([f'at_least({name}, "{code}")', f'{name} == "{code}"'])
    return f'{name} == "x"'


def some(draw: Draw, names: Sequence[Any], *, empty: bool = True) -> list[Any]:
    """Some of the names: none, one, one of them twice, or all."""
    if not names:
        return []
    one = draw.choice(names)
    lists = [[one], [one, one], list(names), draw.sample(names, draw.randint(1, len(names)))]
    return draw.choice([*lists, []] if empty else lists)
