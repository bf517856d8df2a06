"""curl, as in the documentation: what it prints is read as JSON."""

from __future__ import annotations

import json
from typing import Any

from tests.clients.workshop import Workshop, run

RISING = {"facts": {"trend": {"mentions_24h": 5120, "mean_7d": 213, "sd_7d": 40}}, "locale": "en"}
OUT_OF_RANGE = {"facts": {"social": {"hot_rank": 51}}}


def curl(workshop: Workshop) -> str:
    (answer,) = _post(workshop, "", "application/json", json.dumps(RISING))
    assert (answer["grade"]["code"], answer["warning"]["code"]) == ("blue", "alarm")
    (refused,) = _post(workshop, "", "application/json", json.dumps(OUT_OF_RANGE))
    assert (refused["code"], refused["errors"][0]["path"]) == (
        "invalid-request",
        "facts.social.hot_rank",
    )
    posted = "\n".join(map(json.dumps, (RISING, OUT_OF_RANGE, RISING)))
    lines = _post(workshop, "/batch", "application/x-ndjson", posted)
    assert [line["line"] for line in lines] == [1, 2, 3]
    assert [line.get("code", "answered") for line in lines] == [
        "answered",
        "invalid-request",
        "answered",
    ]
    return run(["curl", "--version"], workshop.folder).split(" (")[0]


def _post(workshop: Workshop, path: str, kind: str, body: str) -> list[dict[str, Any]]:
    address = f"{workshop.address}/v1/assessments{path}"
    told = run(
        ["curl", "-sS", address, "-H", f"Content-Type: {kind}", "--data-binary", body],
        workshop.folder,
    )
    return [json.loads(line) for line in told.splitlines()]
