"""The names that a pack's files declare, with their entries, for values that name them. Files may have any mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Entries = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Declared:
    facts: Entries
    derived: Entries
    outputs: Entries
    actions: Entries
    roles: Entries
    kinds: Entries
    languages: tuple[str, ...]
    rules: tuple[str, ...]
    places: tuple[str, ...]
    """The values of the fact that names places."""

    @classmethod
    def of(cls, files: Mapping[str, Any]) -> Declared:
        about, facts, actions = (_mapping(files.get(f"{n}.yaml")) for n in _DECLARATIONS)
        rules = [one for data in files.values() for one in _listed(_mapping(data).get("rules"))]
        return cls(
            _entries(facts.get("facts")),
            _entries(facts.get("derived")),
            _entries(about.get("outputs")),
            _entries(actions.get("actions")),
            _entries(actions.get("roles")),
            _entries(actions.get("kinds")),
            tuple(map(str, _mapping(about.get("title")))) or ("en",),
            tuple(str(_mapping(one).get("id")) for one in rules),
            tuple(_places(about.get("places"), _entries(facts.get("facts")))),
        )

    @property
    def all_facts(self) -> Entries:
        return {**self.facts, **self.derived}

    def of_type(self, *types: str) -> list[str]:
        """The facts of these types."""
        return [n for n, entry in self.all_facts.items() if entry.get("type") in types]

    def single(self) -> list[str]:
        """The outputs that have one value."""
        return [name for name, entry in self.outputs.items() if entry.get("hit") != "collect"]

    def enums(self) -> list[str]:
        """The outputs that have one value of an enum."""
        return [name for name in self.single() if self.outputs[name].get("type") == "enum"]


_DECLARATIONS = ("pack", "facts", "actions")


def codes(entry: Mapping[str, Any]) -> list[str]:
    """The values of an enum's entry."""
    values = entry.get("values")
    return [str(code) for code in values] if isinstance(values, dict | list) else []


def _places(name: Any, facts: Entries) -> list[str]:
    return codes(facts.get(str(name), {}))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(value: Any) -> Entries:
    return {str(name): _mapping(entry) for name, entry in _mapping(value).items()}
