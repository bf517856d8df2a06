"""Reads deadlines as authors write them: a duration, or `from` moments and a duration for each value of an output."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from schemas.closest import did_you_mean
from schemas.scalars import parse_duration
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.model import ASKED_AT, Due, Output

DUE_KEYS = ("from", "by", "within")


def read_due(raw: Any, here: BoundValue) -> Due | None:
    """A deadline as its author wrote it; None if there is none."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        return Due(within=read_span(raw, here))
    by, within = raw.get("by"), raw.get("within")
    spans = {key: value for key, value in raw.items() if key not in DUE_KEYS}
    _check_form(by, within, spans, here)
    return Due(
        start=_start(raw.get("from", []), here.at("from")),
        within=None if within is None else read_span(within, here.at("within")),
        by=by if isinstance(by, str) else None,
        within_by={key: read_span(value, here.at(key)) for key, value in spans.items()},
    )


def _start(raw: Any, here: BoundValue) -> tuple[str, ...]:
    names = [raw] if isinstance(raw, str) else raw
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        if ASKED_AT in names[:-1]:
            message = f"what stands after '{ASKED_AT}' never counts: that moment is always known"
            here.error("due-form", message, f"put '{ASKED_AT}' last")
        return tuple(names)
    here.error("due-form", "'from' must name facts: [group.moment]")
    return ()


def _check_form(by: Any, within: Any, spans: Mapping[str, Any], here: BoundValue) -> None:
    if by is not None and not isinstance(by, str):
        here.at("by").error("due-form", "'by' must name an output")
    if (by is None) == (within is None):
        here.error(
            "due-form",
            "a deadline needs either 'within: 4h' or 'by: an_output' with a duration for each value",
        )
    if by is None and spans:
        key = next(iter(spans))
        here.at(key).key.error("unknown-key", f"'{key}' is not a known key here")


def read_span(raw: Any, here: BoundValue) -> timedelta:
    """A duration such as 30m, 4h or 3d. Anything else is reported, and zero is returned."""
    try:
        span = parse_duration(str(raw), days=True)
    except ValueError:
        span = None
    if span is None or span < timedelta():
        here.error("due-form", f"'{raw}' is not a duration such as 30m, 4h or 3d")
    return span or timedelta()


def check_due(
    due: Due | None,
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    here: BoundValue,
) -> None:
    """Check that a deadline names facts that are moments, and has a duration for every value of its output."""
    if due is None:
        return
    moments = [name for name, fact in facts.items() if fact.type.name == "datetime"]
    for position, name in enumerate(due.start):
        if name not in moments and name != ASKED_AT:
            message = f"'{name}' is not a datetime fact of this pack"
            at = here.at("from", position)
            at.error("unknown-fact", message, did_you_mean(name, [*moments, ASKED_AT]))
    if due.by is not None:
        _check_by(due, due.by, outputs, here)


def _check_by(due: Due, by: str, outputs: Mapping[str, Output], here: BoundValue) -> None:
    output = outputs.get(by)
    graded = output is not None and output.type.name == "enum" and not output.policy.is_collected
    if output is None or not graded:
        message = f"'{by}' is not an enum output of this pack"
        here.at("by").error("unknown-output", message, did_you_mean(by, outputs))
        return
    values = output.type.values
    needed = [value for value in values if value not in output.below_scale]
    lacking = [value for value in needed if value not in due.within_by]
    lacking += [value for value in due.within_by if value not in values]
    if lacking:
        message = f"the durations and the values of '{by}' differ in: {', '.join(lacking)}"
        here.error("due-form", message)
