"""Reads one file of a pack: YAML, then its marshmallow schema, each mistake a problem at its place."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.fields import Nested
from yaml import ScalarNode

from schemas.closest import did_you_mean
from schemas.pack_files import ANY_LANGUAGE, NamedEntries, flatten
from service.language.problem import Problem
from service.language.source import Path, Source, read_source

TEXT_KEYS = frozenset(
    {
        "text",
        "help",
        "because",
        "ground",
        "title",
        "source",
        "unit",
        "assume_because",
        "question",
        "until",
        "verdict",
    }
)
NAMED_ENTRIES = frozenset({"outputs", "values", "facts", "derived", "actions", "roles", "kinds"})


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


def _is_report_text(path: Path) -> bool:
    """It need not say again what the default says in other languages."""
    return path[:-1] == ("report", "headings")


def _is_text(path: Path) -> bool:
    """A key that stands for a text, and not a name that its author chose, such as an enum's value `source`."""
    if _is_report_text(path):
        return True
    if not path or path[-1] not in TEXT_KEYS:
        return False
    return len(path) < 2 or path[-2] not in NAMED_ENTRIES


def missing_translations(source: Source, languages: tuple[str, ...]) -> list[Problem]:
    """A warning for each text that lacks a language of the pack, or has one the pack does not speak."""
    problems = []
    for path, node in source.nodes.items():
        if not _is_text(path) or node.tag != "tag:yaml.org,2002:map":
            continue
        if path[0] in ("facts", "cases") and len(path) > 1 and path[0] == "cases":
            continue
        written = [key.value for key, _ in node.value if isinstance(key, ScalarNode)]
        for language in languages:
            if language not in written and not _is_report_text(path):
                problems.append(
                    source.problem(
                        path,
                        "missing-translation",
                        f"this text is not written in '{language}'",
                        f"add {language}: …",
                        severity="warning",
                    )
                )
        for language in written:
            if language not in languages and language != ANY_LANGUAGE:
                problems.append(
                    source.problem(
                        (*path, language),
                        "undeclared-language",
                        f"the pack's title is not written in '{language}'",
                        "the title names the languages of a pack: add it there",
                        key=True,
                        severity="warning",
                    )
                )
    return problems
