"""Translates decision tables of the DMN TCK into packs and compares what comes out. A table that a pack cannot say has a reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from service.language.load import load_pack
from tests.conformance.dmn_models import DecisionTable, TableTest, read_tests
from tests.conformance.outcome import Outcome, cannot, fails, passes
from tests.packs import PLAIN_ACTIONS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HITS = {
    ("UNIQUE", ""): "unique",
    ("ANY", ""): "any",
    ("PRIORITY", ""): "priority",
    ("FIRST", ""): "first",
    ("RULE ORDER", ""): "collect_all",
    ("COLLECT", ""): "collect_all",
    ("COLLECT", "SUM"): "sum",
    ("COLLECT", "MIN"): "min",
    ("COLLECT", "MAX"): "max",
    ("COLLECT", "COUNT"): "count",
}
TYPES = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "datetime",
    "date and time": "datetime",
    "dateTime": "datetime",
    "days and time duration": "duration",
    "dayTimeDuration": "duration",
}
FORMS = {
    "": "decision services, and models that are not there",
    "invocation": "business knowledge models, which are functions",
    "functionDefinition": "business knowledge models, which are functions",
}
DEFAULTS = {"number": 0.0, "string": "", "boolean": False}
"""An output needs a default. Where the table has none, DMN gives null if no rule fires: then the default is read as null."""


class CannotSayError(Exception):
    """The reason for which a pack cannot say a table."""


def outcomes(folder: Path) -> Iterator[Outcome]:
    for test in read_tests(folder):
        yield judged(test)


def judged(test: TableTest) -> Outcome:
    if test.table is None:
        return cannot(
            test.name, FORMS.get(test.form, "expressions of FEEL, without a decision table")
        )
    try:
        translated = _translated(test.table)
        facts = dict(_facts(translated, test.given))
    except CannotSayError as reason:
        return cannot(test.name, str(reason))
    found = _result(translated, facts)
    wanted = _plain(test.expected)
    if translated.is_unordered and isinstance(wanted, list) and isinstance(found, list):
        found, wanted = sorted(found, key=str), sorted(wanted, key=str)
    return passes(test.name) if found == wanted else fails(test.name, f"{found!r}, not {wanted!r}")


@dataclass(frozen=True, slots=True)
class Translated:
    """The files of a pack. `names` has the fact of each input and its type, `columns` the outputs' names in the table.

    `codes` has the values of a ranked output by their codes.
    """

    files: Mapping[str, Any]
    names: Mapping[str, tuple[str, str]]
    columns: tuple[str, ...]
    codes: Mapping[str, Any]
    has_default: bool
    is_unordered: bool


def _translated(table: DecisionTable) -> Translated:
    if table.reads:
        raise CannotSayError("tables that read other decisions or functions")
    hit = HITS.get((table.hit_policy, table.aggregation))
    if hit is None:
        raise CannotSayError(f"the hit policy {table.hit_policy}")
    if hit == "priority" and len(table.outputs) > 1:
        raise CannotSayError("a priority over several columns")
    names = {
        name: (f"f.n{number}", kind)
        for number, (name, type_) in enumerate(table.types.items())
        if (kind := TYPES.get(type_))
    }
    codes = _codes(table) if hit == "priority" else {}
    outputs, rules = {}, []
    for number, (_, _, default) in enumerate(table.outputs):
        values = [_constant(results[number]) for _, results in table.rows]
        outputs[f"column_{number}"] = _output(hit, values, default, codes)
    for number, (cells, results) in enumerate(table.rows):
        tests = [_test(*pair, names) for pair in zip(table.inputs, cells, strict=True)]
        when = " && ".join(test for test in tests if test) or "always"
        given = [_given(hit, _constant(result), codes) for result in results]
        then = {f"column_{place}": value for place, value in enumerate(given)}
        rules.append({"id": f"r.n{number}", "when": when, "then": then, "because": {"en": "r"}})
    facts = {fact: {"type": kind, "text": {"en": "F"}} for fact, kind in names.values()}
    files = {
        "pack.yaml": _about(outputs),
        "facts.yaml": {"facts": facts or {"f.none": {"type": "boolean", "text": {"en": "F"}}}},
        "rules.yaml": {"rules": rules},
        "actions.yaml": yaml.safe_load(PLAIN_ACTIONS),
    }
    return Translated(
        files,
        names,
        columns=tuple(name for name, _, _ in table.outputs),
        codes={code: value for value, code in codes.items()},
        has_default=any(default for _, _, default in table.outputs),
        is_unordered=table.hit_policy == "COLLECT",
    )


def _codes(table: DecisionTable) -> dict[Any, str]:
    """Codes for the values of a ranked output, in their order. DMN ranks texts, Tocsin codes without spaces."""
    parts = [part.strip() for part in table.outputs[0][1].split(",")]
    return {_constant(part): f"C{rank}" for rank, part in enumerate(parts) if part}


def _given(hit: str, value: Any, codes: Mapping[Any, str]) -> Any:
    if hit == "count":
        return True
    return codes[value] if hit == "priority" else value


def _about(outputs: Mapping[str, Any]) -> dict[str, Any]:
    level = {"type": "boolean", "hit": "any", "default": False}
    actions = {name: {"type": "actions", "hit": "collect"} for name in ("actions", "blocked")}
    return {
        "pack": "table",
        "version": "1.0.0",
        "title": {"en": "Table"},
        "locale": "en",
        "timezone": "UTC",
        "answer": ["level"],
        "outputs": {"level": level, **outputs, **actions},
    }


def _output(hit: str, values: list[Any], default: str, codes: Mapping[Any, str]) -> dict[str, Any]:
    if hit == "count":
        return {"type": "integer", "hit": hit, "default": 0}
    if hit == "priority":
        listed = list(codes.values())
        return {"type": "enum", "hit": hit, "values": listed, "default": listed[-1]}
    kind = {bool: "boolean", str: "string"}.get(type(values[0]), "number")
    if hit == "collect_all":
        return {"type": kind, "hit": hit}
    return {"type": kind, "hit": hit, "default": _constant(default) if default else DEFAULTS[kind]}


def _constant(text: str) -> Any:
    """A literal of FEEL: a text, a number or a truth value."""
    if re.fullmatch(r'"[^"]*"|-?[0-9]+(\.[0-9]+)?|true|false', text):
        value = json.loads(text)
        return float(value) if type(value) is int else value
    raise CannotSayError("results that are computed")


def _test(expression: str, cell: str, names: Mapping[str, tuple[str, str]]) -> str:
    """The condition of one cell."""
    if cell in ("-", ""):
        return ""
    if expression not in names:
        raise CannotSayError("inputs that are lists, times, or months and years")
    negated = re.fullmatch(r"not\((.*)\)", cell)
    fact = names[expression][0]
    parts = re.split(r",\s*(?![^\[(]*[\])])", negated[1] if negated else cell)
    found = " || ".join(_one_test(fact, part.strip(), names) for part in parts)
    return f"!({found})" if negated else f"({found})"


def _one_test(fact: str, part: str, names: Mapping[str, tuple[str, str]]) -> str:
    interval = re.fullmatch(r"([\[(\]])(.+)\.\.(.+)([\])\[])", part)
    if interval:
        low, high = (_operand(interval[n].strip(), names) for n in (2, 3))
        above = ">=" if interval[1] == "[" else ">"
        below = "<=" if interval[4] == "]" else "<"
        return f"({fact} {above} {low} && {fact} {below} {high})"
    compared = re.fullmatch(r"(<=|>=|<|>|=|)(.+)", part)
    assert compared is not None
    sign = compared[1] if compared[1] not in ("", "=") else "=="
    return f"{fact} {sign} {_operand(compared[2].strip(), names)}"


def _operand(text: str, names: Mapping[str, tuple[str, str]]) -> str:
    if text in names:
        return names[text][0]
    if day := re.fullmatch(r'date\("(\d{4}-\d{2}-\d{2})"\)', text):
        return f'timestamp("{day[1]}T00:00:00Z")'
    return json.dumps(_constant(text))


def _facts(translated: Translated, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, (fact, kind) in translated.names.items():
        value = given.get(name)
        if value is not None:
            yield fact, _posted(kind, value[1])


def _posted(kind: str, text: str) -> Any:
    match kind:
        case "number":
            return float(text)
        case "boolean":
            return text == "true"
        case "datetime":
            return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=UTC)
        case "duration":
            return _duration(text)
    return text


def _duration(text: str) -> timedelta:
    parts = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", text)
    assert parts is not None, text
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _result(translated: Translated, facts: Mapping[str, Any]) -> Any:
    """What the table gives for these facts, as DMN would say it."""
    with TemporaryDirectory() as made:
        pack, problems = load_pack(_written(translated.files, Path(made) / "pack"))
    if pack is None:
        return f"refused: {problems[0].message}"
    try:
        answer = Assessor(pack, "reference").assess(dict(facts), NOW, "en")
    except RuleConflict:
        return None  # DMN: the result of an invalid table is null
    if not answer["reasons"] and not translated.has_default:
        return None
    columns = [answer["outputs"][f"column_{n}"]["value"] for n in range(len(translated.columns))]
    if len(columns) == 1:
        return translated.codes.get(columns[0], columns[0]) if translated.codes else columns[0]
    if isinstance(columns[0], list):
        return [
            dict(zip(translated.columns, row, strict=True)) for row in zip(*columns, strict=True)
        ]
    return dict(zip(translated.columns, columns, strict=True))


def _written(files: Mapping[str, Any], folder: Path) -> Path:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return folder


def _plain(value: Any) -> Any:
    """An expected value: numbers are doubles."""
    match value:
        case tuple():
            type_, text = value
            if type_ in ("decimal", "double", "integer", "int"):
                return float(text)
            return text == "true" if type_ == "boolean" else text
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(part) for name, part in value.items()}
    return value
