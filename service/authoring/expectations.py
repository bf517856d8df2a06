"""Compares a case's expectations with its answer. Each difference is a sentence for the author."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from schemas.strict_json import Json
from service.authoring.absence import WHERE, absence, left_out
from service.engine.answer.planning.next_hour import is_certain
from service.language.cases import CONDITIONAL, DRAFTS, ENDS, LISTS, OF_ACTIONS
from service.language.model import PROVISIONAL, Case, Pack


def differences(case: Case, answer: Json, pack: Pack) -> Iterator[tuple[str, str]]:
    """Pairs of an expectation's key and a sentence about its difference."""
    for key, wanted in case.expect.items():
        for sentence in _differences(key, wanted, answer, pack):
            yield key, sentence


def _differences(key: str, wanted: Any, answer: Json, pack: Pack) -> Iterator[str]:
    if key in LISTS:
        why = (
            partial(absence, key, answer, pack)
            if key in WHERE
            else _other_names(LISTS_OF[key](answer))
        )
        yield from _list_differences(key, wanted, LISTS_OF[key](answer), why)
    elif key in ENDS:
        for name, value in wanted.items():
            yield from _unequal(f"{key} {name}", value, _end(answer, key, name))
    elif key == DRAFTS:
        yield from _draft_differences(wanted, answer)
    elif key == PROVISIONAL:
        yield from _unequal(key, wanted, answer[PROVISIONAL])
    elif key not in pack.outputs and key == CONDITIONAL:
        conditional = [entry["code"] for entry in answer["actions"] if not is_certain(entry)]
        yield from _list_differences(key, wanted, conditional, _other_names(conditional))
    elif key not in pack.outputs and key in OF_ACTIONS:
        yield from _of_actions(key, wanted, answer)
    else:
        got = answer["outputs"][key]["value"]
        if pack.outputs[key].policy.is_collected:
            yield from _list_differences(key, {"exactly": wanted}, got, _other_names(got))
        else:
            yield from _unequal(key, wanted, got)


def _draft_differences(wanted: Mapping[str, Any], answer: Json) -> Iterator[str]:
    found = {draft["code"]: draft["text"] for draft in answer["drafts"]}
    for code, texts in wanted.items():
        if code not in found:
            yield f"drafts has none for {code}: it is not among the actions"
            continue
        for text in texts.get("contains", ()):
            if text not in found[code]:
                yield f"the draft {code} lacks “{text}”; it is: {found[code]}"
        for text in texts.get("lacks", ()):
            if text in found[code]:
                yield f"the draft {code} has “{text}”, which it should not"


def _unequal(name: str, wanted: Any, got: Any) -> Iterator[str]:
    if wanted != got:
        yield f"{name} is {_written(got)}, expected {_written(wanted)}"


def _written(value: Any) -> str:
    return (
        {True: "true", False: "false"}.get(value, str(value))
        if isinstance(value, bool)
        else str(value)
    )


def _other_names(got: list[str]) -> Callable[[str], str]:
    return lambda code: f"it has: {', '.join(got) or 'nothing'}"


def _list_differences(
    name: str, wanted: Any, got: list[str], why: Callable[[str], str]
) -> Iterator[str]:
    """`why` says where a code is that the list lacks."""
    groups = wanted if isinstance(wanted, Mapping) else {"include": wanted}
    for code in groups.get("include", ()):
        if code not in got:
            yield f"{name} lacks {code}: {why(code)}"
    for code in groups.get("exclude", ()):
        if code in got:
            yield f"{name} has {code}, which it should not"
    exactly = groups.get("exactly")
    if exactly is not None and sorted(map(str, exactly)) != sorted(map(str, got)):
        yield f"{name} is exactly: {', '.join(map(str, got)) or 'nothing'}"


def _of_actions(key: str, wanted: Mapping[str, str], answer: Json) -> Iterator[str]:
    entries = {entry["code"]: entry for entry in answer["actions"]}
    for code, text in wanted.items():
        if code not in entries:
            yield f"{key}: the plan lacks {code}"
        elif key == "within":
            yield from _unequal(f"within of {code}", text, entries[code]["within"])
        elif text not in (ground := entries[code]["ground"] or ""):
            yield f"the ground of {code} lacks “{text}”: {ground or 'it has none'}"


def _codes(key: str) -> Callable[[Json], list[str]]:
    return lambda answer: [entry["code"] for entry in answer[key]]


def undecided(answer: Json) -> Iterator[str]:
    """A sentence for each pair of held opposites that no fact frees: no rule says which of them wins."""
    pairs = {
        frozenset((entry["code"], other)): f"{entry['code']} and {other}"
        for entry in reversed(answer["held"])
        for other in entry.get("opposites", ())
        if not entry["until"]
    }
    for pair in pairs.values():
        yield f"{pair} contradict each other, and no rule says which wins"


LISTS_OF: dict[str, Callable[[Json], list[str]]] = {
    "actions": lambda answer: [e["code"] for e in answer["actions"] if is_certain(e)],
    "blocked": _codes("blocked"),
    "held": _codes("held"),
    "left_out": lambda answer: list(left_out(answer)),
    "done": lambda answer: [entry["code"] for entry in answer["actions"] if entry["done"]],
    "overdue": lambda answer: answer["clock"]["overdue"],
    "fired": lambda answer: [reason["rule"] for reason in answer["reasons"]],
    "unknowns": lambda answer: [unknown["fact"] for unknown in answer["unknowns"]],
}


def _end(answer: Json, end: str, name: str) -> Any:
    lifted = answer[end].get(name)
    if lifted is not None:
        return lifted.get("code", lifted.get("value"))
    can_be = answer["outputs"][name]["can_be"]
    if isinstance(can_be, list):
        return can_be[0 if end == "at_worst" else -1]
    if "min" in can_be:
        return can_be["max" if end == "at_worst" else "min"]
    return can_be["possible" if end == "at_worst" else "sure"]
