"""The packs of this process, each loaded once and found by its digest. The bytes of a pack must arrive before its first incident."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import RLock

from service.asking.assessment_id import VERSION
from service.authoring.render import render
from service.distributed.packed_pack import ARRIVALS, PackedPack, PackKey
from service.engine.errors import MatcherError
from service.language.collector import Collector
from service.language.files.pack_files import PackFiles
from service.language.load import load_files
from service.language.problem import Problem
from service.serving.packs import Packs
from service.serving.proving import add_refusal, is_available
from service.serving.served_pack import ServedPack

MOST_LOADED = 4
"""So many packs stay loaded, those that were used last. A loaded pack takes tens of megabytes, its bytes less than one."""


class PackRefused(ValueError):
    """The pack in `folder` cannot assess. The message lists its problems, each with its place and what to do."""

    def __init__(self, folder: str, problems: Sequence[Problem]) -> None:
        super().__init__(folder, problems)
        self.folder = folder
        self.problems = problems

    def __str__(self) -> str:
        return f"the pack '{self.folder}' does not load\n{render(self.problems, 'text')}"


class PackNotSent(LookupError):
    """This process does not have the bytes of the pack."""


class OtherSoftware(RuntimeError):
    """This process could give other answers than the one that began the run."""


@dataclass(frozen=True, slots=True)
class PackCounts:
    """How many times a pack's bytes arrived in this process, and how many times it was loaded here."""

    arrived: int
    loaded: int


@dataclass(frozen=True, slots=True)
class WorkerPacks:
    """The packs by key: the bytes of all that arrived, and the few that are loaded, the one that was used last at the end."""

    received: dict[PackKey, PackedPack] = field(default_factory=dict)
    loaded: dict[PackKey, Packs] = field(default_factory=dict)
    loads: Counter[PackKey] = field(default_factory=Counter)
    lock: RLock = field(default_factory=RLock)

    def receive(self, packed: PackedPack) -> None:
        self.received.setdefault(packed.key, packed)

    def forget(self, key: PackKey) -> None:
        with self.lock:
            self.received.pop(key, None)
            self.loaded.pop(key, None)

    def find(self, key: PackKey) -> Packs:
        """The pack, loaded if it is not yet. Raises PackNotSent, OtherSoftware and PackRefused."""
        with self.lock:
            packs = self.loaded.pop(key, None) or self._load(key)
            self.loaded[key] = packs
            while len(self.loaded) > MOST_LOADED:
                del self.loaded[next(iter(self.loaded))]
            return packs

    def counts(self, key: PackKey) -> PackCounts:
        return PackCounts(ARRIVALS[key], self.loads[key])

    def _load(self, key: PackKey) -> Packs:
        _check_software(key)
        packed = self.received.get(key)
        if packed is None:
            raise PackNotSent(f"this process was not sent the pack {key.digest}")
        served = _served(packed.files(), key)
        self.loads[key] += 1
        return Packs({served.pack.name: served}, served.pack.name)


PROCESS_PACKS = WorkerPacks()
"""Those of this process. Its threads share them."""


def receive(packed: PackedPack) -> None:
    """What an engine calls in a process before its first incident. A pool of processes can have it as its initializer."""
    PROCESS_PACKS.receive(packed)


def _check_software(key: PackKey) -> None:
    if key.tocsin != VERSION:
        raise OtherSoftware(
            f"the run began with Tocsin {key.tocsin or 'of no version'}, and this process has {VERSION or 'no version'}: "
            "install the same everywhere"
        )
    if not is_available(key.engine):
        raise OtherSoftware(
            f"the engine of the run is '{key.engine}', but this Python has no durable_rules: choose the engine 'reference'"
        )


def _served(files: PackFiles, key: PackKey) -> ServedPack:
    pack, problems = load_files(files)
    if pack is None:
        raise PackRefused(str(files.folder), problems)
    try:
        return ServedPack.of(pack, key.engine)
    except MatcherError as error:
        collector = Collector()
        add_refusal(error, collector.at(files.place()))
        raise PackRefused(str(files.folder), collector.listed()) from None
