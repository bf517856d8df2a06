"""Bytes come out as they went in, from memory and from a file, and the files are counted."""

from __future__ import annotations

import random
import resource
from pathlib import Path

import pytest

from service.server.spool import IN_MEMORY_BYTES, WITHOUT_A_DISK_BYTES, Spool, SpooledFiles


def test_bytes_come_out_in_their_order_whatever_is_written_and_read() -> None:
    draw, spooled = random.Random(11), SpooledFiles()
    for _ in range(20):
        spool, expected = Spool(spooled), bytearray()
        for _ in range(100):
            data = draw.randbytes(draw.choice([0, 1, 1000, 40_000]))
            spool.write(data)
            expected += data
            size = draw.choice([0, 1, 5000, 90_000])
            assert spool.first(size) == expected[:size]
            assert spool.read(size) == expected[:size]
            del expected[:size]
            assert len(spool) == len(expected)
        spool.close()
    assert spooled.bytes == 0


def test_a_file_that_is_read_to_its_end_takes_no_space() -> None:
    spooled = SpooledFiles()
    spool = Spool(spooled)
    spool.write(b"x" * (IN_MEMORY_BYTES + 1))
    assert spooled.bytes == IN_MEMORY_BYTES + 1
    spool.read(IN_MEMORY_BYTES + 1)
    assert spooled.bytes == 0
    spool.write(b"y")
    assert spool.read(10) == b"y"
    spool.close()


def test_without_a_folder_for_files_an_assessment_stays_in_memory_and_a_batch_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    spooled = SpooledFiles()
    spool = Spool(spooled)
    for _ in range(WITHOUT_A_DISK_BYTES // 65_536):
        spool.write(b"x" * 65_536)
    with pytest.raises(OSError):
        spool.write(b"x")
    assert spool.read(WITHOUT_A_DISK_BYTES) == b"x" * WITHOUT_A_DISK_BYTES
    assert spooled.bytes == 0


def test_a_disk_that_becomes_full_loses_no_byte() -> None:
    """The limit is that of the process for the size of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    spooled = SpooledFiles()
    spool = Spool(spooled)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        spool.write(b"a" * 60_000)
        spool.write(b"b" * 30_000)
        assert spooled.bytes == 90_000
        spool.write(b"c" * 30_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert spooled.bytes == 0
    assert spool.read(200_000) == b"a" * 60_000 + b"b" * 30_000 + b"c" * 30_000
