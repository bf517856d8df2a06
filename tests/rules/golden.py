"""Three incidents with the expected answer of the default pack and the expected report in each language, as files.

People have read these files. `python -m tests.rules.golden` writes them again: read the difference before you commit it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from schemas.scalars import parse_datetime
from schemas.strict_json import read_json
from service.answering import finish, report
from service.asking.posted import Posted
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack
from tests.packs import default_pack
from tests.reporting.golden import ID, UUID

FOLDER = Path(__file__).parent / "golden"
INCIDENTS = sorted(path for path in FOLDER.glob("*.json") if "answer" not in path.name)
NOW = parse_datetime("2026-06-01T12:00:00+08:00")
DIGEST = "0" * 64
"""Replaces the pack's own digest, because every change of the pack changes it, also one that does not affect these answers."""


@cache
def packs() -> Packs:
    return Packs(
        {default_pack().name: ServedPack.of(default_pack(), "reference")}, default_pack().name
    )


def written(incident: Path) -> Iterator[tuple[Path, str]]:
    """Each kept file of an incident, with its expected text."""
    body: dict[str, Any] = read_json(incident.read_bytes())
    answer = finish(packs().assess(Posted(body, NOW)))
    del answer["assessment_id"]
    told = json.dumps(answer, ensure_ascii=False, indent=1) + "\n"
    yield incident.with_suffix(".answer.json"), _without_digest(told)
    for locale in ("zh", "en"):
        text = report(packs(), Posted({**body, "locale": locale}, NOW))
        yield incident.with_suffix(f".{locale}.md"), re.sub(UUID, ID, _without_digest(text))


def _without_digest(text: str) -> str:
    digest = default_pack().digest
    return text.replace(digest, DIGEST).replace(digest[:12], DIGEST[:12])


if __name__ == "__main__":
    for one in INCIDENTS:
        for path, text in written(one):
            path.write_text(text, "utf-8")
