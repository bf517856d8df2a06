"""Reads one file of a pack: YAML, then its marshmallow schema. Each mistake is reported at its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.fields import Dict, Field, List, Nested

from schemas.closest import did_you_mean
from schemas.file_fields import (
    NAME_FORM,
    NOT_A_LANGUAGE,
    NOT_A_MAPPING,
    UNKNOWN_KEY,
    NamedEntries,
    flatten,
)
from schemas.files.sentences import Sentences
from service.language.collector import BoundValue, Collector
from service.language.files.source import Source, read_source
from service.language.place import Path

MISSING = str(Field.default_error_messages["required"])
PLAIN_WORDS = {
    str(Dict.default_error_messages["invalid"]): NOT_A_MAPPING,
    str(List.default_error_messages["invalid"]): "must be a list",
    str(Field.default_error_messages["null"]): "must not be empty",
}
"""Our messages in place of marshmallow's."""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file's source, its data as `schema` loads it (None if it has another shape), and `here`, bound to the file."""

    source: Source
    data: Any
    schema: type[Schema]
    here: BoundValue


Fold = Callable[[Source, BoundValue], Any]
"""Gives the data of a file with values in place of the names of constants."""


def as_written(source: Source, here: BoundValue) -> Any:
    return source.data


def read_file(
    raw: bytes,
    name: str,
    schema: type[Schema],
    collector: Collector,
    fold: Fold = as_written,
) -> LoadedFile | None:
    """Reads the bytes of one file. Its problems have `name` as the file. None if the bytes cannot be read at all."""
    source = read_source(raw, name, collector)
    if source is None:
        return None
    here = collector.of(source)
    shape = schema()
    try:
        data = shape.load(fold(source, here) or {})
    except ValidationError as error:
        for where, message in flatten(error.messages):
            _refuse(here.at(*where), shape, message)
        data = None
    return LoadedFile(source, data, schema, here)


def _refuse(here: BoundValue, schema: Schema, message: str) -> None:
    path = here.path
    key = str(path[-1]) if path else here.place.file
    if message == MISSING:
        here.parent.error("missing-key", f"'{key}' is missing", "add it")
    elif message == UNKNOWN_KEY:
        hint = did_you_mean(key, known := _known_keys(schema, path[:-1]))
        hint = f"{hint} keys: {', '.join(known)}".strip() if known else hint
        here.key.error("unknown-key", f"'{key}' {message}", hint)
    elif message == NOT_A_LANGUAGE or message.startswith(NAME_FORM):
        here.key.error("bad-name", f"'{key}' {message}")
    else:
        here.error("bad-value", f"'{key}' {PLAIN_WORDS.get(message, message)}")


def _known_keys(schema: Any, path: Path) -> list[str]:
    """The keys that the schema allows at `path`."""
    for part in path:
        if isinstance(part, int):
            continue
        field = next((f for n, f in schema.fields.items() if (f.data_key or n) == part), None)
        inner = getattr(field, "inner", field)
        if isinstance(inner, Nested):
            schema = inner.schema
        elif isinstance(inner, Sentences):
            schema = inner.entry
        elif isinstance(inner, NamedEntries):
            schema = _Entries(inner)
        elif isinstance(schema, _Entries):
            schema = schema.entry
        else:
            return []
    return [f.data_key or n for n, f in schema.fields.items()]


class _Entries:
    """Represents the level of names between a NamedEntries field and its entries."""

    def __init__(self, entries: NamedEntries) -> None:
        self.entry, self.fields = entries.entry, dict[str, Any]()
