"""Spells the facts of all handles straight from an environment. A slot of few values has a table of texts.

It spells as `NetworkDefinition` does from values by name. It must not call the C library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from service.engine.expressions.layout import Environment, Evaluate
from service.engine.rete.branches import BooleanSpelling, NetworkDefinition, NumberSpelling
from service.engine.rete.spelling import BEYOND, spell, spell_fact
from service.engine.rete.translate import BoxFields
from service.language.declared.open_values import Options


class _Numeric(NamedTuple):
    slot: int
    prefix: str


class _Tabled(NamedTuple):
    slot: int
    texts: Mapping[Any, str]


class _Computed(NamedTuple):
    evaluate: Evaluate
    texts: Mapping[Any, str]


class _OfOutput(dict[Any, str]):
    """The texts of a field by the value of its output. Of an open output it spells what all its values agree on."""

    def __missing__(self, value: Options) -> str:
        texts = {self[option] for option in value.values}
        return texts.pop() if len(texts) == 1 else ""


_Source = _Numeric | _Tabled | _Computed
_Told = frozenset[int | float] | None
"""The values of a field that a handle is told; None for all."""


@dataclass(frozen=True, slots=True)
class FieldTexts:
    """The fields, sorted by how they get their texts, and for each handle what picks the texts of its fields."""

    numbers: tuple[_Numeric, ...]
    tabled: tuple[_Tabled, ...]
    computed: tuple[_Computed, ...]
    pick: tuple[Callable[[Sequence[str]], Sequence[str]], ...]

    @classmethod
    def of(cls, fields: BoxFields, definition: NetworkDefinition) -> FieldTexts:
        """A handle that only asks whether a field is equal to some constants is not told another value: no test of it holds."""
        spellings: list[NumberSpelling | BooleanSpelling] = [*definition.numbers]
        spellings += definition.booleans
        wanted = [
            [
                (place, _told(spellings[place], handle.equal_to.get(place), fields))
                for place in handle.reads
            ]
            for handle in definition.handles
        ]
        sources = {
            (place, told): _source(spellings[place], told, fields)
            for own in wanted
            for place, told in own
        }
        keys = sorted(sources, key=lambda key: _ORDER[type(sources[key])])
        place_of = {key: place for place, key in enumerate(keys)}
        found = [sources[key] for key in keys]
        return cls(
            tuple(one for one in found if isinstance(one, _Numeric)),
            tuple(one for one in found if isinstance(one, _Tabled)),
            tuple(one for one in found if isinstance(one, _Computed)),
            tuple(_picking([place_of[key] for key in own]) for own in wanted),
        )

    def facts(self, environment: Environment) -> list[str]:
        """The JSON fact for each handle, "" for one that would be told nothing. Raises ValueError."""
        texts = [
            ""
            if (value := environment[slot]) is None
            else f"{prefix}{value}"
            if type(value) is int and -BEYOND < value < BEYOND
            else prefix + spell(value)
            for slot, prefix in self.numbers
        ]
        texts += [texts_of[environment[slot]] for slot, texts_of in self.tabled]
        texts += [texts_of[evaluate(environment)] for evaluate, texts_of in self.computed]
        joined = ["".join(pick(texts)) for pick in self.pick]
        return [spell_fact(fields) if fields else "" for fields in joined]


_ORDER = {_Numeric: 0, _Tabled: 1, _Computed: 2}


def _told(spelling: NumberSpelling | BooleanSpelling, told: _Told, fields: BoxFields) -> _Told:
    """A number that is spelled as it is, is told in any case: it has no table."""
    is_number = isinstance(spelling, NumberSpelling) and spelling.field in fields.plain
    return None if is_number else told


def _source(spelling: NumberSpelling | BooleanSpelling, told: _Told, fields: BoxFields) -> _Source:
    if isinstance(spelling, NumberSpelling):
        return _number(spelling, told, fields)
    return _boolean(spelling, told, fields)


def _number(spelling: NumberSpelling, told: _Told, fields: BoxFields) -> _Numeric | _Tabled:
    field, prefix = spelling
    if field in fields.plain:
        return _Numeric(fields.plain[field], prefix)
    slot, ordinal = fields.ordinals[field]
    texts = {
        code: f"{prefix}{rank}" if told is None or rank in told else ""
        for code, rank in ordinal.items()
    }
    return _Tabled(slot, {None: "", **texts})


def _boolean(spelling: BooleanSpelling, told: _Told, fields: BoxFields) -> _Tabled | _Computed:
    field, when_false, when_true = spelling
    texts = {
        None: "",
        False: when_false if told is None or 0 in told else "",
        True: when_true if told is None or 1 in told else "",
    }
    if field in fields.plain:
        return _Tabled(fields.plain[field], texts)
    if field not in fields.tables:
        return _Computed(fields.computed[field], texts)
    slot, truths = fields.tables[field]
    by_value = {value: texts[truth] for value, truth in truths.items()}
    return _Tabled(slot, _OfOutput({None: "", **by_value}))


def _picking(places: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    if len(places) > 1:
        return itemgetter(*places)
    return itemgetter(slice(places[0], places[0] + 1))
