"""Reads constants.yaml, and puts the values of constants and lists in place of their names in the other files of a pack.

Conditions keep the names: the type check makes literals of them (`conditions.scope`). So the engine knows no constants.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from schemas.closest import did_you_mean
from schemas.file_fields import ANY_LANGUAGE, LANGUAGE, in_language, units_of_many
from schemas.types import INTEGER, NUMBER, STRING, Type, list_of
from schemas.vocabulary import Fact, Text
from service.language.collector import BoundValue
from service.language.files.read_file import LoadedFile
from service.language.files.source import Source
from service.language.files.values import WrongValueError, read_value
from service.language.model import CONSTANT_NAME, GROUPS, Constant, Constants
from service.language.place import Path, Place
from service.language.problem import Problem
from service.language.texts.figures import default_say, number_in_words, span_in_words

ITEMS: Mapping[str, Type] = {"string": STRING, "integer": INTEGER, "number": NUMBER}
IN_A_TEXT = re.compile(r"\{(" + CONSTANT_NAME.pattern + r")\}")
BETWEEN = {"zh": "、", "ja": "、"}

ValueTexts = Callable[[str], Mapping[str, Text]]
"""The texts of a fact's values, by the name of the fact: facts.yaml is read after the constants."""


def read_constants(file: LoadedFile, texts_of: ValueTexts) -> dict[str, Constant]:
    """The constants and lists of one file that have no mistake. Whether a list fits its fact is checked later."""
    found = [
        *_each(file.data.get("constants", {}), "constants", file.here, _constant),
        *_each(
            file.data.get("lists", {}),
            "lists",
            file.here,
            lambda name, entry, here: _list(name, entry, texts_of, here),
        ),
    ]
    return {one.name: one for one in found}


def _each(
    entries: Mapping[str, Any],
    group: str,
    here: BoundValue,
    read: Callable[[str, Mapping[str, Any], BoundValue], Constant | None],
) -> Iterator[Constant]:
    for name, entry in entries.items():
        one = read(f"{group}.{name}", entry, here.at(group, name))
        if one is not None:
            yield one


def _constant(name: str, entry: Mapping[str, Any], here: BoundValue) -> Constant | None:
    type_ = Type(entry["type"])
    try:
        value = read_value(entry["value"], type_)
    except WrongValueError as error:
        here.at("value").error("wrong-type", f"'value' must be {error}")
        return None
    return _made(name, type_, value, entry["value"], entry, here)


def _list(
    name: str, entry: Mapping[str, Any], texts_of: ValueTexts, here: BoundValue
) -> Constant | None:
    item = ITEMS.get(entry["of"], STRING)
    values = []
    for position, raw in enumerate(entry["values"]):
        try:
            values.append(read_value(raw, item))
        except WrongValueError as error:
            here.at("values", position).error("wrong-type", f"each value must be {error}")
            return None
    if not values:
        here.at("values").error("empty-list", "a list needs a value", "name the values: [a, b]")
        return None
    made = _made(name, list_of(item), tuple(values), entry["values"], entry, here)
    if entry["of"] in ITEMS:
        return made
    return replace(made, of=entry["of"], value_texts=texts_of(entry["of"]))


def texts_of_values(facts: Source | None, name: str) -> Mapping[str, Text]:
    """The texts of a fact's values in facts.yaml."""
    values = facts.written(("facts", name, "values")) if facts else None
    entries = values.items() if isinstance(values, dict) else ()
    texts = {code: entry.get("text") for code, entry in entries if isinstance(entry, dict)}
    return {
        code: text if isinstance(text, dict) else {ANY_LANGUAGE: str(text)}
        for code, text in texts.items()
        if text
    }


def _made(
    name: str, type_: Type, value: Any, written: Any, entry: Mapping[str, Any], here: BoundValue
) -> Constant:
    return Constant(
        name=name,
        type=type_,
        value=value,
        written=written,
        text=entry["text"],
        unit=units_of_many(entry.get("unit", {})),
        help=entry.get("help", {}),
        source=entry.get("source", {}),
        place=here.key.place,
    )


def names_written(file: LoadedFile) -> set[str]:
    """The names that a file declares, also where it has another form than a file of constants."""
    keys = ((group, file.source.keys_written((group,)) or ()) for group in GROUPS)
    return {f"{group}.{name}" for group, names in keys for name in names}


def check_lists(constants: Constants, facts: Mapping[str, Fact], here: BoundValue) -> None:
    """Report each list that names no fact with values, and each of its values that this fact does not have."""
    for constant in constants.by_name.values():
        if constant.of is None:
            continue
        at = here.at(*constant.name.split("."))
        type_ = facts[constant.of].type if constant.of in facts else STRING
        codes = (type_.item or type_).values
        if not codes:
            with_values = [
                name for name, fact in facts.items() if (fact.type.item or fact.type).values
            ]
            hint = did_you_mean(constant.of, [*ITEMS, *with_values])
            message = f"'{constant.of}' is neither string, integer, number nor a fact with values"
            at.at("of").error("list-of", message, hint)
            constants.wrong.add(constant.name)
            continue
        for position, code in enumerate(constant.value):
            if code not in codes:
                message = f"'{code}' is not a value of '{constant.of}'"
                at.at("values", position).error("unknown-value", message, did_you_mean(code, codes))
                constants.wrong.add(constant.name)


def folded(source: Source, constants: Constants, here: BoundValue) -> Any:
    """The data of a file with values in place of names. Each name that is no constant is reported."""
    if not any(f"{group}." in source.text for group in GROUPS):
        return source.data

    return _folded(source.data, (), constants, here)


def _folded(data: Any, path: Path, constants: Constants, here: BoundValue) -> Any:
    if isinstance(data, Mapping):
        return {key: _folded(value, (*path, key), constants, here) for key, value in data.items()}
    if isinstance(data, list):
        return [
            _folded(value, (*path, position), constants, here)
            for position, value in enumerate(data)
        ]
    if not isinstance(data, str) or "s." not in data:
        return data
    if CONSTANT_NAME.fullmatch(data):
        return _value(data, constants, here.at(*path))
    return IN_A_TEXT.sub(lambda found: _words(found, path, constants, here), data)


def _value(name: str, constants: Constants, here: BoundValue) -> Any:
    found = constants.used(name, here.place)
    if found is not None:
        return found.written
    here.error("unknown-constant", *unknown_constant(name, constants))
    return name


def unknown_constant(name: str, constants: Constants) -> tuple[str, str]:
    """The message and the hint."""
    hint = did_you_mean(name, constants.by_name)
    return f"'{name}' is not in the pack's constants.yaml", hint


def _words(found: re.Match[str], path: Path, constants: Constants, here: BoundValue) -> str:
    at = here.at(*path).value.inside(*found.span())
    constant = constants.used(found[1], at.place)
    if constant is None:
        at.error("unknown-constant", *unknown_constant(found[1], constants))
        return ""
    last = str(path[-1]) if path else ""
    return in_words(constant, last if LANGUAGE.fullmatch(last) else ANY_LANGUAGE)


def in_words(constant: Constant, language: str) -> str:
    """The value as a text of this language has it."""
    if not constant.is_list:
        return _one(constant.value, constant.written, language)
    said = [
        in_language(constant.value_texts.get(value, {}), language, _one(value, value, language))
        for value in constant.value
    ]
    return BETWEEN.get(language.partition("-")[0], ", ").join(said)


def _one(value: Any, written: Any, language: str) -> str:
    say = default_say(language)
    if isinstance(value, int | float):
        return number_in_words(value, say, exact=True)
    return span_in_words(value, say) if isinstance(value, timedelta) else str(written)


def unused(constants: Constants, elsewhere: Iterable[bytes]) -> list[Constant]:
    """The constants that nothing uses, also not the bytes of files that are not read."""
    used = {use.name for use in constants.uses}
    left = [one for one in constants.by_name.values() if one.name not in used]
    texts = list(elsewhere) if left else []
    return [one for one in left if not any(one.name.encode() in text for text in texts)]


def with_uses(constants: Constants) -> tuple[Constant, ...]:
    """All constants, each with the places where it is used, in the order of files and lines."""
    places: dict[str, list[Place]] = {name: [] for name in constants.by_name}
    for use in constants.uses:
        places[use.name].append(use.place)
    return tuple(
        replace(one, used_at=tuple(sorted(set(places[name]), key=_in_order)))
        for name, one in constants.by_name.items()
    )


def _in_order(place: Place) -> tuple[str, int, int]:
    return place.file, place.line, place.column


def both_places(problems: Sequence[Problem], constants: Constants) -> list[Problem]:
    """The problems. The hint of one at a name of a constant also has its value, and where it is declared.

    Of a name that is no constant nothing else is told: what stands in its place is no value. Nothing at all is told where
    one is used whose declaration has a mistake.
    """
    unknown = {_at(one) for one in problems if one.code == "unknown-constant"}
    follows = {
        (one.place.file, one.place.line, one.place.column)
        for one in constants.unknown
        if constants.is_wrong(one.name)
    }
    problems = [
        one
        for one in problems
        if _at(one) not in (follows if one.code == "unknown-constant" else unknown)
    ]
    uses: dict[tuple[str, int], list[tuple[Place, Constant]]] = {}
    for name, place in sorted(constants.uses, key=lambda use: (use.name, _in_order(use.place))):
        uses.setdefault((place.file, place.line), []).append((place, constants.by_name[name]))
    found = [(problem, uses.get((problem.file, problem.line), ())) for problem in problems]
    return [
        _told(problem, used) for problem, used in found if not _follows(problem, used, constants)
    ]


def _follows(
    problem: Problem, used: Sequence[tuple[Place, Constant]], constants: Constants
) -> bool:
    """Whether it only says again that a list has a value that its fact lacks."""
    return problem.code == "unknown-value" and any(
        one.name in constants.wrong and _overlaps(problem, place) for place, one in used
    )


def _at(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column


def _told(problem: Problem, uses: Sequence[tuple[Place, Constant]]) -> Problem:
    said = dict.fromkeys(_declared(one) for place, one in uses if _overlaps(problem, place))
    if not said:
        return problem
    return replace(problem, hint="; ".join(filter(None, [problem.hint, *said])))


def _overlaps(problem: Problem, place: Place) -> bool:
    first, last = problem.column, problem.column + problem.length
    return first < place.column + place.length and place.column < last


def _declared(constant: Constant) -> str:
    written = constant.written
    words = ", ".join(map(str, written)) if isinstance(written, list) else str(written)
    place = constant.place
    return f"{constant.name} is {words[:100]}: {place.file}:{place.line}:{place.column}"
