"""The kept versions of one pack, and which of them are proven, in an open folder.

A version is one file: the bytes whose SHA-256 is the digest in its name. So a file that is not whole is never used, and
workers that write the same version write the same bytes. It must not know where the folder is.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Set
from contextlib import suppress
from typing import NamedTuple

from service.language.files.look import MAX_PACK_BYTES
from service.private_folder import open_file, read_file, write_file

KEPT = 3
"""The number of good versions kept for each pack."""
_MOST_BYTES = 2 * MAX_PACK_BYTES  # the names of the files need room too
_VERSION = re.compile(r"([0-9]{12})-([0-9a-f]{64})")
_PARTIAL = re.compile(r"partial-([0-9a-f]{64})")
_PROOF = re.compile(r"proven-([0-9a-f]{64})-[0-9a-f]{16}")


class Version(NamedTuple):
    """`sequence` is one more than that of the version kept before. No clock has a part in the order."""

    sequence: int
    digest: str

    @property
    def name(self) -> str:
        return f"{self.sequence:012}-{self.digest}"


def newest_first(folder: int) -> list[Version]:
    """Raises OSError."""
    found = (_VERSION.fullmatch(name) for name in os.listdir(folder))
    return sorted((Version(int(one[1]), one[2]) for one in found if one), reverse=True)


def read_version(folder: int, version: Version) -> bytes | None:
    """The packed files. None if they no longer have their digest, or cannot be read."""
    try:
        packed = read_file(folder, version.name, _MOST_BYTES)
    except OSError:
        return None
    return packed if hashlib.sha256(packed).hexdigest() == version.digest else None


def is_kept(folder: int, digest: str, *, among: int) -> bool:
    """Whether the version is whole and among this number of newest versions. Raises OSError."""
    versions = [one for one in newest_first(folder)[:among] if one.digest == digest]
    return any(read_version(folder, one) is not None for one in versions)


def keep_version(folder: int, digest: str, packed: bytes) -> None:
    """Makes it the newest, and removes what is no longer kept. Raises OSError; then nothing is left behind."""
    newest = max((one.sequence for one in newest_first(folder)), default=0)
    name = Version(newest + 1, digest).name
    write_file(folder, name, packed, partial=f"partial-{digest}")
    _remove_old(folder)


def is_proven(folder: int, digest: str, setting: str) -> bool:
    """Whether the version is proven for a setting."""
    try:
        os.close(open_file(folder, _proof(digest, setting), os.O_RDONLY))
    except OSError:
        return False
    return True


def note_proof(folder: int, digest: str, setting: str) -> None:
    """Raises OSError."""
    os.close(open_file(folder, _proof(digest, setting), os.O_WRONLY | os.O_CREAT))


def _proof(digest: str, setting: str) -> str:
    return f"proven-{digest}-{setting}"


def _remove_old(folder: int) -> None:
    """Also removes the partial file of a worker that was killed."""
    kept: dict[str, str] = {}
    for version in newest_first(folder):
        if len(kept) < KEPT:
            kept.setdefault(version.digest, version.name)
    for name in _unkept(folder, set(kept), set(kept.values())):
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)


def _unkept(folder: int, digests: Set[str], names: Set[str]) -> Iterator[str]:
    for name in os.listdir(folder):
        proof = _PROOF.fullmatch(name)
        is_old = _VERSION.fullmatch(name) and name not in names
        if is_old or _PARTIAL.fullmatch(name) or (proof and proof[1] not in digests):
            yield name
