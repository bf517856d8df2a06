"""Incidents for the engines: random ones of a pack, some without a moment of their own, some wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from service.distributed.assess_texts import assess_texts
from service.distributed.run import DistributedRun
from tests.incidents import random_bodies
from tests.packs import loaded

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WRONG = ("", "{", "[]", '{"facts": {"nowhere": 1}}', '{"facts": NaN, "incident_id": "n"}')


def incidents_of(folder: Path, count: int) -> list[str]:
    """Every tenth is wrong. Every third has no `as_of`."""
    pack, random = loaded(folder), Random(17)
    texts = [body.decode() for body in random_bodies([pack], random, count)]
    for number in range(0, count, 3):
        body = json.loads(texts[number])
        texts[number] = json.dumps({key: body[key] for key in body if key != "as_of"})
    for number in range(0, count, 10):
        texts[number] = WRONG[number // 10 % len(WRONG)]
    return texts


def in_one_process(run: DistributedRun, incidents: list[str]) -> list[str]:
    """The text of each result, from one call in this process."""
    return [one.text for one in assess_texts(run.settings, incidents)]
