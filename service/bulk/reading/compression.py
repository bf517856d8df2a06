"""How the bytes of a file are compressed, by the ending of its name. What is written is one piece that stands by itself for each block."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from enum import Enum
from importlib.util import find_spec
from typing import IO, cast

from service.bulk.errors import BulkUsageError
from service.bulk.reading.zstandard_frames import ZstandardFrames

GZIP_LEVEL = 6
NO_MOMENT = 0
"""A moment in the head of gzip would make the bytes of two runs differ."""


class Compression(Enum):
    """The value is the ending of the name."""

    NONE = ""
    GZIP = ".gz"
    ZSTANDARD = ".zst"

    def check_available(self) -> None:
        """Raises BulkUsageError if this Python lacks the library."""
        if self is Compression.ZSTANDARD and find_spec("zstandard") is None:
            raise BulkUsageError(
                f"{self.value} needs the library zstandard: pip install --require-hashes -r requirements-zstd.txt"
            )

    def reader(self, raw: IO[bytes]) -> IO[bytes]:
        """Reads what is stored in `raw`, also if it was written in several pieces. Reading raises OSError, EOFError and zlib.error."""
        match self:
            case Compression.GZIP:
                return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
            case Compression.ZSTANDARD:
                return io.BufferedReader(ZstandardFrames(raw))
            case Compression.NONE:
                return raw

    def compressor(self) -> Callable[[bytes], bytes]:
        """Makes one gzip member or one zstd frame of its bytes."""
        match self:
            case Compression.GZIP:
                return lambda data: gzip.compress(data, GZIP_LEVEL, mtime=NO_MOMENT)
            case Compression.ZSTANDARD:
                import zstandard

                return zstandard.ZstdCompressor().compress
            case Compression.NONE:
                return bytes


def compression_of(name: str) -> Compression:
    return next(one for one in reversed(Compression) if name.endswith(one.value))


def without_ending(name: str) -> str:
    """The name without the ending of its compression: its own ending then says what it is."""
    return name.removesuffix(compression_of(name).value)
