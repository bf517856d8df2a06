"""Reads the tests of the DMN TCK: decision tables of a model, and for each test the values that go in and those that must come out."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
Element = ET.Element


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """`inputs` are expressions, `outputs` names with their values in order of priority; a row has its cells and its results.

    `reads` says of which kind of things the decision needs, other than input data, it makes use; `types` has the type of
    each name that a cell may use.
    """

    hit_policy: str
    aggregation: str
    inputs: tuple[str, ...]
    outputs: tuple[tuple[str, str, str], ...]
    rows: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    types: Mapping[str, str]
    reads: str = ""


@dataclass(frozen=True, slots=True)
class TableTest:
    """`form` is the kind of expression that the decision is. Only a decision table has a `table`."""

    name: str
    form: str
    table: DecisionTable | None
    given: Mapping[str, Any]
    expected: Any


def read_tests(folder: Path) -> Iterator[TableTest]:
    """Each result of each test of the TCK."""
    for path in sorted((folder / "TestCases").glob("*/*/*.xml")):
        root = ET.parse(path).getroot()
        if _name(root) == "testCases":
            model = _model(path.parent / _text(root, "modelName"))
            yield from _tests(path.stem, root, model)


def _tests(file: str, root: Element, model: Element | None) -> Iterator[TableTest]:
    for case in _all(root, "testCase"):
        given: dict[str, Any] = {}
        for node in _all(case, "inputNode"):
            given.update(_flat(node.get("name", ""), _value(node)))
        for result in _all(case, "resultNode"):
            name = result.get("name", "")
            decision = None if model is None else _decision(model, name)
            form = "" if decision is None else _form(decision)
            table = _table(model, decision) if form == "decisionTable" else None  # type: ignore[arg-type]
            expected = [_value(one) for one in _all(result, "expected")]
            where = f"{file}/{case.get('id')}/{name}"
            yield TableTest(where, form, table, given, expected[0] if expected else None)


def _model(path: Path) -> Element | None:
    return ET.parse(path).getroot() if path.is_file() else None


def _decision(model: Element, name: str) -> Element | None:
    return next((one for one in _all(model, "decision") if one.get("name") == name), None)


def _form(decision: Element) -> str:
    other = ("variable", "question", "allowedAnswers", "description", "extensionElements")
    return next(
        (_name(e) for e in decision if _name(e) not in other and "equire" not in _name(e)), ""
    )


def _table(model: Element, decision: Element) -> DecisionTable:
    table = _all(decision, "decisionTable")[0]
    needed = {_name(e) for e in decision.iter()} & {"requiredDecision", "requiredKnowledge"}
    return DecisionTable(
        table.get("hitPolicy", "UNIQUE"),
        table.get("aggregation", ""),
        tuple(_text(one, "inputExpression") for one in _all(table, "input")),
        tuple(
            (one.get("name", ""), _text(one, "outputValues"), _text(one, "defaultOutputEntry"))
            for one in _all(table, "output")
        ),
        tuple(
            (_texts(rule, "inputEntry"), _texts(rule, "outputEntry"))
            for rule in _all(table, "rule")
        ),
        dict(_types(model)),
        min(needed, default=""),
    )


def _types(model: Element) -> Iterator[tuple[str, str]]:
    """The type of each input, and of each part of a structured one."""
    items = {one.get("name", ""): one for one in _all(model, "itemDefinition")}
    for data in _all(model, "inputData"):
        name = data.get("name", "")
        for variable in _all(data, "variable"):
            yield from _typed(name, variable.get("typeRef", ""), items)


def _typed(name: str, type_: str, items: Mapping[str, Element]) -> Iterator[tuple[str, str]]:
    item = items.get(type_)
    if item is None:
        yield name, type_
        return
    if item.get("isCollection") == "true":
        yield name, "list"
        return
    for part in _all(item, "itemComponent"):
        yield from _typed(f"{name}.{part.get('name')}", _text(part, "typeRef"), items)
    if not _all(item, "itemComponent"):
        yield from _typed(name, _text(item, "typeRef"), items)


def _value(node: Element) -> Any:
    """A value: (its XML type, its text), None for null, a list, or a dict of components."""
    for child in node:
        match _name(child):
            case "value" if child.get(NIL) == "true":
                return None
            case "value":
                return (child.get(TYPE, "").rpartition(":")[2], child.text or "")
            case "list":
                return [_value(item) for item in _all(child, "item")]
            case "component":
                parts = _all(node, "component")
                return {part.get("name", ""): _value(part) for part in parts}
    return None


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for part, inner in value.items():
            yield from _flat(f"{name}.{part}", inner)
    else:
        yield name, value


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: Element, name: str) -> list[Element]:
    return [child for child in element if _name(child) == name]


def _texts(element: Element, name: str) -> tuple[str, ...]:
    return tuple("".join(child.itertext()).strip() for child in _all(element, name))


def _text(element: Element, name: str) -> str:
    return next(iter(_texts(element, name)), "")
