"""Reads one file of a pack: YAML, then its marshmallow schema, each mistake a problem at its place."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.fields import Nested

from schemas.closest import did_you_mean
from schemas.pack_files import NamedEntries, flatten
from service.language.files.source import Path, Source, read_source
from service.language.problem import Problem


def read_file(
    path: FilePath, shown_as: str, schema: type[Schema]
) -> tuple[Source | None, Any, list[Problem]]:
    """The file's source and its data as `schema` loads it; None where either is impossible."""
    source, problems = read_source(path, shown_as)
    if source is None:
        return None, None, problems
    try:
        return source, schema().load(source.data or {}), problems
    except ValidationError as error:
        problems += [
            _problem(source, schema(), where, what) for where, what in flatten(error.messages)
        ]
        return source, None, problems


def _problem(source: Source, schema: Schema, path: Path, message: str) -> Problem:
    key = str(path[-1]) if path else source.file
    if "Missing data" in message:
        return source.problem(path[:-1], "missing-key", f"'{key}' is missing", "add it")
    if "not a key that is known" in message:
        hint = did_you_mean(key, known := _known_keys(schema, path[:-1]))
        hint = f"{hint} keys: {', '.join(known)}".strip() if known else hint
        return source.problem(path, "unknown-key", f"'{key}' {message}", hint, key=True)
    if "is not a name of the form" in message or "not a language code" in message:
        return source.problem(path, "bad-name", f"'{key}' {message}", key=True)
    message = message.replace("Not a valid mapping type.", "must be a mapping of keys and values")
    message = message.replace("Not a valid list.", "must be a list")
    message = message.replace("Invalid input type.", "must be a mapping of keys and values")
    message = message.replace("Field may not be null.", "must not be empty")
    message = message.replace("Must be one of:", "must be one of").rstrip(".")
    return source.problem(path, "bad-value", f"'{key}' {message}")


def _known_keys(schema: Any, path: Path) -> list[str]:
    """The keys that the schema allows at `path`."""
    for part in path:
        if isinstance(part, int):
            continue
        field = next((f for n, f in schema.fields.items() if (f.data_key or n) == part), None)
        if field is None and not isinstance(schema, NamedEntries):
            field = None
        inner = getattr(field, "inner", field)
        if isinstance(inner, Nested):
            schema = inner.schema
        elif isinstance(inner, NamedEntries):
            schema = _Entries(inner)
        elif isinstance(schema, _Entries):
            schema = schema.entry
        else:
            return []
    return [f.data_key or n for n, f in schema.fields.items()]


class _Entries:
    """Stands for the level of free names between a NamedEntries field and its entries."""

    def __init__(self, entries: NamedEntries) -> None:
        self.entry, self.fields = entries.entry, dict[str, Any]()
