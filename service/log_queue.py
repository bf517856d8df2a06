"""Writes the lines of the log in a thread of its own: a caller never waits for the log and never gets its errors.

Each process has its own queue and thread. A forked child begins with an empty queue: its parent writes the queued lines.
"""

from __future__ import annotations

import io
import os
import re
import select
import sys
import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import IO, Protocol

MOST_LINES = 10_000
MOST_BYTES = 8 * 1024 * 1024
"""The queue holds at most this much. Further lines are dropped and counted."""
MOST_CHARACTERS_BEGUN = 64 * 1024
TOKEN_PREFIX = "tocsin_"  # noqa: S105 - the part of a token that is no secret
"""Each token begins so (`service.access.new_token`). No line of the log has one, wherever the line came from."""
_TOKEN = re.compile(TOKEN_PREFIX + "[A-Za-z0-9_-]{43}")
SECONDS_BETWEEN_TRIES = 1.0
SECONDS_OF_REST = 0.01
"""When all lines are written, the thread rests for so long. To wake it for each line would cost each request two changes of
the thread that has the interpreter."""
# Bidirectional controls reorder the text that a terminal shows. The others begin a line or a terminal's command.
_UNSAFE = [0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x80, 0xA0)]
_ESCAPES = {
    code: f"\\u{code:04x}" for code in (*_UNSAFE, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def without_tokens(text: str) -> str:
    """Who cuts a text for the log calls this before: half a token does not look like one."""
    return _TOKEN.sub(TOKEN_PREFIX + "…", text)


class Destination(Protocol):
    def write(self, data: bytes) -> int:
        """Writes whole lines. Returns the number of lines that were lost."""


class Descriptor:
    """Writes to a file descriptor. Only the log's thread calls it.

    A write of up to PIPE_BUF bytes is not mixed with those of other processes, even in a pipe.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._torn = False  # a fault cut off the last line

    def write(self, data: bytes) -> int:
        rest = memoryview(b"\n" + data if self._torn else data)
        try:
            while rest:
                written = self._write_some(rest)
                self._torn = rest[written - 1] != ord("\n")
                rest = rest[written:]
        except OSError:  # no reader, a full or broken disk, or a closed descriptor
            return min(bytes(rest).count(b"\n"), data.count(b"\n"))
        return 0

    def _write_some(self, rest: memoryview) -> int:
        while True:
            try:
                return os.write(self.number, rest)
            except BlockingIOError:  # another process made the shared pipe or terminal non-blocking
                room = select.poll()
                room.register(self.number, select.POLLOUT)
                room.poll(SECONDS_BETWEEN_TRIES * 1000)


@dataclass(frozen=True, slots=True)
class TextFile:
    """Writes to a text file, such as a test's standard error."""

    file: IO[str]

    def write(self, data: bytes) -> int:
        try:
            self.file.write(data.decode())
            self.file.flush()
        except (OSError, ValueError):  # ValueError: the file is closed
            return data.count(b"\n")
        return 0


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line and where it goes; or, without a destination, an event that tells that all earlier lines are written."""

    data: bytes
    destination: Destination | None
    reached: threading.Event | None = None


class LogQueue:
    """A bounded queue and its thread, which starts with the first line."""

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self.dropped = 0
        self._entries: SimpleQueue[_Entry] = SimpleQueue()
        self._bytes = 0
        self._lock = threading.RLock()  # a signal handler may log while its thread has the lock
        self._writes = False

    def put(self, line: str, destination: Destination) -> None:
        """Never waits and never raises. `line` has no line break."""
        if TOKEN_PREFIX in line:
            line = without_tokens(line)
        if not line.isascii():
            line = line.translate(_ESCAPES)
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        with self._lock:
            if self._is_full(len(data)) or not self._started():
                self.dropped += 1
                return
            self._bytes += len(data)
        self._entries.put(_Entry(data, destination))

    def flush(self, seconds: float) -> None:
        """Waits until the lines queued so far are written or lost, but not longer than `seconds`."""
        if self._writes:
            reached = threading.Event()
            self._entries.put(_Entry(b"", None, reached))
            reached.wait(seconds)

    def _is_full(self, more: int) -> bool:
        return self._entries.qsize() >= MOST_LINES or self._bytes + more > MOST_BYTES

    def _started(self) -> bool:
        if not self._writes:
            try:
                threading.Thread(target=self._write_all, name="tocsin-log", daemon=True).start()
            except RuntimeError:  # no thread can start now; the next line tries again
                return False
            self._writes = True
        return True

    def _write_all(self) -> None:
        following: _Entry | None = None
        while True:
            try:
                following = self._write_next(following or self._entries.get())
                if following is None and self._entries.empty():
                    time.sleep(SECONDS_OF_REST)
            except Exception:  # for example no memory is left: later lines may still be written
                following = None
                with self._lock:
                    self.dropped += 1

    def _write_next(self, first: _Entry) -> _Entry | None:
        if first.destination is None:
            assert first.reached
            first.reached.set()
            return None
        lines, following = self._gather(first)
        lost = first.destination.write(lines)
        with self._lock:
            self._bytes = self._bytes - len(lines) if following or self._entries.qsize() else 0
            self.dropped += lost
        return following

    def _gather(self, first: _Entry) -> tuple[bytes, _Entry | None]:
        """As many queued lines as one write keeps whole, and the entry after them that was taken already."""
        lines = [first.data]
        size = len(first.data)
        while True:
            try:
                entry = self._entries.get_nowait()
            except Empty:
                return b"".join(lines), None
            size += len(entry.data)
            if entry.destination is not first.destination or size > select.PIPE_BUF:
                return b"".join(lines), entry
            lines.append(entry.data)


class LogStream(io.TextIOBase):
    """Takes the place of standard error: everything printed by Python, gunicorn or a library is queued line by line."""

    def __init__(self, queue: LogQueue, descriptor: int) -> None:
        self.destination = Descriptor(descriptor)
        self._queue = queue
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._begun = ""  # a line without its end
        self._lock = threading.RLock()

    def write(self, text: str) -> int:
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._queue.put(line, self.destination)
        if len(self._begun) > MOST_CHARACTERS_BEGUN:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Queues a line that has no end yet as a whole line."""
        with self._lock:
            begun, self._begun = self._begun, ""
        if begun:
            self._queue.put(begun, self.destination)

    def fileno(self) -> int:
        return self.destination.number

    def isatty(self) -> bool:
        return os.isatty(self.destination.number)

    def writable(self) -> bool:
        return True


QUEUE = LogQueue()


def queue_standard_error() -> None:
    """From now on nothing that Python code prints on standard error can block or fail its caller."""
    if not isinstance(sys.stderr, LogStream):
        # Without standard error the number may belong to another file by now: no such descriptor is ever open.
        sys.stderr = LogStream(QUEUE, -1 if sys.stderr is None else sys.stderr.fileno())


def standard_error() -> Destination:
    """Where the log goes from now on."""
    return sys.stderr.destination if isinstance(sys.stderr, LogStream) else TextFile(sys.stderr)
