"""What may not happen to an answer when less is known: nothing that it could be is ruled out, and no required action is lost unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from service.language.model import Output, Pack

Answer = dict[str, Any]
NEVER_IN_DOUBT = frozenset(
    ["safety", "statutory", "verify", "monitor", "preserve", "freeze", "holding", "organise"]
)
"""Kinds of actions that no guard may block because something is unknown. A guard may block a public statement until it is known that it is right."""


def closed_by_less(pack: Pack, more: Answer, less: Answer) -> Iterator[str]:
    """The breaches between the answer to an incident and the answer when some of its facts are unknown."""
    for name, output in pack.outputs.items():
        before, after = more["outputs"][name]["can_be"], less["outputs"][name]["can_be"]
        if not includes(after, before):
            yield f"{name} can be {after}, no longer {before}"
        if name in pack.lifted and output.type.values and _better(output, name, more, less):
            yield f"{name} is better at worst"
    yield from _lost_actions(more, less)
    if lost := duties(more) - duties(less):
        yield f"legal duties are dropped: {sorted(lost)}"


def duties(answer: Answer) -> set[str]:
    """The legal duties that the answer asks for, surely or if an unknown fact says so. No rule of the pack holds one."""
    return {action["code"] for action in answer["actions"] if action["statutory"]}


def includes(wide: Any, narrow: Any) -> bool:
    """Whether all values of one `can_be` are values of another."""
    if isinstance(wide, list):
        return set(narrow) <= set(wide)
    if "min" in wide:
        return bool(wide["min"] <= narrow["min"] and narrow["max"] <= wide["max"])
    sure, possible = set(wide["sure"]), set(wide["possible"])
    return sure <= set(narrow["sure"]) and set(narrow["possible"]) <= possible


def _better(output: Output, name: str, more: Answer, less: Answer) -> bool:
    """The values of a graded output stand worst first."""
    rank = output.type.values.index
    return rank(less["at_worst"][name]["code"]) > rank(more["at_worst"][name]["code"])


def _lost_actions(more: Answer, less: Answer) -> Iterator[str]:
    """An action that was allowed stays so, or is held or blocked, or is still possible, and the unknown facts that could bring it are listed."""
    required = {action["code"]: action["kind"] for action in more["actions"]}
    told = {entry["code"] for place in ("actions", "held", "blocked") for entry in less[place]}
    for entry in less["blocked"]:
        if required.get(entry["code"]) in NEVER_IN_DOUBT:
            yield f"{entry['code']} is blocked, which was required"
    possible = less["outputs"]["actions"]["can_be"]["possible"]
    if lost := required.keys() - told - {*possible}:
        yield f"required actions are dropped: {sorted(lost)}"
    if required.keys() - told and not any(
        "actions" in unknown["could_change"] for unknown in less["unknowns"]
    ):
        yield f"no unknown fact is listed that could bring back {sorted(required.keys() - told)}"
