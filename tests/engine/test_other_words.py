"""An alternative that changes words alone holds only where it is known to fit, and asks no question."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from tests.packs import HARBOUR, copy_of_harbour, loaded

AS_OF = datetime(2026, 6, 1, 4, tzinfo=UTC)
OF_GATE = "    reversible: true\n"
WORDS = "      - {when: 'ships.names == []', text: {en: Close the empty harbour, zh: 关}, owner: mate}\n"
DUE = "      - {when: 'ships.names == []', text: {en: Close the empty harbour, zh: 关}, due: 10m}\n"
AFTER = "      - {when: 'wind.gusts > 5', text: {en: Close in the gusts, zh: 关}}\n"


def gate(tmp_path: Path, cases: str, **facts: Any) -> dict[str, Any]:
    folder = copy_of_harbour(tmp_path)
    catalogue = (HARBOUR / "actions.yaml").read_text("utf-8")
    written = catalogue.replace(OF_GATE, f"{OF_GATE}    by_case:\n{cases}", 1)
    (folder / "actions.yaml").write_text(written, "utf-8")
    posted = {"wind.speed": 26, "ships.flags": ("cn",)}
    posted |= {name.replace("_", "."): value for name, value in facts.items()}
    answer = Assessor(loaded(folder), "reference").assess(posted, AS_OF, "en")
    (entry,) = [one for one in answer["actions"] if one["code"] == "CLOSE_GATE"]
    found: dict[str, Any] = entry
    return found


@pytest.mark.parametrize(
    ("facts", "text", "owner"),
    [
        ({}, "Close the gate", "keeper"),
        ({"ships_names": ()}, "Close the empty harbour", "mate"),
        ({"ships_names": ("Gull",)}, "Close the gate", "keeper"),
        ({"wind_gusts": 9}, "Close in the gusts", "keeper"),
        ({"ships_names": ("Gull",), "wind_gusts": 9}, "Close in the gusts", "keeper"),
    ],
)
def test_other_words_are_said_only_where_they_are_known_to_fit(
    tmp_path: Path, facts: dict[str, Any], text: str, owner: str
) -> None:
    entry = gate(tmp_path, WORDS + AFTER, **facts)
    assert (entry["text"], entry["owner"], entry["if"]) == (text, owner, None)


def test_another_deadline_is_told_also_where_it_is_not_known_to_hold(tmp_path: Path) -> None:
    entry = gate(tmp_path, DUE)
    assert entry["text"] == "Close the gate"
    assert entry["if"]["facts"] == ["ships.names"]
