"""The changes that would lead to a worse or better answer, and the forecast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from schemas.strict_json import Json
from service.reporting.changes import changed_actions
from service.reporting.markdown import Markdown, Piece, bullets, heading, joined, paragraph, strong
from service.reporting.page import Page


def what_if(page: Page) -> Iterator[Markdown]:
    found = page.answer.get("contingency")
    if not found:
        return
    yield from heading(2, page.say("what_if"))
    for key in ("worse", "better"):
        if found[key]:
            yield from heading(3, page.say(key))
            yield from bullets(_scenario(page, found["output"], one) for one in found[key])
    for key in ("kept_up_by", "without_effect"):
        yield from paragraph(page.label(key, page.listed(one["text"] for one in found[key])))
    if "not_searched" in found:
        values = page.listed(page.value(found["output"], one) for one in found["not_searched"])
        yield from paragraph(page.say("not_searched", values=values))
    if found["forecast"]:
        yield from heading(3, page.say("forecast"))
        yield from bullets(_forecasts(page, found["output"], found["forecast"]))


def _scenario(page: Page, output: str, scenario: Json) -> Markdown:
    name = page.name_of(output)
    title = strong(page.say("becomes", name=name, value=scenario["text"]) + page.say("colon"))
    steps = scenario["changes"]
    if steps is None:
        return joined([title, page.say("not_by_one")], " ")
    moved = page.listed(_step(page, step) for step in steps)
    return joined([title, _and_then(page, moved, scenario)], " ")


def _and_then(page: Page, told: Markdown, one: Json) -> Markdown:
    return joined([told, *changed_actions(page, one["actions"])], page.say("full_stop"))


def _step(page: Page, step: Json) -> Markdown:
    ends: dict[str, Piece] = {key: _end(page, step, key) for key in ("from", "to")}
    return joined([step["text"], page.say("change", **ends)], " ")


def _end(page: Page, step: Json, key: str) -> str:
    return page.words.with_unit(step["fact"], step[f"{key}_text"], step[key])


def _read(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _forecasts(page: Page, output: str, forecast: Sequence[Json]) -> Iterator[Markdown]:
    """Consecutive forecasts without a change share one line, without their figures."""
    for is_new, group in groupby(forecast, partial(_brings_something, page, output)):
        if is_new:
            yield from (_forecast(page, output, one) for one in group)
        else:
            hours = page.listed(page.value("", one["hours"]) for one in group)
            value = page.answer["outputs"][output]["text"]
            stays = page.say("stays", name=page.name_of(output), value=value)
            yield joined([_in_hours(page, hours), stays], " ")


def _brings_something(page: Page, output: str, one: Json) -> bool:
    same = one["text"] == page.answer["outputs"][output]["text"]
    return not same or any(one["actions"].values())


def _in_hours(page: Page, hours: Piece) -> Markdown:
    return strong(page.say("in_hours", hours=hours) + page.say("colon"))


def _forecast(page: Page, output: str, one: Json) -> Markdown:
    when = _in_hours(page, page.value("", one["hours"]))
    facts = page.listed(
        joined([page.name_of(fact), page.value(fact, _read(value))], " ")
        for fact, value in one["facts"].items()
    )
    graded = joined([page.name_of(output), one["text"]], " ")
    return joined([when, _and_then(page, page.with_note(graded, facts), one)], " ")
