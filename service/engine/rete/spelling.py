"""Spells rules and facts for durable_rules' C parser: names, numbers, JSON.

What C misreads (two names of one hash, 1e-05, a huge int) must not get past it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import count, groupby
from operator import itemgetter

# Up to here C compares an int with a double exactly. The next int stands for all that are larger.
MAX_CONSTANT = 2**53 - 2
BEYOND = MAX_CONSTANT + 1

# One id for every fact, and no `sid`: a handle has one session and holds at most one fact.
_FACT = '{"id":"m"%s}'
RETRACT = _FACT % ""

# Rules have names of two characters, to find them in what C reports of a firing: {"07":{"m":…
RULE_NAME = slice(2, 4)
WARM_RULE = "ww"
WARM_FIELD = "w"
# The fraction also proves that C reads a decimal point: atof obeys the locale of the process.
WARM_FACT = _FACT % f',"{WARM_FIELD}":1.5'
_WARM_BODY = f'{{"$ex":{{"{WARM_FIELD}":1}}}},{{"$gt":{{"{WARM_FIELD}":1.25}}}}'

# Names that C looks for by hash in facts or rules: a field of that hash would be taken for them.
RESERVED_NAMES = (
    f"{WARM_FIELD} id sid $s name all any pri count cap dist $forward $i $m $l $r $add $sub $mul"
    " $div $and $or $ex $nex $eq $neq $lt $lte $gt $gte $mt $imt $iall $iany"
).split()

_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


def fnv1a(name: str) -> int:
    """The 32-bit hash by which alone durable_rules tells names apart."""
    value = 0x811C9DC5
    for byte in name.encode("ascii"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def field_names(number: int) -> list[str]:
    """Short names of our own: no two have one hash, and none has that of a reserved name."""
    names: list[str] = []
    taken = {fnv1a(name) for name in RESERVED_NAMES}
    candidates = (f"f{n}" for n in count())
    while len(names) < number:
        name = next(candidates)
        if fnv1a(name) not in taken:
            taken.add(fnv1a(name))
            names.append(name)
    return names


def spell(number: object) -> str:
    """A number as C reads it: it refuses 1e-05 and wraps huge ints around. Raises ValueError."""
    if type(number) is int:
        return str(max(-BEYOND, min(number, BEYOND)))
    if type(number) is not float or not math.isfinite(number):
        raise ValueError(f"not a number that C can compare: {number!r:.60}")
    text = repr(number)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def spell_fact(fields: str) -> str:
    """The fact of these fields, each spelled `,"name":value`."""
    return _FACT % fields


def spell_body(tests: Iterable[tuple[str, str, int | float]]) -> str:
    """(name, operator, constant) each; a field is asked for (`$ex`) before it is compared."""
    spelled = []
    for name, group in groupby(tests, key=itemgetter(0)):
        spelled.append(f'{{"$ex":{{"{name}":1}}}}')
        for _, operator, constant in group:
            pair = f'{{"{name}":{spell(constant)}}}'
            sign = _OPERATORS.get(operator)
            spelled.append(f'{{"{sign}":{pair}}}' if sign else pair)
    return ",".join(spelled)


def spell_rules(bodies: Mapping[str, str]) -> str:
    """Rules by name, and the warm rule: each a condition on a single fact."""
    rules = {**bodies, WARM_RULE: _WARM_BODY}
    spelled = (f'"{rule}":{{"all":[{{"m":{{"$and":[{body}]}}}}]}}' for rule, body in rules.items())
    return "{" + ",".join(spelled) + "}"
