"""What must have changed between two answers, computed a second time from their JSON alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from schemas.scalars import parse_datetime

Json = Mapping[str, Any]
ACTION_OUTPUTS = ("actions", "blocked", "held")


def expected(before: Json, after: Json, done: Collection[str], review: str | None) -> Json:
    """`done` are the actions carried out since, `review` is the action that stands for the review."""
    return {
        "outputs": sorted(
            name
            for name, output in after["outputs"].items()
            if name not in ACTION_OUTPUTS and _value(output) != _value(before["outputs"][name])
        ),
        **{part: _codes(before, after, part) for part in ACTION_OUTPUTS},
        "figures": {
            name: _growth(before["figures"][name]["value"], now["value"])
            for name, now in after["figures"].items()
            if name in before["figures"] and before["figures"][name]["value"] != now["value"]
        },
        "deadlines": sorted(
            (code, key)
            for code, action in _by_code(after).items()
            for key in _moved(_by_code(before).get(code), action, code in done, after["as_of"])
            if code != review
        ),
        **_carried_out(before, after, done, review),
        "next_review": before["next_review"] != after["next_review"]
        and _until_review(before) != _until_review(after),
    }


def told(changes: Json) -> Json:
    """The same of the `changes` in an answer."""
    return {
        "outputs": sorted(one["name"] for one in changes["outputs"]),
        **{
            part: tuple(
                sorted(one["code"] for one in changes[part][key]) for key in ("added", "dropped")
            )
            for part in ACTION_OUTPUTS
        },
        "figures": {
            one["name"]: (one["from"], one["to"], one["direction"], one["percent"])
            for one in changes["figures"]
        },
        "deadlines": sorted(
            (one["code"], key)
            for one in changes["deadlines"]
            for key in ("due_at", "approve_by")
            if one[key]
        ),
        **{key: sorted(one["code"] for one in changes[key]) for key in ("done", "reopened")},
        "next_review": changes["next_review"] is not None,
    }


def _growth(old: float, new: float) -> tuple[float, float, str, float | None]:
    percent = round(100 * (new / old - 1) * (1 if old > 0 else -1), 1) if old else None
    return old, new, "up" if new - old > 0 else "down", percent


def _value(output: Json) -> Any:
    value = output["value"]
    return sorted(value) if isinstance(value, list) else value


def _codes(before: Json, after: Json, part: str) -> tuple[list[str], list[str]]:
    old, new = ({entry["code"] for entry in answer[part]} for answer in (before, after))
    return sorted(new - old), sorted(old - new)


def _by_code(answer: Json) -> Json:
    return {action["code"]: action for action in answer["actions"]}


def _moved(before: Json | None, after: Json, was_done: bool, as_of: str) -> list[str]:
    recurred = was_done and after["every"] is not None
    shown_done = before is not None and after["done_at"] != before["done_at"]
    is_open_again = (was_done or shown_done or (before and before["done"])) and not after["done"]
    if before is None or after["done"] or recurred or is_open_again:
        return []
    old, new = before["approve_by"], after["approve_by"]
    at_once = bool(old and new) and _at(old) < _at(new) <= _at(as_of)
    moved = {
        "due_at": before["due_at"] != after["due_at"],
        "approve_by": old != new and not at_once,
    }
    return [key for key, is_so in moved.items() if is_so]


def _carried_out(before: Json, after: Json, done: Collection[str], review: str | None) -> Json:
    """What is told as done, and what was done and is open again.

    An action that was carried out since the answer before and is open now was asked for again by what changed meanwhile.
    """
    found: dict[str, list[str]] = {"done": [], "reopened": []}
    old = _by_code(before)
    for code, action in _by_code(after).items():
        was_done = code in old and old[code]["done"]
        is_first = action["done_at"] is not None and not (code in old and old[code]["done_at"])
        carried_out = (code in done or is_first) and not was_done
        if code == review:
            continue
        if (code in done and action["every"]) or (action["done"] and not was_done):
            found["done"].append(code)
        elif (was_done or carried_out) and not action["done"]:
            found["reopened"].append(code)
    return {key: sorted(codes) for key, codes in found.items()}


def _at(moment: str) -> Any:
    return parse_datetime(moment)


def _until_review(answer: Json) -> Any:
    review = answer["next_review"]
    return None if review is None else _at(review) - _at(answer["as_of"])
