"""The journal of a run: what it was asked, and how far its output is on the disk. It stands beside the output, as one small file.

It is replaced as a whole after each write, so it is never half written and does not grow with the input.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from service.bulk.errors import BulkUsageError, PlaceError
from service.bulk.reading.blocks import START, InputPosition
from service.bulk.reading.inputs import Input
from service.bulk.working.counts import Counts

ENDING = ".journal"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """What the bytes of the output depend on. A run goes on only if all of it is as it was.

    `default_pack` is the name of the pack for lines that name none. `digests` has the digest of each pack by name, `options` what
    was asked, in the words of the command.
    `inputs` is what `identity_of` gives. `now` is the present moment of lines that have no own, or null.
    """

    tocsin: str
    default_pack: str
    digests: Mapping[str, str]
    options: Mapping[str, Any]
    inputs: Mapping[str, Any]
    now: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "tocsin": self.tocsin,
            "default_pack": self.default_pack,
            "digests": dict(self.digests),
            "options": dict(self.options),
            "inputs": dict(self.inputs),
            "now": self.now,
        }


def identity_of(inputs: Sequence[Input]) -> dict[str, Any]:
    """How many they are, and a digest of their names, sizes and times of change: the journal stays small whatever their number is."""
    digest = hashlib.sha256()
    for one in inputs:
        digest.update(orjson.dumps([one.name, one.size, one.changed_ns]))
    return {"files": len(inputs), "sha256": digest.hexdigest()}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a run is. `size` are the bytes of the output, `position` where the next block begins."""

    blocks: int = 0
    size: int = 0
    position: InputPosition = START
    read_bytes: int = 0
    counts: Counts = field(default_factory=Counts)
    finished: bool = False


JournalData = tuple[dict[str, Any], Checkpoint]
"""What the run was asked, as JSON, and how far it is."""


@dataclass(frozen=True, slots=True)
class Journal:
    path: Path

    @classmethod
    def beside(cls, place: Path) -> Journal:
        return cls(place.with_name(place.name + ENDING))

    @property
    def being_written(self) -> Path:
        """Takes the place of the journal once it is whole. A run that was killed may leave it."""
        return self.path.with_name(self.path.name + ".new")

    def write(self, identity: RunIdentity, checkpoint: Checkpoint) -> None:
        """Raises PlaceError."""
        data = {
            "format": FORMAT,
            "run": identity.as_json(),
            "blocks": checkpoint.blocks,
            "size": checkpoint.size,
            "position": list(checkpoint.position),
            "read_bytes": checkpoint.read_bytes,
            "counts": checkpoint.counts.as_json(),
            "finished": checkpoint.finished,
        }
        try:
            with self.being_written.open("wb") as file:
                file.write(orjson.dumps(data))
                file.flush()
                os.fsync(file.fileno())
            self.being_written.replace(self.path)
        except OSError as error:
            raise PlaceError(f"'{self.path}' cannot be written: {error.strerror}") from None

    def remove(self) -> None:
        """Raises PlaceError."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise PlaceError(f"'{self.path}' cannot be removed: {error.strerror}") from None

    def read(self) -> JournalData | None:
        """None if there is no journal. Raises BulkUsageError."""
        try:
            data = orjson.loads(self.path.read_bytes())
            if data["format"] != FORMAT:
                raise ValueError
            return data["run"], Checkpoint(
                data["blocks"],
                data["size"],
                InputPosition(*data["position"]),
                data["read_bytes"],
                Counts.of_json(data["counts"]),
                data["finished"],
            )
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BulkUsageError(f"'{self.path}' cannot be read: {error.strerror}") from None
        except (KeyError, TypeError, ValueError):
            raise BulkUsageError(f"'{self.path}' is no journal of this version") from None


def check_same(before: Mapping[str, Any], identity: RunIdentity) -> None:
    """Raises BulkUsageError with the first thing that is not as it was."""
    now = identity.as_json()
    for key, what in _WORDS.items():
        if before.get(key) != now[key]:
            compare = _difference_of_inputs if key == "inputs" else _difference
            difference = compare(before.get(key), now[key])
            raise BulkUsageError(
                f"--resume is refused: {what} changed since the run began{difference}"
            )


_WORDS = {
    "tocsin": "the version of Tocsin",
    "default_pack": "the default pack",
    "digests": "a pack",
    "options": "an option",
    "inputs": "an input",
    "now": "--as-of",
}


def _difference(before: Any, now: Any) -> str:
    """Names what differs, if it has a name."""
    match before, now:
        case dict(), dict():
            name = next(key for key in {**before, **now} if before.get(key) != now.get(key))
            return f": {name} was {_worded(before.get(name))}, is {_worded(now.get(name))}"
    return f": was {_worded(before)}, is {_worded(now)}"


def _difference_of_inputs(before: Any, now: Any) -> str:
    was = before.get("files") if isinstance(before, dict) else None
    if was != now["files"]:
        return f": {_worded(was)} files then, {now['files']} now"
    return ": a name, a size or a time of change"


def _worded(value: Any) -> str:
    return "nothing" if value is None or value == "" else f"{str(value)[:80]}"
