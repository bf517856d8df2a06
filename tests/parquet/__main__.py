"""`make parquet`: the tests of this folder, without the settings of tests whose packages this environment does not have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
SETTINGS = ("--override-ini=addopts=", f"--confcutdir={FOLDER}", str(FOLDER))

if __name__ == "__main__":
    sys.exit(pytest.main([*SETTINGS, *sys.argv[1:]]))
