"""Compares the files of a pack with the view of the pack, for each key that the schemas of pack files declare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema
from marshmallow.fields import Dict, Field, List, Nested

from schemas.file_fields import NamedEntries, Words
from schemas.files.actions_file import ActionsFile
from schemas.files.brief_file import BriefAction
from schemas.files.calendar_file import CalendarFile
from schemas.files.constants_file import ConstantsFile
from schemas.files.draft_file import DraftFile
from schemas.files.facts_file import FactsFile
from schemas.files.grounds_file import GroundsFile
from schemas.files.pack_file import PackFile
from schemas.files.rules_file import RulesFile
from schemas.files.sentences import Sentences
from schemas.scalars import parse_duration, parse_moment
from service.language.collector import Collector
from service.language.files.source import read_source

Place = tuple[str, ...]
EACH = "*"
"""In a place it replaces the name or the position of an entry."""
DECLARATIONS: Mapping[str, type[Schema]] = {
    "pack.yaml": PackFile,
    "constants.yaml": ConstantsFile,
    "grounds.yaml": GroundsFile,
    "facts.yaml": FactsFile,
    "actions.yaml": ActionsFile,
}
FILE_SCHEMAS: tuple[type[Schema], ...] = (
    *DECLARATIONS.values(),
    RulesFile,
    DraftFile,
    CalendarFile,
)
TOLD_AS = {"pack": "name", "then": "consequences", "calendar": "name"}
"""Keys that have another name in the view."""
DEFAULTS = "defaults"
"""The view shows what they fill in, in each entry. `tests/language/test_defaults.py` has the rest."""
ACTION_OUTPUTS = ("actions", "blocked", "held")
DEADLINES = ("due", "every", "review")
DURATIONS = ("approve_before", "stale_after")


def every_key(schema: Schema) -> Iterator[Place]:
    """The place of each key that a file of this schema can have."""
    for name, declared in schema.fields.items():
        key = declared.data_key or name
        yield (key,)
        for place in _keys_inside(declared):
            yield (key, *place)


def _nested(declared: Field[Any]) -> Schema:
    assert isinstance(declared, Nested)
    schema: Schema = declared.schema
    return schema


def schemas_of(schema: Schema) -> Iterator[type[Schema]]:
    """This schema and all schemas inside it."""
    yield type(schema)
    for declared in schema.fields.values():
        inner = declared.inner if isinstance(declared, List) else declared
        if isinstance(inner, Nested | NamedEntries | Sentences | BriefAction):
            yield from schemas_of(inner.schema if isinstance(inner, Nested) else inner.entry)


def _keys_inside(declared: Field[Any] | None) -> Iterator[Place]:
    match declared:
        case Nested():
            yield from every_key(declared.schema)
        case NamedEntries() | Sentences():
            yield from ((EACH, *place) for place in every_key(declared.entry))
        case BriefAction():
            yield from every_key(declared.entry)
        case List():
            yield from ((EACH, *place) for place in _keys_inside(declared.inner))
        case Dict():
            yield from ((EACH, *place) for place in _keys_inside(declared.value_field))


@cache
def files_of(folder: Path) -> tuple[tuple[type[Schema], Any], ...]:
    """The schema and the data of each file of a pack, except the cases."""
    return tuple(
        (DECLARATIONS.get(path.name, RulesFile), _data(path))
        for path in sorted(folder.glob("*.yaml"))
    ) + tuple((CalendarFile, _data(path)) for path in sorted(folder.glob("calendars/*.yaml")))


def drafts_of(folder: Path) -> dict[str, Any]:
    """The data of each draft, by its action."""
    return {path.stem: _data(path) for path in sorted(folder.glob("drafts/*.yaml"))}


def _data(path: Path) -> Any:
    collector = Collector()
    source = read_source(path.read_bytes(), path.name, collector)
    assert source is not None, collector.problems
    return source.data


@dataclass(slots=True)
class ViewCheck:
    """Collects in `used` the place of each key that a file has, and in `untold` each value that the view does not show as written.

    `say` returns a text as the view should have it.
    """

    say: Callable[[Any], Any]
    timezone: ZoneInfo
    kinds: Mapping[str, list[str]]
    constants: Mapping[str, Any] = field(default_factory=dict)
    used: set[Place] = field(default_factory=set)
    untold: list[str] = field(default_factory=list)

    def schema(self, schema: Schema, written: Mapping[str, Any], told: Any, place: Place) -> None:
        for name, declared in schema.fields.items():
            key = declared.data_key or name
            if key in written:
                inside = (*place, key)
                self.used.add(inside)
                if key == DEFAULTS:
                    self.used |= {(*inside, *place) for place in every_key(_nested(declared))}
                    continue
                view = told.get(TOLD_AS.get(key, key)) if isinstance(told, dict) else None
                self._field(declared, written[key], view, inside)

    def _field(self, declared: Field[Any] | None, written: Any, told: Any, place: Place) -> None:
        match declared:
            case Words():
                self._same(self.say(written), told, place)
            case Sentences() if isinstance(written, list):
                self._same(len(written), len(told), place)
                for sentence, view in zip(written, told, strict=False):
                    self.schema(declared.entry, sentence, view, (*place, EACH))
            case Sentences():
                self._same(self.say(written), told, place)
            case Nested():
                self.schema(declared.schema, written, told, place)
            case NamedEntries():
                self._entries(declared.entry, _entries(written), told, place)
            case BriefAction() if isinstance(written, dict):
                self.schema(declared.entry, written, told, place)
            case List(inner=Nested() | BriefAction() as inner) if "id" not in written[0]:
                self._same(len(written), len(told or ()), place)
                for entry, view in zip(written, told or (), strict=False):
                    self._field(inner, entry, view, (*place, EACH))
            case List(inner=Nested() as inner):
                entries = {entry["id"]: entry for entry in written}
                self._entries(inner.schema, entries, told, place)
            case Dict() if place[-1] == "then":
                expected = [one for given in written.items() for one in self._consequences(*given)]
                self._same(expected, told, place)
            case Dict():
                self._same([*written], [*(told or ())], place)
                for key, value in written.items():
                    view = (told or {}).get(key)
                    self._field(declared.value_field, value, view, (*place, EACH))
            case _:
                self._same(self._leaf(written, place), self._leaf(told, place), place)

    def _entries(self, schema: Schema, written: Mapping[str, Any], told: Any, place: Place) -> None:
        """Entries have the same order in both, except derived facts: the view has those in the order of computation.

        The rules in the view include those of tables.
        """
        views = {_name(view): view for view in told or ()}
        if place != ("derived",):
            self._same([*written], [name for name in views if name in written], place)
        for name, entry in written.items():
            self.schema(schema, entry, views.get(name), (*place, EACH))

    def _leaf(self, value: Any, place: Place) -> Any:
        key = place[-1]
        if isinstance(value, str):
            value = self.constants.get(value, value)
        if value is None:
            return None
        if key in DEADLINES:
            return self._deadline(value)
        if key in DURATIONS:
            return parse_duration(str(value), days=True)
        if place[-2:-1] == ("effective",) or (key in ("min", "max") and isinstance(value, str)):
            return self._moment(value)
        if key == "type" and value == "actions":
            return "enum"  # an output of actions is an enum of the codes in the catalogue
        return value

    def _deadline(self, value: Any) -> Any:
        """A deadline in one form, from a file or from the view."""
        if not isinstance(value, dict):
            return {"within": self._span(value)}
        rest = {key: value[key] for key in ("by", "action", "calendar") if key in value}
        if "from" in value:
            rest["from"] = _listed(value["from"])
        spans = value.get("within_by") or {
            key: span
            for key, span in value.items()
            if key not in ("from", "by", "action", "calendar")
        }
        return rest | {key: self._span(span) for key, span in spans.items()}

    def _span(self, written: Any) -> Any:
        text = self.constants.get(str(written), str(written))
        if " " in text:
            return text.removesuffix("s")  # days of a kind, or at once
        return parse_duration(text, days=True)

    def _moment(self, value: str) -> datetime:
        return parse_moment(value, self.timezone)

    def _consequences(self, output: str, given: Any) -> Iterator[dict[str, Any]]:
        for one in _listed(given):
            if output not in ACTION_OUTPUTS:
                yield {"output": output, "value": one}
                continue
            entry = one if isinstance(one, dict) else {"action": one}
            yield from self._about_actions(output, entry)

    def _about_actions(self, output: str, entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        self.used |= {("then", output, key) for key in entry}
        more: dict[str, Any] = {
            key: _listed(entry[key]) for key in ("kind", "over", "instead", "until") if key in entry
        }
        if "ground" in entry:
            more["ground"] = self.say(entry["ground"])
        if "by_case" in entry:
            more["by_case"] = [
                {**one, "ground": self.say(one["ground"])} for one in entry["by_case"]
            ]
        if "due" in entry:
            more["due"] = self._deadline(entry["due"])
        for code in self._codes(entry):
            yield {"output": output, "action": code, **more}

    def _codes(self, entry: Mapping[str, Any]) -> list[str]:
        if "action" in entry:
            return [entry["action"]]
        named = _listed(entry["kind"])
        return [code for code, kinds in self.kinds.items() if set(kinds) & set(named)]

    def _same(self, expected: Any, told: Any, place: Place) -> None:
        if place[-1] == "then":
            told = [self._told_consequence(one) for one in told or ()]
        if expected != told:
            self.untold.append(f"{'.'.join(place)}: {expected!r} is shown as {told!r}")

    def _told_consequence(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: self._deadline(value) if key == "due" else value for key, value in told.items()
        }


def _span(value: Any) -> Any:
    """A duration, or days of a kind and `at once` as they are written."""
    text = str(value)
    return text if " " in text else parse_duration(text, days=True)


def _entries(written: Any) -> Mapping[str, Any]:
    """Entries by name. The values of an enum may be a list of their codes."""
    entries = written if isinstance(written, dict) else dict.fromkeys(written)
    return {name: entry or {} for name, entry in entries.items()}


def _name(view: Mapping[str, Any]) -> str:
    (name,) = (view[key] for key in ("id", "name", "code") if key in view)
    return str(name)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
