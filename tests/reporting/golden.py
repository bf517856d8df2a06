"""The expected reports as files, one for each language: a storm with hostile names in its facts.

`python -m tests.reporting.golden` writes them again: read the difference before you commit it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from schemas.scalars import parse_datetime
from service.answering import report
from service.asking.posted import Posted
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack
from tests.packs import HARBOUR, loaded

FOLDER = Path(__file__).parent / "golden"
LOCALES = ("en", "zh", "both")
NOW = parse_datetime("2026-05-01T12:00:00+08:00")
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ID = "5f0c2f0e-6f3e-4a57-9b0f-0d6a4f1f3c11"
"""Replaces the id of the assessment, because every change of the pack changes it, also one that does not affect these reports."""
STORM: dict[str, Any] = {
    "incident_id": "storm | <b>9</b>",
    "previous": {
        "as_of": "2026-05-01T11:00:00+08:00",
        "outputs": {
            "alert": {"value": "gale"},
            "crew": {"value": "night"},
            "load": {"value": 0},
        },
        "since": {"alert": "2026-05-01T09:00:00+08:00"},
        "actions": [{"code": "SOUND_HORN", "due_at": "2026-05-01T11:20:00+08:00"}],
        "responses": ["CLOSE_GATE"],
        "figures": {"wind.speed": 24, "wind.gusts": 9},
    },
    "facts": {
        "wind": {
            "speed": {
                "value": 30.5,
                "reported_by": "mast | <i>2</i> [x](http://evil.example)",
                "measured_at": "2026-05-01T10:30:00+08:00",
                "disputed": True,
            },
            "from": "sea",
        },
        "ships": {
            "flagship": "# Ever\n- Given\u202e [x](http://evil.example) <img src=x>",
            "names": ["Ever | Given", "http://evil.example"],
        },
        "watch": {"started": "2026-05-01T11:15:00+08:00"},
    },
}


@cache
def packs() -> Packs:
    pack = loaded(HARBOUR)
    return Packs({pack.name: ServedPack.of(pack, "reference")}, pack.name)


def written(locale: str) -> str:
    text = report(packs(), Posted({**STORM, "locale": locale}, NOW))
    return re.sub(UUID, ID, text)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for locale in LOCALES:
        (FOLDER / f"{locale}.md").write_text(written(locale), "utf-8")
