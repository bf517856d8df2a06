"""Reads outputs from pack.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.assessment import FILE_KEY, LINE_KEYS, PROBLEM_KEY, REQUESTED_KEYS, REQUIRED_KEYS
from schemas.types import Type, enum_of
from service.language.collector import BoundValue
from service.language.conditions.functions import FUNCTION_NAMES
from service.language.declared.hit_policies import HIT_POLICIES
from service.language.files.values import read_within
from service.language.model import ACTION_OUTPUTS, PROVISIONAL, Action, Output

OWN_OUTPUTS = frozenset([*ACTION_OUTPUTS, PROVISIONAL])
"""Keys of an answer that a pack may declare as outputs."""
RESERVED = (frozenset([*REQUIRED_KEYS, *REQUESTED_KEYS, *LINE_KEYS]) - OWN_OUTPUTS) | {
    # conditions
    "always",
    "false",
    "in",
    "null",
    "true",
    *(name for name in FUNCTION_NAMES if "." not in name),
    # what the command adds to a line, or to a row of a table
    FILE_KEY,
    PROBLEM_KEY,
    # requests, and the facts `previous.*`
    "done",
    "facts",
    "given",
    "locale",
    "overdue",
    "previous",
    "responses",
}
"""Names that no output can have: the keys of an answer, and the words of conditions and requests."""


def read_outputs(
    entries: Mapping[str, Any], actions: Mapping[str, Action], here: BoundValue
) -> dict[str, Output]:
    outputs = {}
    for name, entry in entries.items():
        wrong = _contradiction(name, entry)
        if wrong:
            here.at(name).key.error("output-form", f"'{name}': {wrong}")
        else:
            outputs[name] = _output(name, entry, actions, here.at(name))
    return outputs


def _output(
    name: str, entry: Mapping[str, Any], actions: Mapping[str, Action], here: BoundValue
) -> Output:
    values = entry.get("values", {})
    type_ = (
        enum_of(tuple(actions))
        if entry["type"] == "actions"
        else Type(entry["type"], tuple(values))
    )
    return Output(
        name=name,
        type=type_,
        policy=HIT_POLICIES[entry["hit"]],
        default=_default(entry, type_, here.at("default")),
        text=entry.get("text", {}),
        help=entry.get("help", {}),
        minimum=entry.get("min"),
        maximum=entry.get("max"),
        value_texts={code: value.get("text", {}) for code, value in values.items()},
        value_helps={code: value.get("help", {}) for code, value in values.items()},
        value_levels={code: value["level"] for code, value in values.items() if "level" in value},
        below_scale=tuple(code for code, value in values.items() if value.get("below_scale")),
        closed=tuple(code for code, value in values.items() if value.get("closed")),
    )


def _contradiction(name: str, entry: Mapping[str, Any]) -> str:
    """The contradiction in an entry, in words; empty if there is none."""
    type_, hit = entry["type"], entry["hit"]
    policy = HIT_POLICIES[entry["hit"]]
    wrong = ""
    if name in RESERVED:
        wrong = "this name is reserved: choose another name"
    elif (type_ == "actions") != (name in ACTION_OUTPUTS):
        wrong = f"the outputs {', '.join(ACTION_OUTPUTS)} must have type actions, and no others can have it"
    elif type_ == "actions" and not (policy.is_collected and type_ in policy.takes):
        wrong = "an output of type actions needs hit: collect"
    elif name == PROVISIONAL and type_ != "boolean":
        wrong = f"{PROVISIONAL} must be a boolean"
    elif (type_ == "enum") != ("values" in entry):
        wrong = "an enum must list its values" if type_ == "enum" else "only an enum has values"
    elif type_ not in policy.takes:
        wrong = f"{hit} {policy.needs}"
    elif policy.is_collected and "default" in entry:
        wrong = f"{hit} has no default: the value is an empty list when no rule fires"
    elif not policy.is_collected and "default" not in entry:
        wrong = "a default is missing: the value when no rule fires"
    elif ("min" in entry or "max" in entry) and (
        type_ not in ("integer", "number") or policy.is_collected
    ):
        wrong = "only a single number can have min and max"
    elif "min" in entry and "max" in entry and entry["min"] > entry["max"]:
        wrong = "min is greater than max"
    elif type_ == "integer" and any(isinstance(entry.get(end), float) for end in ("min", "max")):
        wrong = "min and max of an integer must be whole numbers"
    return wrong


def _default(entry: Mapping[str, Any], type_: Type, here: BoundValue) -> Any:
    if HIT_POLICIES[entry["hit"]].is_collected:
        return ()
    return read_within(entry, "default", type_, here, entry.get("min"), entry.get("max"))
