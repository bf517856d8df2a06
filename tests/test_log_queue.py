"""The queue of the log: a caller never waits and never gets an error, whatever happens to the log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from service.log_queue import MOST_BYTES, MOST_LINES, Descriptor, LogQueue, LogStream
from service.logs import configure_logs, flush_log
from tests.server import ROOT

SECONDS = 30.0
UNSAFE = "\u202e\u2066\u2028\u2029\u0085\u009b\u200f\u061c"


class Held:
    """A destination that takes nothing until it is released, as a full pipe whose reader has stopped."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.entered = threading.Event()
        self.written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.entered.set()
        self.released.wait(SECONDS)
        self.written += data.splitlines()
        return 0


def test_a_full_queue_drops_lines_counts_them_and_keeps_the_others_in_order() -> None:
    queue, held = LogQueue(), Held()
    queue.put("first", held)
    assert held.entered.wait(SECONDS)  # its thread has taken this line, and now waits
    for number in range(MOST_LINES + 7):
        queue.put(str(number), held)
    assert queue.dropped == 7
    queue.flush(0.01)
    assert held.written == []
    held.released.set()
    queue.flush(SECONDS)
    assert held.written == [b"first", *(str(number).encode() for number in range(MOST_LINES))]
    queue.put("last", held)
    queue.flush(SECONDS)
    assert (held.written[-1], queue.dropped) == (b"last", 7)


def test_the_bytes_of_a_queue_are_bounded_too() -> None:
    queue, held = LogQueue(), Held()
    for _ in range(10):
        queue.put("x" * (MOST_BYTES // 4), held)
    assert queue.dropped == 7
    held.released.set()
    queue.flush(SECONDS)
    assert len(held.written) == 3


def broken_pipe() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def closed_descriptor() -> int:
    number = os.open(os.devnull, os.O_WRONLY)
    os.close(number)
    return number


@pytest.mark.parametrize(
    "open_broken",
    [broken_pipe, closed_descriptor, lambda: os.open("/dev/full", os.O_WRONLY)],
    ids=["no reader", "closed", "a full disk"],
)
def test_the_thread_survives_a_broken_descriptor_and_counts_the_lost_lines(
    open_broken: object, tmp_path: Path
) -> None:
    assert callable(open_broken)
    queue, broken = LogQueue(), Descriptor(open_broken())
    for _ in range(5):
        queue.put("lost", broken)
    queue.flush(SECONDS)
    assert queue.dropped == 5
    with (tmp_path / "log").open("wb") as file:
        queue.put("found", Descriptor(file.fileno()))
        queue.flush(SECONDS)
    assert (tmp_path / "log").read_text() == "found\n"


TORN = """
import resource, sys
from service.log_queue import Descriptor
file = open(sys.argv[1], "wb", buffering=0)
to = Descriptor(file.fileno())
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, most))
lost = to.write(b"aaaa\\nbbbbbbbb\\ncc\\n"), to.write(b"dd\\n")
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print(*lost, to.write(b"ee\\n"), to.write(b"ff\\n"))
"""


def test_a_line_that_a_full_disk_cuts_off_spoils_no_later_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TORN, tmp_path / "log"], cwd=ROOT, capture_output=True, check=True
    )
    assert done.stdout.split() == [b"2", b"1", b"0", b"0"]
    assert (tmp_path / "log").read_bytes() == b"aaaa\nbbbbb\nee\nff\n"


def test_a_pipe_that_does_not_block_gets_every_line() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    queue, pipe = LogQueue(), Descriptor(writer)
    lines = [f"{number} " + "x" * 5000 for number in range(100)]
    for line in lines:
        queue.put(line, pipe)
    with os.fdopen(reader, encoding="utf-8") as file:
        assert [file.readline()[:-1] for _ in lines] == lines
    os.close(writer)
    assert queue.dropped == 0


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_writes_its_own_lines_only(tmp_path: Path) -> None:
    queue, held = LogQueue(), Held()
    file = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    queue.put("of the parent", held)
    assert held.entered.wait(SECONDS)
    queue.put("of the parent too", Descriptor(file))
    child = os.fork()
    if child == 0:
        queue.put("of the child", Descriptor(file))
        queue.flush(SECONDS)
        os._exit(queue.dropped)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (tmp_path / "log").read_text() == "of the child\n"
    held.released.set()
    queue.flush(SECONDS)
    assert (tmp_path / "log").read_text() == "of the child\nof the parent too\n"


def test_what_is_printed_in_pieces_becomes_whole_lines(tmp_path: Path) -> None:
    queue = LogQueue()
    with (tmp_path / "log").open("wb") as file:
        stream = LogStream(queue, file.fileno())
        print("one", 2, file=stream)
        stream.write("three\nfo")
        stream.write("ur\n\nfive")
        queue.flush(SECONDS)
        assert (tmp_path / "log").read_text() == "one 2\nthree\nfour\n\n"
        stream.flush()
        queue.flush(SECONDS)
    assert (tmp_path / "log").read_text() == "one 2\nthree\nfour\n\nfive\n"


def test_characters_that_reorder_text_or_begin_a_line_are_escaped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    import structlog

    configure_logs("info")
    structlog.get_logger("tocsin").info("request", path=f"/港{UNSAFE}", lone="\udc80")
    flush_log(SECONDS)
    (line,) = capsys.readouterr().err.splitlines()
    assert not set(UNSAFE) & set(line)
    escaped = "\\u202e\\u2066\\u2028\\u2029\\u0085\\u009b\\u200f\\u061c"
    assert f'"path": "/港{escaped}", "lone": "\\udc80"' in line


LAST_LINES = """
import sys
from service.log_queue import queue_standard_error
queue_standard_error()
from service.logs import configure_logs
import structlog
configure_logs("info")
for number in range(2000):
    structlog.get_logger().info("line", number=number)
print("printed", file=sys.stderr)
sys.stderr.write("not ended")
"""


def last_lines(errors: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", LAST_LINES], cwd=ROOT, stderr=errors)


def test_the_last_lines_are_written_before_the_process_ends() -> None:
    process = last_lines(subprocess.PIPE)
    _, errors = process.communicate(timeout=SECONDS)
    lines = errors.splitlines()
    assert lines[-2:] == [b"printed", b"not ended"]
    assert [json.loads(line)["number"] == number for number, line in enumerate(lines[:-2])] == (
        [True] * 2000
    )


def test_a_process_ends_although_its_log_is_not_read() -> None:
    reader, writer = os.pipe()
    assert last_lines(writer).wait(SECONDS) == 0
    os.close(reader)
    os.close(writer)
