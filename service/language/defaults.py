"""Fills in what `defaults` of a file, or a kind of actions, says for all its entries: the moments of deadlines, sources, approvals.

What an entry says itself counts, then what its kind says, then what its file says. A mistake in a default is reported there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.language.collector import BoundValue, Places
from service.language.files.moved_places import MovedPlaces
from service.language.place import Path

DEFAULTS = "defaults"


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What counts for all entries, and where it stands: at the path `origin` of a source."""

    entry: Mapping[str, Any]
    source: Places
    origin: Path


@dataclass(slots=True)
class _Filled:
    """An entry at `path` that defaults fill in. `moved` says from where each of them came."""

    entry: dict[str, Any]
    path: Path
    source: Places
    moved: dict[Path, tuple[Places, Path]] = field(default_factory=dict)

    def fill(self, key: str, defaults: _Defaults) -> None:
        if key in defaults.entry and key not in self.entry:
            self.entry[key] = defaults.entry[key]
            self.moved[(*self.path, key)] = (defaults.source, (*defaults.origin, key))

    def fill_start(self, defaults: _Defaults) -> None:
        """The moments from which the deadline of the entry runs, unless it names some itself."""
        start, due = defaults.entry.get("due"), self.entry.get("due")
        if start is None or due is None or isinstance(due, list):
            return
        own = due if isinstance(due, dict) else {"within": due}
        if "from" in own:
            return
        self.entry["due"] = {**own, "from": start["from_"]}
        here = (*self.path, "due")
        if not isinstance(due, dict):
            self.moved[(*here, "within")] = (self.source, here)
        self.moved[(*here, "from")] = (defaults.source, (*defaults.origin, "due", "from"))

    def fill_start_of_cases(self, defaults: _Defaults) -> None:
        """The same for the deadlines that the alternatives of the entry have."""
        written = self.entry.get("by_case", ())
        cases = [
            _Filled(dict(case), (*self.path, "by_case", number), self.source, self.moved)
            for number, case in enumerate(written)
        ]
        for case in cases:
            case.fill_start(defaults)
        if cases:
            self.entry["by_case"] = [case.entry for case in cases]


KindsOfActions = Mapping[str, tuple[Mapping[str, Any], Places]]
"""The kinds of actions of all files, each with the source that has its place."""


def kinds_of(files: Iterable[tuple[Mapping[str, Any], Places]]) -> KindsOfActions:
    return {
        name: (entry, source)
        for data, source in files
        for name, entry in data.get("kinds", {}).items()
    }


def with_defaults(
    catalogue: Mapping[str, Any], here: BoundValue, kinds: KindsOfActions
) -> tuple[dict[str, Any], BoundValue]:
    """The entries of a file of actions filled in, and `here` with the places of what was filled in."""
    moved: dict[Path, tuple[Places, Path]] = {}
    entries = {}
    for code, entry in catalogue.get("actions", {}).items():
        filled = _Filled(dict(entry), ("actions", code), here.source)
        name = entry.get("kind")
        if name in kinds:
            defaults, source = kinds[name]
            _fill_action(filled, _Defaults(defaults, source, ("kinds", name)))
        _fill_action(filled, _Defaults(catalogue.get(DEFAULTS, {}), here.source, (DEFAULTS,)))
        entries[code] = filled.entry
        moved |= filled.moved
    return entries, _with(here, moved)


def extensions_with_defaults(
    catalogue: Mapping[str, Any], here: BoundValue
) -> tuple[dict[str, Any], BoundValue]:
    """What a file of a part adds to actions of the base, filled in with what the file has as defaults, and the places."""
    moved: dict[Path, tuple[Places, Path]] = {}
    entries = {}
    defaults = _Defaults(catalogue.get(DEFAULTS, {}), here.source, (DEFAULTS,))
    for code, entry in catalogue.get("extends", {}).items():
        filled = _Filled(dict(entry), ("extends", code), here.source)
        filled.fill_start_of_cases(defaults)
        entries[code] = filled.entry
        moved |= filled.moved
    return entries, _with(here, moved)


def _fill_action(filled: _Filled, defaults: _Defaults) -> None:
    """A legal duty waits for no approval, and no rule asks for a forbidden action."""
    filled.fill("source", defaults)
    filled.fill_start(defaults)
    filled.fill_start_of_cases(defaults)
    if not filled.entry.get("statutory") and not filled.entry.get("forbidden"):
        filled.fill("approval", defaults)


def rules_with_defaults(
    data: Mapping[str, Any], here: BoundValue
) -> tuple[Mapping[str, Any], BoundValue]:
    """A file of rules filled in: the sources of its rules and rows, and the moments of the deadlines that its rules give."""
    if not data.get(DEFAULTS):
        return data, here
    defaults = _Defaults(data[DEFAULTS], here.source, (DEFAULTS,))
    moved: dict[Path, tuple[Places, Path]] = {}

    def filled(entry: Mapping[str, Any], path: Path, key: str) -> dict[str, Any]:
        one = _Filled(dict(entry), path, here.source)
        if key == "source":
            one.fill("source", defaults)
        else:
            one.fill_start(defaults)
        moved.update(one.moved)
        return one.entry

    rules = []
    for number, rule in enumerate(data["rules"]):
        path: Path = ("rules", number)
        asked = rule["then"].get("actions")
        then = (*path, "then", "actions")
        if isinstance(asked, dict):
            asked = filled(asked, then, "due")
        elif isinstance(asked, list):
            asked = [
                filled(one, (*then, position), "due") if isinstance(one, dict) else one
                for position, one in enumerate(asked)
            ]
        given = {**rule["then"], "actions": asked} if "actions" in rule["then"] else rule["then"]
        rules.append({**filled(rule, path, "source"), "then": given})
    tables = [
        {
            **table,
            "rows": [
                filled(row, ("tables", number, "rows", line), "source")
                for line, row in enumerate(table["rows"])
            ],
        }
        for number, table in enumerate(data.get("tables", []))
    ]
    return {**data, "rules": rules, "tables": tables}, _with(here, moved)


def _with(here: BoundValue, moved: Mapping[Path, tuple[Places, Path]]) -> BoundValue:
    return BoundValue(here.collector, MovedPlaces(here.source, moved), here.path) if moved else here
