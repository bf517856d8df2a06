"""Finds the texts in a pack's files by the schema of each file, and reports those that lack a language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Dict, Field, List, Nested

from schemas.file_fields import ANY_LANGUAGE, NamedEntries, Words
from schemas.files.brief_file import BriefAction
from schemas.files.rules_file import Given
from schemas.files.sentences import Sentences
from service.language.collector import BoundValue
from service.language.files.read_file import LoadedFile
from service.language.place import Path


def check_translations(file: LoadedFile, languages: tuple[str, ...]) -> None:
    """Warns of each text that lacks a language of the pack's title, or has one that the title lacks."""
    declared = dict.fromkeys(languages)
    for path in _texts(file.schema(), file.source.data, ()):
        written = file.source.keys_written(path)
        if written is None:
            continue
        here = file.here.at(*path)
        if not _is_report_text(path):
            _check_lacking(frozenset(written), declared, here)
        _check_undeclared(written, declared, here)


def _is_report_text(path: Path) -> bool:
    """Whether it is a text of reports: it may lack languages, because the default is used for them."""
    return path[:-1] == ("report", "headings")


def _texts(schema: Schema, data: Any, path: Path) -> Iterator[Path]:
    """The paths of this schema's texts in `data`, which may have a completely different shape."""
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
        case Sentences() if isinstance(data, list):
            for position, sentence in enumerate(data):
                yield from _texts(field.entry, sentence, (*path, position))
        case Sentences():
            yield path
        case BriefAction():
            yield from _texts(field.entry, data, path)
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
    """The paths of the grounds on which a rule blocks or holds actions: of one entry, or of each in a list."""
    if isinstance(given, list):
        for position, item in enumerate(given):
            yield from _grounds(item, (*path, position))
    elif isinstance(given, Mapping):
        if "ground" in given:
            yield (*path, "ground")
        yield from _grounds(given.get("by_case"), (*path, "by_case"))


def _check_lacking(written: Collection[str], languages: Collection[str], here: BoundValue) -> None:
    for language in languages:
        if language not in written:
            message = f"this text is not written in '{language}'"
            is_last = not here.collector.takes_warnings
            here.warning("missing-translation", message, f"add {language}: …")
            if is_last:
                return


def _check_undeclared(
    written: Collection[str], languages: Collection[str], here: BoundValue
) -> None:
    for language in written:
        if language not in languages and language != ANY_LANGUAGE:
            is_last = not here.collector.takes_warnings
            here.at(language).key.warning(
                "undeclared-language",
                f"the pack's title is not written in '{language}'",
                "the title names the languages of a pack: add it there",
            )
            if is_last:
                return
