"""Finds every place of a pack's files at which a key of their schemas can be, by walking the schemas beside the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Dict, Field, List, Nested

from schemas.file_fields import NamedEntries
from schemas.files.brief_file import BriefAction
from schemas.files.calendar_file import CalendarFile
from schemas.files.cases_file import CasesFile
from schemas.files.draft_file import DraftFile
from schemas.files.rules_file import RulesFile
from schemas.files.sentences import Sentences
from service.language.rules.consequences import KEYS
from tests.api.written_keys import DECLARATIONS, FILE_SCHEMAS, schemas_of

Path = tuple[str | int, ...]
Files = Mapping[str, Any]
"""The data of each file of a pack, by the file's name."""
THEN = "RuleEntry.then"


@dataclass(frozen=True, slots=True)
class Slot:
    """A key that the mapping at `path` of a file may have. `owner` is the name of the mapping's schema."""

    file: str
    path: Path
    key: str
    owner: str
    declared: Field[Any] | None
    is_free: bool = False

    @property
    def name(self) -> str:
        """Of a key that authors name themselves, that of its mapping with a star."""
        is_named = not self.is_free or (self.owner == THEN and self.key in KEYS)
        return f"{self.owner}.{self.key if is_named else '*'}"


def every_name() -> list[str]:
    """The name of each key of each schema of pack files."""
    files: tuple[type[Schema], ...] = (*FILE_SCHEMAS, CasesFile)
    schemas = {one for file in files for one in schemas_of(file())}
    keys = [(one.__name__, *key) for one in schemas for key in keys_of(one())]
    names = [f"{owner}.{key}" for owner, key, _ in keys]
    inside = [f"{owner}.{key}.*" for owner, key, field in keys if _has_values(field)]
    given = [f"{THEN}.{output}" for output in KEYS]
    entries = [f"{THEN}.{output}.{key}" for output in KEYS for key in KEYS[output]]
    return sorted([*names, *inside, *given, *entries])


def keys_of(schema: Schema) -> Iterator[tuple[str, Field[Any]]]:
    """The keys that authors write, with their fields."""
    return ((declared.data_key or name, declared) for name, declared in schema.fields.items())


def slots(files: Files) -> Iterator[Slot]:
    for name, data in files.items():
        yield from _in_schema(name, (), _made(_schema_of(name)), data)


def _schema_of(name: str) -> type[Schema]:
    folders = (("cases/", CasesFile), ("drafts/", DraftFile), ("calendars/", CalendarFile))
    for folder, schema in folders:
        if name.startswith(folder):
            return schema
    return DECLARATIONS.get(name, RulesFile)


@cache
def _made(schema: type[Schema]) -> Schema:
    return schema()


def _in_schema(file: str, path: Path, schema: Schema, data: Any) -> Iterator[Slot]:
    if not isinstance(data, dict):
        return
    for key, declared in keys_of(schema):
        yield Slot(file, path, key, type(schema).__name__, declared)
        owner = f"{type(schema).__name__}.{key}"
        if key in data:
            yield from _in_field(file, (*path, key), declared, data[key])
        if _has_values(declared) and isinstance(data.get(key), dict):
            yield from _in_mapping(file, (*path, key), owner, declared, data[key])


def _has_values(declared: Field[Any]) -> bool:
    """Whether authors name the keys of the mapping, and the schema says what their values are."""
    return isinstance(declared, Dict) and declared.value_field is not None


def _in_mapping(
    file: str, path: Path, owner: str, declared: Field[Any], data: Mapping[str, Any]
) -> Iterator[Slot]:
    assert isinstance(declared, Dict)
    for key, value in data.items():
        yield Slot(file, path, key, owner, declared.value_field, is_free=True)
        if owner == THEN and key in KEYS:
            yield from _in_consequence(file, path, key, value)


def _in_consequence(file: str, path: Path, output: str, value: Any) -> Iterator[Slot]:
    """The keys of an entry that asks for, blocks or holds actions. No schema declares them."""
    entries = [((*path, output), value)]
    if isinstance(value, list):
        entries = [((*path, output, place), one) for place, one in enumerate(value)]
    for where, entry in entries:
        for key in KEYS[output] if isinstance(entry, dict) else ():
            yield Slot(file, where, key, f"{THEN}.{output}", None)


def _in_field(file: str, path: Path, declared: Field[Any] | None, data: Any) -> Iterator[Slot]:
    match declared:
        case Nested():
            yield from _in_schema(file, path, declared.schema, data)
        case BriefAction():
            yield from _in_schema(file, path, declared.entry, data)
        case NamedEntries() if isinstance(data, dict):
            for name, entry in data.items():
                yield from _in_schema(file, (*path, name), declared.entry, entry)
        case Sentences() if isinstance(data, list):
            for position, item in enumerate(data):
                yield from _in_schema(file, (*path, position), declared.entry, item)
        case List() if isinstance(data, list):
            for position, item in enumerate(data):
                yield from _in_field(file, (*path, position), declared.inner, item)


def at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data
