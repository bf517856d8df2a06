"""The columns of a table of answers, one for each field, made from the packs. CSV and Parquet share them. It must not write a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from marshmallow import Schema
from marshmallow.fields import (
    AwareDateTime,
    Boolean,
    Dict,
    Field,
    Float,
    Integer,
    List,
    Nested,
    String,
)
from marshmallow.validate import OneOf

from schemas.answer_fields import AnswerFields
from schemas.assessment import FILE_KEY, PROBLEM_KEY, AssessmentSchema
from schemas.closed_schema import BY_OUTPUT, CODES
from schemas.strict_json import Json
from schemas.types import Type
from service.language.model import Output, Pack

ColumnType = Literal["text", "code", "integer", "number", "boolean", "moment", "json"]
"""A code is one of a known set of texts. What fits no other type is a text in JSON."""
ASSESSMENT_ID = "assessment_id"
"""Every answer has it, and no problem."""
KeyPath = tuple[str, ...]
_OF_VALUES: Mapping[str, ColumnType] = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "string": "text",
    "duration": "text",
    "enum": "code",
    "datetime": "moment",
}
_OF_FIELDS: Sequence[tuple[type[Field[Any]], ColumnType]] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "number"),
    (AwareDateTime, "moment"),
    (String, "text"),
)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`path` are the keys that lead to the value, in each entry if there is a list on the way. `codes` are those of a code."""

    path: KeyPath
    type: ColumnType
    codes: tuple[str, ...] = ()
    is_list: bool = False

    @property
    def name(self) -> str:
        return ".".join(self.path)

    def value(self, row: Mapping[str, Any]) -> Any:
        """The value in an answer or a problem. None if it has none."""
        return _value(row, self.path)


def _value(found: Any, path: KeyPath) -> Any:
    for position, key in enumerate(path):
        if isinstance(found, list):
            return [_value(entry, path[position:]) for entry in found]
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found


def columns_of(
    packs: Iterable[Pack],
    fields: Sequence[AnswerFields | None],
    several_files: bool,
    left_out: Iterable[str],
) -> list[TableColumn]:
    """The columns of answers by any of these packs, and of problems.

    `fields` has for each pack what is wanted; None for all. `left_out` are keys that no answer of this run has.
    """
    found: dict[KeyPath, TableColumn] = {}
    for pack, wanted in zip(packs, fields, strict=True):
        for column in _PackColumns(pack).all():
            if _is_wanted(column.path, wanted) and column.path[0] not in left_out:
                found[column.path] = _either(found.get(column.path, column), column)
    files = [TableColumn((FILE_KEY,), "text")] if several_files else []
    return [*found.values(), TableColumn(("line",), "integer"), *files, *_PROBLEM]


_PROBLEM = (
    TableColumn((PROBLEM_KEY, "status"), "integer"),
    TableColumn((PROBLEM_KEY, "code"), "text"),
    TableColumn((PROBLEM_KEY, "detail"), "text"),
    TableColumn((PROBLEM_KEY, "errors"), "json"),
    TableColumn((PROBLEM_KEY, "output"), "text"),
    TableColumn((PROBLEM_KEY, "rules"), "text", (), True),
)


def table_row(line: Json) -> Json:
    """A line as a row: the keys of a problem, which stand at the top of a line, are in one object of the row."""
    if ASSESSMENT_ID in line:
        return line
    shared = {key: line[key] for key in ("incident_id", "line", FILE_KEY) if key in line}
    return {**shared, PROBLEM_KEY: line}


def _is_wanted(path: KeyPath, fields: AnswerFields | None) -> bool:
    if fields is None:
        return True
    if not fields.has(path[0]):
        return False
    inner = fields.wanted.get(path[0])
    return inner is None or len(path) == 1 or path[1] in inner


def _either(one: TableColumn, other: TableColumn) -> TableColumn:
    """The column for the values of both. Codes of two packs are codes of either."""
    if (one.type, one.is_list) != (other.type, other.is_list):
        return TableColumn(one.path, "json")
    return replace(one, codes=tuple(dict.fromkeys([*one.codes, *other.codes])))


class _PackColumns:
    """Reads the columns from the schema of the answers; what depends on the pack comes from there."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._codes = {"actions": tuple(pack.actions), "pack": (pack.name,)}

    def all(self) -> Iterator[TableColumn]:
        at_top = [self._pack.outputs[name] for name in (*self._pack.lifted, *self._pack.notices)]
        for key, field in AssessmentSchema().fields.items():
            yield from self._of(field, (key,))
            if key == "pack":
                for output in at_top:
                    yield from _of_lifted(output, (output.name,))

    def _of(self, field: Field[Any], path: KeyPath, is_list: bool = False) -> Iterator[TableColumn]:
        match field:
            case Nested():
                yield from self._of_schema(field.schema, path, is_list)
            case List(inner=Nested() as entry) if not is_list:
                yield from self._of_schema(entry.schema, path, True)
            case List(inner=Nested()):
                yield TableColumn(path, "json", (), True)
            case List(inner=item):
                type_, codes = self._type(item)
                yield (
                    TableColumn(path, "json", (), True)
                    if is_list
                    else TableColumn(path, type_, codes, True)
                )
            case Dict(metadata=metadata) if BY_OUTPUT in metadata and not is_list:
                yield from self._by_output(field, path, metadata[BY_OUTPUT])
            case _:
                yield TableColumn(path, *self._type(field), is_list)

    def _of_schema(self, schema: Schema, path: KeyPath, is_list: bool) -> Iterator[TableColumn]:
        for name, field in schema.fields.items():
            yield from self._of(field, (*path, field.data_key or name), is_list)

    def _by_output(self, field: Dict, path: KeyPath, which: str) -> Iterator[TableColumn]:
        names = self._pack.outputs if which == "outputs" else self._pack.lifted
        for name in names:
            output, inner = self._pack.outputs[name], (*path, name)
            if which == "lifted":
                yield from _of_lifted(output, inner)
            elif which == "outputs":
                yield from self._of_output(field, output, inner)
            else:
                yield TableColumn(inner, "moment")

    def _of_output(self, field: Dict, output: Output, path: KeyPath) -> Iterator[TableColumn]:
        value = field.value_field
        assert isinstance(value, Nested)
        for column in self._of_schema(value.schema, path, False):
            yield (
                _of_value(output.value_type, column.path) if column.path[-1] == "value" else column
            )

    def _type(self, field: Field[Any]) -> tuple[ColumnType, tuple[str, ...]]:
        if codes := self._codes_of(field):
            return "code", codes
        found = (type_ for class_, type_ in _OF_FIELDS if isinstance(field, class_))
        return next(found, "json"), ()

    def _codes_of(self, field: Field[Any]) -> tuple[str, ...]:
        for validator in field.validators:
            if isinstance(validator, OneOf):
                return tuple(one for one in validator.choices if one is not None)
        if (group := field.metadata.get(CODES)) != "contingency":
            return self._codes.get(group or "", ())
        contingency = self._pack.contingency
        return () if contingency is None else self._pack.outputs[contingency.output].type.values


def _of_lifted(output: Output, path: KeyPath) -> Iterator[TableColumn]:
    """The columns of an output as it stands at the top of an answer."""
    if output.type.name != "enum":
        yield _of_value(output.value_type, (*path, "value"))
    else:
        yield _of_value(output.value_type, (*path, "code"))
        if output.value_levels:
            yield TableColumn((*path, "level"), "integer")
    yield TableColumn((*path, "text"), "text")


def _of_value(type_: Type, path: KeyPath) -> TableColumn:
    if type_.item is not None:
        return TableColumn(path, _OF_VALUES[type_.item.name], type_.item.values, True)
    return TableColumn(path, _OF_VALUES[type_.name], type_.values)
