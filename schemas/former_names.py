"""Former names of facts, values and actions: in what a caller sends they are replaced by the present ones, and told.

The readers of facts and of previous answers know present names only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Codes = Mapping[str, str]
"""From former names to present ones."""
LISTS_OF_ACTIONS = ("actions", "blocked", "held", "responses", "done_earlier")
WITH_SEEN = ("actions", "done_earlier")
"""The lists whose entries tell what was seen of outputs and facts."""


class Deprecated(NamedTuple):
    """A former name that was sent: where, what, and its present name."""

    path: str
    was: str
    now: str


@dataclass(slots=True)
class Renamed:
    """JSON with present names. `twice` are the facts, by present name, that were posted under both names."""

    raw: Any
    deprecated: list[Deprecated] = field(default_factory=list)
    twice: dict[str, str] = field(default_factory=dict)
    posted_as: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormerNames:
    """`facts` are dotted names, `actions` are codes. `values` are those of the facts, and `outputs` those of the outputs, by present name."""

    facts: Codes = field(default_factory=dict)
    values: Mapping[str, Codes] = field(default_factory=dict)
    outputs: Mapping[str, Codes] = field(default_factory=dict)
    actions: Codes = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.facts or self.values or self.outputs or self.actions)

    def in_facts(self, raw: Any) -> Renamed:
        """Posted facts with present names."""
        found = Renamed(raw)
        for was, now in self.facts.items():
            if _has(found.raw, was):
                self._rename(found, was, now)
        for name, codes in self.values.items():
            if _has(found.raw, name):
                path = f"facts.{found.posted_as.get(name, name)}"
                value = _value(_at(found.raw, name), codes, path, found.deprecated)
                found.raw = _with(found.raw, name, value)
        return found

    def _rename(self, found: Renamed, was: str, now: str) -> None:
        value = _at(found.raw, was)
        found.deprecated.append(Deprecated(f"facts.{was}", was, now))
        taken = _is_taken(found.raw, now)
        found.raw = _without(found.raw, was)
        if taken:
            found.twice[now] = was
        else:
            found.posted_as[now] = was
            found.raw = _with(found.raw, now, value)

    def in_previous(self, raw: Any) -> Renamed:
        """A previous answer with present values of outputs, actions and facts: all that `PreviousReader` reads by name."""
        found = Renamed(raw)
        if not isinstance(raw, dict):
            return found
        found.raw = dict(raw)
        for key in LISTS_OF_ACTIONS:
            if self.actions and isinstance(raw.get(key), list):
                path = f"previous.{key}"
                found.raw[key] = _value(raw[key], self.actions, path, found.deprecated)
        for key in WITH_SEEN:
            if isinstance(raw.get(key), list):
                entries = enumerate(found.raw[key])
                found.raw[key] = [
                    self._seen(one, f"previous.{key}[{n}]", found) for n, one in entries
                ]
        if isinstance(raw.get("figures"), dict):
            found.raw["figures"] = self._by_fact(raw["figures"], "previous.figures.", found)
        outputs = raw.get("outputs")
        if isinstance(outputs, dict):
            found.raw["outputs"] = self._outputs(outputs, "previous.outputs.", found)
        found.raw |= self._outputs(
            {name: raw[name] for name in self.outputs if name in raw}, "previous.", found
        )
        found.deprecated.sort()  # in one order, whatever that of the posted keys
        return found

    def _seen(self, entry: Any, path: str, found: Renamed) -> Any:
        """An entry of a list of actions, with present names and values of what was seen."""
        if not isinstance(entry, dict) or not isinstance(entry.get("seen"), dict):
            return entry
        where = f"{path}.seen."
        seen = self._by_fact(entry["seen"], where, found)
        codes = {**self.values, **self.outputs}
        return entry | {
            "seen": {
                name: _value(value, codes.get(name, {}), where + name, found.deprecated)
                for name, value in seen.items()
            }
        }

    def _by_fact(self, raw: Mapping[str, Any], path: str, found: Renamed) -> dict[str, Any]:
        """An object whose keys are facts. Where both names are there the present one counts, and the former is unknown."""
        renamed = {was: now for was, now in self.facts.items() if was in raw and now not in raw}
        found.deprecated += [Deprecated(path + was, was, now) for was, now in renamed.items()]
        return {renamed.get(name, name): value for name, value in raw.items()}

    def in_done(self, raw: Any) -> Renamed:
        """What a request says was carried out, with present actions."""
        found = Renamed(raw)
        found.raw = _value(raw, self.actions, "done", found.deprecated)
        return found

    def _outputs(self, raw: Mapping[str, Any], path: str, found: Renamed) -> dict[str, Any]:
        return {
            name: _value(value, self.outputs[name], path + name, found.deprecated)
            if name in self.outputs
            else value
            for name, value in raw.items()
        }


NO_FORMER_NAMES = FormerNames()


def _value(raw: Any, codes: Codes, path: str, into: list[Deprecated]) -> Any:
    """A code, a list of codes, or an object that has one as `value` or `code`; anything else is unchanged."""
    match raw:
        case str() if raw in codes:
            into.append(Deprecated(path, raw, codes[raw]))
            return codes[raw]
        case list():
            return [_value(one, codes, f"{path}[{n}]", into) for n, one in enumerate(raw)]
        case dict():
            inside = {key: raw[key] for key in ("value", "code") if key in raw}
            return raw | {
                key: _value(value, codes, f"{path}.{key}", into) for key, value in inside.items()
            }
    return raw


def _steps(raw: Any, name: str) -> Iterator[Any]:
    """The objects on the way to a dotted name, then its value, as far as there are any."""
    yield raw
    for part in name.split("."):
        if not isinstance(raw, dict) or part not in raw:
            return
        raw = raw[part]
        yield raw


def _has(raw: Any, name: str) -> bool:
    return len(list(_steps(raw, name))) == name.count(".") + 2


def _at(raw: Any, name: str) -> Any:
    return list(_steps(raw, name))[-1]


def _is_taken(raw: Any, name: str) -> bool:
    """Whether the fact, or a group around it that is no object, was posted."""
    return _has(raw, name) or not isinstance(_at(raw, name), dict)


def _with(raw: Any, name: str, value: Any) -> dict[str, Any]:
    first, _, rest = name.partition(".")
    return {**raw, first: _with(raw.get(first, {}), rest, value) if rest else value}


def _without(raw: Any, name: str) -> dict[str, Any]:
    """A group that becomes empty is left out too: its name may be a former one."""
    first, _, rest = name.partition(".")
    left = {key: value for key, value in raw.items() if key != first}
    if rest and (inner := _without(raw[first], rest)):
        return {**left, first: inner}
    return left
