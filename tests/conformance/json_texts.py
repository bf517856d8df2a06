"""JSONTestSuite: what the only reader of JSON accepts (y_), must refuse (n_), and does where RFC 8259 leaves it open (i_)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from schemas.strict_json import StrictJSONError, read_json
from tests.conformance.outcome import Outcome, cannot, fails, passes


def outcomes(folder: Path) -> Iterator[Outcome]:
    for path in sorted((folder / "test_parsing").glob("*.json")):
        yield judged(path.stem, path.read_bytes())


def judged(name: str, raw: bytes) -> Outcome:
    """The first letter of the name says what a reader must do."""
    found = _read(raw)
    if name.startswith("i_"):
        return cannot(name, f"left open: {found}")
    wanted = "accepted" if name.startswith("y_") else "refused"
    return passes(name) if found.startswith(wanted) else fails(name, found)


def _read(raw: bytes) -> str:
    try:
        read_json(raw)
    except StrictJSONError as error:
        return f"refused as `{error.code}`"
    return "accepted"
