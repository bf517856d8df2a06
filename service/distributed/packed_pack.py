"""A pack as bytes, which travel to the processes that assess, and the name by which it is known there.

It must not keep what was loaded: `worker_packs` does.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from service.asking.assessment_id import VERSION
from service.engine.judging.cross_check import EngineName
from service.language.files.pack_files import PackFiles, unpacked

ARRIVALS: Counter[PackKey] = Counter()
"""How many times the bytes of each pack arrived in this process from another one."""


@dataclass(frozen=True, slots=True)
class PackKey:
    """The pack of a run, by which each process knows it: its digest, and what else its answers depend on.

    `tocsin` is the version of Tocsin: another version could give other answers.
    """

    digest: str
    engine: EngineName
    tocsin: str = VERSION

    def __str__(self) -> str:
        return f"tocsin-pack-{self.digest}-{self.engine}"


@dataclass(frozen=True, slots=True)
class PackedPack:
    """The files of a pack, compressed. `folder` is the folder that they were read from, for messages."""

    key: PackKey
    folder: str
    compressed: bytes = field(repr=False)

    @classmethod
    def of(cls, files: PackFiles, engine: EngineName) -> PackedPack:
        compressed = zlib.compress(files.packed())
        return cls(PackKey(files.digest(), engine), str(files.folder), compressed)

    def files(self) -> PackFiles:
        """Raises ValueError if these are not the files of the digest."""
        packed = zlib.decompress(self.compressed)
        if sha256(packed).hexdigest() != self.key.digest:
            raise ValueError(f"the bytes of the pack are not those of digest {self.key.digest}")
        return unpacked(Path(self.folder), packed)

    def __reduce__(self) -> tuple[Callable[..., PackedPack], tuple[Any, ...]]:
        return arrived, (self.key, self.folder, self.compressed)


def arrived(key: PackKey, folder: str, compressed: bytes) -> PackedPack:
    """What pickle calls where the bytes arrive."""
    ARRIVALS[key] += 1
    return PackedPack(key, folder, compressed)
