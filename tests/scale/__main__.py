"""`make scale`: tests bulk work on the real engines. With --bench it measures them and writes docs/scale.md. Other options are pytest's."""

from __future__ import annotations

import sys

import pytest

from tests.server import ROOT

FOLDER = ROOT / "tests" / "scale"
OWN_SETTINGS = (
    *("--override-ini=addopts=", "--override-ini=testpaths=tests/scale"),
    f"--confcutdir={FOLDER}",
    *("-W", "ignore::ResourceWarning", "-W", "ignore::pytest.PytestUnraisableExceptionWarning"),
)
"""The other tests have settings of packages that this environment does not have, and leave this folder out. Both engines
leave sockets open."""


def main() -> int:
    options = sys.argv[1:]
    if "--bench" in options:
        from bench.scale import measure

        return measure([one for one in options if one != "--bench"])
    return pytest.main([*OWN_SETTINGS, *options])


if __name__ == "__main__":
    sys.exit(main())
