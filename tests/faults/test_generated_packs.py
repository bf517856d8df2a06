"""A pack that loads answers every incident, whatever values the keys of its files have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from service.language.load import load_pack
from tests.campaigns.differential.shrink import shrunk
from tests.faults.every_incident import application, complaint
from tests.faults.generated.judge import Tally, judged
from tests.faults.generated.packs import WAYS, GeneratedPacks
from tests.packs import HARBOUR, loaded

SEED = 1
SOONEST_SEED = 3
"""Of the first seeds the one that needs the fewest packs until each key has a new value."""
JUDGED = 40
ENTRIES = ("FactsFile.facts", "FactsFile.derived", "PackFile.outputs")
"""Their new entries have new values of keys, such as `type`, that can hardly change alone."""
MOST_TURNS = 300
ONE_VALUE = {"CalendarFile.calendar", "AlternativeEntry.approval"}
"""A calendar is called like its file, and the alternatives of that pack are of a legal duty, which waits for no approval."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return application(tmp_path_factory.mktemp("state"))


def test_generated_packs_that_load_answer_every_incident(tmp_path: Path, app: Flask) -> None:
    made, tally = GeneratedPacks(SEED), Tally()
    for number in range(0, JUDGED * 11, 11):  # packs of many different keys
        pack = made.pack(number)
        assert not (found := judged(pack, tmp_path, app, tally)), f"{pack}\n{found}"
    assert tally.loaded > JUDGED / 3, tally


def test_each_key_of_the_pack_files_loads_with_a_new_value(tmp_path: Path) -> None:
    """If it fails for a new key, its field needs values that fit (`key_values`), or the key does (`hints`)."""
    made, found = GeneratedPacks(SOONEST_SEED), set[str]()
    for number in range(MOST_TURNS * len(made.names)):
        if found >= {*made.names} - ONE_VALUE:
            break
        turn, place = divmod(number, len(made.names))
        is_tried = made.names[place] not in found or made.names[place] in ENTRIES
        if is_tried and WAYS[turn % len(WAYS)] == "drawn":
            pack, home = made.pack(number), tmp_path / str(number)
            pack.write(home)
            if load_pack(home, with_cases=True)[0]:
                found |= pack.new_names()
    assert sorted({*made.names} - found - ONE_VALUE) == []


def test_a_seed_and_a_number_are_always_the_same_pack() -> None:
    one, other = GeneratedPacks(7), GeneratedPacks(7)
    assert [one.pack(n).files() for n in range(20)] == [other.pack(n).files() for n in range(20)]


def test_a_failing_pack_keeps_only_the_changes_that_matter() -> None:
    made = GeneratedPacks(SEED)
    pack = next(pack for pack in map(made.pack, range(100)) if len(pack.changes) == 3)
    assert shrunk(pack, lambda one: pack.changes[1] in one.changes).changes == (pack.changes[1],)


def test_a_pack_on_which_the_engines_differ_is_noticed(app: Flask) -> None:
    pack = loaded(HARBOUR)
    broken = replace(pack, strata=tuple(level[1:] for level in pack.strata))
    assert "engine" in complaint(broken, "x", app)
    assert complaint(pack, "x", app) == ""
