"""The texts of a pack's files, found by the shape of each file, and which of them lack a language. Translates nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Dict, Field, List, Nested
from yaml import ScalarNode

from schemas.pack_files import ANY_LANGUAGE, Given, NamedEntries, Words
from service.language.files.source import Source
from service.language.place import Path
from service.language.problem import Problem


def missing_translations(
    source: Source, schema: Schema, languages: tuple[str, ...]
) -> Iterator[Problem]:
    """A warning for each text that lacks a language of the pack, or has one the pack does not speak."""
    for path in _texts(schema, source.data, ()):
        node = source.nodes.get(path)
        if node is None or node.tag != "tag:yaml.org,2002:map":
            continue
        written = [key.value for key, _ in node.value if isinstance(key, ScalarNode)]
        if not _is_report_text(path):
            yield from _lacking(source, path, written, languages)
        yield from _undeclared(source, path, written, languages)


def _is_report_text(path: Path) -> bool:
    """It need not say again what the default says in other languages."""
    return path[:-1] == ("report", "headings")


def _texts(schema: Schema, data: Any, path: Path) -> Iterator[Path]:
    """Where in `data`, which may be of another shape altogether, a text of this schema stands."""
    if not isinstance(data, Mapping):
        return
    for name, field in schema.fields.items():
        key = field.data_key or name
        if key in data:
            yield from _in_field(field, data[key], (*path, key))


def _in_field(field: Field[Any] | None, data: Any, path: Path) -> Iterator[Path]:
    match field:
        case Words():
            yield path
        case Given():
            yield from _grounds(data, path)
        case Nested():
            yield from _texts(field.schema, data, path)
        case List() if isinstance(data, list):
            for position, item in enumerate(data):
                yield from _in_field(field.inner, item, (*path, position))
        case NamedEntries() if isinstance(data, Mapping):
            for name, entry in data.items():
                yield from _texts(field.entry, entry, (*path, name))
        case Dict() if isinstance(data, Mapping):
            for name, value in data.items():
                yield from _in_field(field.value_field, value, (*path, name))


def _grounds(given: Any, path: Path) -> Iterator[Path]:
    """On which a rule blocks or holds actions: said of one, or of each in a list."""
    if isinstance(given, list):
        for position, item in enumerate(given):
            yield from _grounds(item, (*path, position))
    elif isinstance(given, Mapping) and "ground" in given:
        yield (*path, "ground")


def _lacking(
    source: Source, path: Path, written: list[str], languages: tuple[str, ...]
) -> Iterator[Problem]:
    for language in languages:
        if language not in written:
            yield source.problem(
                path,
                "missing-translation",
                f"this text is not written in '{language}'",
                f"add {language}: …",
                severity="warning",
            )


def _undeclared(
    source: Source, path: Path, written: list[str], languages: tuple[str, ...]
) -> Iterator[Problem]:
    for language in written:
        if language not in languages and language != ANY_LANGUAGE:
            yield source.problem(
                (*path, language),
                "undeclared-language",
                f"the pack's title is not written in '{language}'",
                "the title names the languages of a pack: add it there",
                key=True,
                severity="warning",
            )
