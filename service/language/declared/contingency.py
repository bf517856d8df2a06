"""Reads `contingency` of pack.yaml: the output whose other values are looked for, and the growth of figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.model import Contingency, Growth, Output

MOST_HOURS = 8760


def read_contingency(
    entry: Mapping[str, Any] | None,
    outputs: Mapping[str, Output],
    posted: Mapping[str, Fact],
    facts: Mapping[str, Fact],
    here: BoundValue,
) -> Contingency | None:
    """None if the pack has no such section. `facts` includes the derived ones."""
    if entry is None:
        return None
    _check_output(entry["output"], outputs, here.at("output"))
    growth = entry.get("growth")
    if growth is not None:
        _check_growth(growth, posted, facts, here.at("growth"))
        growth = Growth(growth["rate"], tuple(growth["of"]), tuple(growth["hours"]))
    return Contingency(entry["output"], growth)


def _check_output(name: str, outputs: Mapping[str, Output], here: BoundValue) -> None:
    output = outputs.get(name)
    if output is None:
        message = f"'{name}' is not an output of this pack"
        here.error("unknown-output", message, did_you_mean(name, outputs))
    elif output.type.name != "enum" or output.policy.is_collected:
        message = f"'{name}' has no values in order from the worst"
        here.error("output-form", message, "name an output of type enum")


def _check_growth(
    growth: Mapping[str, Any],
    posted: Mapping[str, Fact],
    facts: Mapping[str, Fact],
    here: BoundValue,
) -> None:
    _check_number(growth["rate"], facts, here.at("rate"))
    for position, name in enumerate(growth["of"]):
        at = here.at("of", position)
        if name in facts and name not in posted:
            message = f"'{name}' is not a fact that a caller can post"
            at.error("unknown-fact", message, "name the posted facts from which it is computed")
        elif name in growth["of"][:position]:
            at.error("bad-value", f"'{name}' is here twice")
        else:
            _check_number(name, posted, at)
    for position, hours in enumerate(growth["hours"]):
        if not 1 <= hours <= MOST_HOURS:
            message = f"{hours} is not a number of hours from 1 to {MOST_HOURS}"
            here.at("hours", position).error("bad-value", message)


def _check_number(name: str, facts: Mapping[str, Fact], here: BoundValue) -> None:
    if name not in facts:
        message = f"'{name}' is not a fact of this pack"
        here.error("unknown-fact", message, did_you_mean(name, facts))
    elif not facts[name].type.is_numeric:
        message = f"'{name}' is {facts[name].type.with_article}, which does not grow"
        here.error("wrong-type", message, "name an integer or a number")
