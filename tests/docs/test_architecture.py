"""ARCHITECTURE.md is short, and what it names exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import ROOT

ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
INSIDE = {
    "ARCHITECTURE.md": ARCHITECTURE,
    "docs/decisions.md": (ROOT / "docs" / "decisions.md").read_text("utf-8"),
}
TEN_MINUTES = 2_200
ROWS = (
    *("a hit policy", "a function", "a field of the answer", "a problem code", "an endpoint"),
    *("another source of rules (.csv)", "another matcher", "a faster matcher"),
    *("a store", "a fact computed over time", "another report format", "authentication"),
    "an analysis of packs",
)


def part(heading: str) -> str:
    return ARCHITECTURE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def parts_of(folder: Path) -> Iterator[str]:
    """The modules and folders directly in a folder."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".py" and path.stem != "__init__":
            yield path.stem
        elif (path / "__init__.py").exists():
            yield path.name


def test_it_can_be_read_in_ten_minutes() -> None:
    words = [word for word in ARCHITECTURE.split() if re.search(r"\w", word)]
    assert len(words) <= TEN_MINUTES


@pytest.mark.parametrize("folder", ["service", "service/engine", "service/language"])
def test_the_picture_has_every_room(folder: str) -> None:
    picture = set(re.findall(r"\w+", part("The rooms")))
    assert set(parts_of(ROOT / folder)) <= picture


def test_the_way_of_a_request_has_a_dozen_steps() -> None:
    assert len(re.findall(r"^\d+\. ", part("The way of one request"), re.MULTILINE)) == 12


def test_the_table_of_changes_has_its_rows() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", part("Where do I change…"), re.MULTILINE)[1:]
    assert len(rows) == len(ROWS)
    assert all(row.startswith(start) for row, start in zip(sorted(rows), sorted(ROWS), strict=True))


def test_the_map_of_the_tests_has_every_folder_with_tests() -> None:
    named = set(re.findall(r"`tests/(\w+)`", part("A map of the tests")))
    folders = {
        path.relative_to(ROOT / "tests").parts[0]
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.parent != ROOT / "tests"
    }
    assert folders <= named


@pytest.mark.parametrize("page", INSIDE)
def test_every_file_it_names_exists(page: str) -> None:
    files = [path.relative_to(ROOT).as_posix() for path in code()]
    named = set(re.findall(r"(?<!\*new\* )`([\w/.]+\.(?:py|toml))`", INSIDE[page]))
    missing = {name for name in named if not any(f"/{file}".endswith(f"/{name}") for file in files)}
    assert missing == set()


def code() -> Iterator[Path]:
    yield from ROOT.glob("*.*")
    for folder in ("service", "schemas", "tests"):
        yield from (ROOT / folder).rglob("*.py")
