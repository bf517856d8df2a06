"""Makes packs from the schemas of pack files: a valid pack in which some keys have new, often unusual values.

Each key of each schema is changed in turn, so a key that a schema gains later is changed too.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from service.language.collector import Collector
from service.language.files.source import read_source
from tests.faults.generated.declared_names import Declared
from tests.faults.generated.key_values import drawn
from tests.faults.generated.odd_values import GENERIC, Way, form_of
from tests.faults.generated.slots import Slot, at, every_name, slots
from tests.packs import HARBOUR
from tests.semantics.random_packs import random_pack

FOLDERS = {"harbour": HARBOUR, "every_key": HARBOUR.parent / "every_key"}
RANDOM_PACKS = 12
BASES = (*["every_key"] * 8, *["harbour"] * 2, *(f"random {n}" for n in range(RANDOM_PACKS)))
"""Every key is in the first. The random packs have every hit policy and several strata."""
CHANGES = (1, 1, 1, 2, 3)
PRESENT, LEFT_OUT = 0.6, 0.06
"""The shares of changes at a key that is there, and of those that leave it out."""
WAYS: tuple[Way, ...] = ("drawn", "drawn", "drawn", "drawn", "none", "one", "twice", "any")
"""How the key gets its value, in turn."""
Pick = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Change:
    """The key of a mapping gets a value, or is left out. `name` is the key with its schema."""

    name: str
    file: str
    path: tuple[str | int, ...]
    key: str
    value: Any
    left_out: bool = False

    def apply(self, files: Mapping[str, Any]) -> None:
        """It does nothing if an earlier change removed its place."""
        with suppress(LookupError, TypeError):
            parent = at(files[self.file], self.path)
            if self.left_out:
                parent.pop(self.key, None)
            else:
                parent[self.key] = copy.deepcopy(self.value)


@dataclass(frozen=True, slots=True)
class Generated:
    """A base with changes. `seed` is that of the incidents for it."""

    base: str
    changes: tuple[Change, ...]
    seed: str = field(compare=False)

    def files(self) -> dict[str, bytes]:
        """All files. Those without a change are as their author wrote them."""
        files = copy.deepcopy(_data(self.base))
        for change in self.changes:
            change.apply(files)
        changed = {change.file for change in self.changes}
        raw = _raw(self.base)
        return {name: _written(files[name]) if name in changed else raw[name] for name in raw}

    def write(self, folder: Path) -> None:
        for name, raw in self.files().items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(raw)

    def new_names(self) -> set[str]:
        """The names of the keys that have a value that they have not in the base."""
        files, before = copy.deepcopy(_data(self.base)), _data(self.base)
        for change in self.changes:
            change.apply(files)
        return {
            slot.name
            for slot in slots(files)
            if _value(files, slot) not in (_ABSENT, _value(before, slot))
        }

    def smaller(self, pick: Pick) -> Generated:
        """With some of its changes."""
        return replace(self, changes=tuple(change for change in self.changes if pick(1)))


class GeneratedPacks:
    """The same seed and number give the same pack."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.names = every_name()

    def pack(self, number: int) -> Generated:
        draw = random.Random(f"generated {self._seed} {number}")
        turn, place = divmod(number, len(self.names))
        wanted, way = self.names[place], WAYS[turn % len(WAYS)]
        base = draw.choice([one for one in BASES if wanted in _names(one)])
        files = copy.deepcopy(_data(base))
        changes = [_change(draw, files, lambda slot: slot.name == wanted, way)]
        for _ in range(draw.choice(CHANGES) - 1):
            changes.append(_change(draw, files, lambda slot: True, draw.choice(WAYS)))
        return Generated(base, tuple(changes), seed=f"{self._seed} {number}")


def _change(
    draw: random.Random, files: dict[str, Any], chosen: Callable[[Slot], bool], way: Way
) -> Change:
    """One change, which is applied."""
    possible = [slot for slot in slots(files) if chosen(slot)]
    written = [slot for slot in possible if slot.key in at(files[slot.file], slot.path)]
    slot = draw.choice(written if written and draw.random() < PRESENT else possible)
    parent = at(files[slot.file], slot.path)
    if slot.key in parent and draw.random() < LEFT_OUT:
        change = Change(slot.name, slot.file, slot.path, slot.key, None, left_out=True)
    else:
        now = copy.deepcopy(parent.get(slot.key))
        value = copy.deepcopy(draw.choice(GENERIC))
        if way == "drawn":
            value = drawn(draw, slot.owner, slot.key, slot.declared, parent, Declared.of(files))
        elif way != "any":
            value = form_of(draw, now, way)
        change = Change(slot.name, slot.file, slot.path, slot.key, value)
    change.apply(files)
    return change


def _value(files: Mapping[str, Any], slot: Slot) -> Any:
    try:
        return at(files[slot.file], slot.path)[slot.key]
    except (LookupError, TypeError):
        return _ABSENT


_ABSENT = object()


@cache
def _raw(base: str) -> Mapping[str, bytes]:
    kind, _, number = base.partition(" ")
    if kind == "random":
        pack = random_pack(int(number), with_holds=int(number) % 2 == 0)
        return {name: text.encode() for name, text in pack.files.items()}
    folder = FOLDERS[base]
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*.yaml"))
    }


@cache
def _data(base: str) -> dict[str, Any]:
    return {name: _read(name, raw) for name, raw in _raw(base).items()}


def _read(name: str, raw: bytes) -> Any:
    source = read_source(raw, name, Collector())
    assert source is not None
    return source.data


@cache
def _names(base: str) -> frozenset[str]:
    return frozenset(slot.name for slot in slots(_data(base)))


class _InFull(yaml.CSafeDumper):
    """Writes a repeated object in full each time: the loader refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _written(data: Any) -> bytes:
    text = yaml.dump(data, Dumper=_InFull, allow_unicode=True, sort_keys=False, width=200)
    return text.encode("utf-8", "surrogatepass")
