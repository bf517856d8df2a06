"""Spells rules and facts for the C parser of durable_rules: names, numbers, JSON.

It must not write anything that C misreads: two names with one hash, 1e-05, a huge int.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import count, groupby
from operator import itemgetter

# C compares an int with a double exactly up to MAX_CONSTANT. BEYOND stands for every larger int.
MAX_CONSTANT = 2**53 - 2
BEYOND = MAX_CONSTANT + 1

# All facts have one id and no `sid`: a handle has one session and holds at most one fact.
_FACT = '{"id":"m"%s}'
RETRACT = _FACT % ""

# A rule's name has two characters. This cuts it out of a firing as C reports it: {"07":{"m":…
RULE_NAME = slice(2, 4)
WARM_RULE = "ww"
WARM_FIELD = "w"
# The fraction also proves that C reads a decimal point: atof depends on the locale of the process.
WARM_FACT = _FACT % f',"{WARM_FIELD}":1.5'
_WARM_BODY = f'{{"$ex":{{"{WARM_FIELD}":1}}}},{{"$gt":{{"{WARM_FIELD}":1.25}}}}'

# Names that C looks up by hash in facts or rules: it would mistake a field with such a hash for them.
RESERVED_NAMES = (
    f"{WARM_FIELD} id sid $s name all any pri count cap dist $forward $i $m $l $r $add $sub $mul"
    " $div $and $or $ex $nex $eq $neq $lt $lte $gt $gte $mt $imt $iall $iany"
).split()

_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


def fnv1a(name: str) -> int:
    """The 32-bit hash of a name. durable_rules compares names by this hash only."""
    value = 0x811C9DC5
    for byte in name.encode("ascii"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def field_names(number: int) -> list[str]:
    """Short field names. Their hashes differ from each other and from those of the reserved names."""
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
    """A number as C reads it: C refuses 1e-05, and a huge int overflows there.

    Raises ValueError for everything except an int or a finite float. A bool is refused too.
    """
    if type(number) is int:
        return str(max(-BEYOND, min(number, BEYOND)))
    if type(number) is not float or not math.isfinite(number):
        raise ValueError(f"not a number that C can compare: {number!r:.60}")
    text = repr(number)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def spell_fact(fields: str) -> str:
    """The JSON of a fact with these fields, each spelled `,"name":value`."""
    return _FACT % fields


def spell_body(tests: Iterable[tuple[str, str, int | float]]) -> str:
    """The body of a rule from its tests (name, operator, constant). `$ex` checks that a field exists before it is compared."""
    spelled = []
    for name, group in groupby(tests, key=itemgetter(0)):
        spelled.append(f'{{"$ex":{{"{name}":1}}}}')
        for _, operator, constant in group:
            pair = f'{{"{name}":{spell(constant)}}}'
            sign = _OPERATORS.get(operator)
            spelled.append(f'{{"{sign}":{pair}}}' if sign else pair)
    return ",".join(spelled)


def spell_rules(bodies: Mapping[str, str]) -> str:
    """The JSON of the rules by name and of the warm rule. Each rule is a condition on a single fact."""
    rules = {**bodies, WARM_RULE: _WARM_BODY}
    spelled = (f'"{rule}":{{"all":[{{"m":{{"$and":[{body}]}}}}]}}' for rule, body in rules.items())
    return "{" + ",".join(spelled) + "}"
