"""Reads zstd frames one after the other. Unlike the library's own reader it tells if the file ends within a frame."""

from __future__ import annotations

import io
from typing import IO, Any

STORED_BYTES = 128 * 1024


class ZstandardFrames(io.RawIOBase):
    """The bytes of all frames in `raw`, without their compression."""

    def __init__(self, raw: IO[bytes]) -> None:
        """`raw` stays open when this is closed."""
        import zstandard  # an extra

        self._library = zstandard
        self._raw = raw
        self._frame: Any = None
        self._stored = b""
        self._ready = memoryview(b"")
        self._given = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._given

    def readinto(self, buffer: Any, /) -> int:
        """Raises OSError if the bytes are no zstd, and EOFError if they end within a frame."""
        while not self._ready:
            if not self._fill():
                return 0
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        self._given += count
        return count

    def _fill(self) -> bool:
        """Decompresses the next stored bytes. False at the end of the file."""
        self._stored = self._stored or self._raw.read(STORED_BYTES)
        if not self._stored:
            if self._frame is not None:
                raise EOFError("the file ends within a zstd frame")
            return False
        self._frame = self._frame or self._library.ZstdDecompressor().decompressobj()
        try:
            self._ready = memoryview(self._frame.decompress(self._stored))
        except self._library.ZstdError as error:
            raise OSError(None, str(error)) from None
        self._stored = b""
        if self._frame.eof:
            self._stored, self._frame = self._frame.unused_data, None
        return True
