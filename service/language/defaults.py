"""Fills in what `defaults` of a file, or a kind of actions, says for all its entries: the moments of deadlines, sources, approvals.

What an entry says itself counts, then what its kind says, then what its file says. A mistake in a default is reported there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.language.collector import BoundValue, Places
from service.language.files.moved_places import MovedPlaces
from service.language.place import Path

DEFAULTS = "defaults"


@dataclass(slots=True)
class _Filled:
    """An entry at `path` that defaults fill in. `moved` says from where each of them came."""

    entry: dict[str, Any]
    path: Path
    source: Places
    moved: dict[Path, tuple[Places, Path]] = field(default_factory=dict)

    def fill(self, key: str, defaults: Mapping[str, Any], origin: Path) -> None:
        if key in defaults and key not in self.entry:
            self.entry[key] = defaults[key]
            self.moved[(*self.path, key)] = (self.source, (*origin, key))

    def fill_start(self, defaults: Mapping[str, Any], origin: Path) -> None:
        """The moments from which the deadline of the entry runs, unless it names some itself."""
        start, due = defaults.get("due"), self.entry.get("due")
        if start is None or due is None or isinstance(due, list):
            return
        own = due if isinstance(due, dict) else {"within": due}
        if "from" in own:
            return
        self.entry["due"] = {**own, "from": start["from_"]}
        here = (*self.path, "due")
        if not isinstance(due, dict):
            self.moved[(*here, "within")] = (self.source, here)
        self.moved[(*here, "from")] = (self.source, (*origin, "due", "from"))


def with_defaults(
    catalogue: Mapping[str, Any], here: BoundValue
) -> tuple[dict[str, Any], BoundValue]:
    """The entries of actions.yaml filled in, and `here` with the places of what was filled in."""
    moved: dict[Path, tuple[Places, Path]] = {}
    entries = {}
    for code, entry in catalogue["actions"].items():
        filled = _Filled(dict(entry), ("actions", code), here.source)
        for defaults, origin in _of(entry, catalogue):
            _fill_action(filled, defaults, origin)
        entries[code] = filled.entry
        moved |= filled.moved
    return entries, _with(here, moved)


def _of(
    entry: Mapping[str, Any], catalogue: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, Any], Path]]:
    """The defaults that count for an action, the nearest first."""
    kind = entry.get("kind", "")
    if kind in catalogue.get("kinds", {}):
        yield catalogue["kinds"][kind], ("kinds", kind)
    yield catalogue.get(DEFAULTS, {}), (DEFAULTS,)


def _fill_action(filled: _Filled, defaults: Mapping[str, Any], origin: Path) -> None:
    """A legal duty waits for no approval, and no rule asks for a forbidden action."""
    filled.fill("source", defaults, origin)
    filled.fill_start(defaults, origin)
    if not filled.entry.get("statutory") and not filled.entry.get("forbidden"):
        filled.fill("approval", defaults, origin)


def rules_with_defaults(
    data: Mapping[str, Any], here: BoundValue
) -> tuple[Mapping[str, Any], BoundValue]:
    """A file of rules filled in: the sources of its rules and rows, and the moments of the deadlines that its rules give."""
    defaults = data.get(DEFAULTS)
    if not defaults:
        return data, here
    moved: dict[Path, tuple[Places, Path]] = {}

    def filled(entry: Mapping[str, Any], path: Path, key: str) -> dict[str, Any]:
        one = _Filled(dict(entry), path, here.source)
        if key == "source":
            one.fill("source", defaults, (DEFAULTS,))
        else:
            one.fill_start(defaults, (DEFAULTS,))
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
