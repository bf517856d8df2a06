"""The forms in which a caller may send a previous answer back: the whole answer, and the shortest form of the same meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
PROGRESS = ("asked_at", "done_at", "again_at", "seen")
NOT_READ = ("actions", "blocked", "held")
"""The outputs that `actions`, `blocked` and `held` of the answer say better."""


def shortest(answer: Json) -> dict[str, Any]:
    """What docs/api.md tells callers to keep."""
    return {
        "as_of": answer["as_of"],
        "outputs": {
            name: output["value"]
            for name, output in answer["outputs"].items()
            if name not in NOT_READ
        },
        "since": answer["since"],
        "actions": [_action(action) for action in answer["actions"]],
        "blocked": [entry["code"] for entry in answer["blocked"]],
        "held": [entry["code"] for entry in answer["held"]],
        "done_earlier": answer["done_earlier"],
        "next_review": answer["next_review"],
        "figures": {name: _figure(one) for name, one in answer["figures"].items()},
    }


def _figure(figure: Json) -> Any:
    """The number alone if the moment of its measurement is unknown."""
    kept = {key: figure[key] for key in ("value", "measured_at")}
    return kept if figure["measured_at"] else figure["value"]


def _action(action: Json) -> dict[str, Any]:
    kept = {key: action[key] for key in ("code", "due_at")}
    if action["approval"]:
        kept["approve_by"] = action["approve_by"]
    kept |= {key: action[key] for key in PROGRESS if action[key]}
    return kept | ({"done": True} if action["done"] else {})
