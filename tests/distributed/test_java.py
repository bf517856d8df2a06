"""`make scale` fails with one line where Spark has no Java, or one that is too old. It does not skip."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.server import ROOT


def make_scale(java_home: Path) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", f"JAVA_HOME={java_home}", "VENV=/nowhere", "scale"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def java_home(folder: Path, version: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n", "utf-8")
    java.chmod(0o755)
    return folder


def test_a_missing_java_is_one_line(tmp_path: Path) -> None:
    done = make_scale(tmp_path)
    line, made = done.stderr.splitlines()
    assert line == (
        f"tocsin: Spark needs Java 17 or newer, and {tmp_path}/bin/java is not there. "
        "Debian: apt install default-jre-headless, or set JAVA_HOME"
    )
    assert re.match(r"make(\[\d+\])?: \*\*\*", made)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_202"])
def test_a_java_that_is_too_old_is_told(tmp_path: Path, version: str) -> None:
    done = make_scale(java_home(tmp_path, version))
    assert f"is version {version.split('.')[0]}. Debian" in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize("version", ["17.0.15", "25"])
def test_a_java_that_is_new_enough_is_taken(tmp_path: Path, version: str) -> None:
    home = java_home(tmp_path, version)
    done = subprocess.run(
        [ROOT / ".ci" / "java"], env={"JAVA_HOME": str(home), "PATH": "/usr/bin:/bin"}, timeout=60
    )
    assert done.returncode == 0
