"""The changes since the previous answer, the changes that would lead to a worse or better answer, and the forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from schemas.strict_json import Json
from service.reporting.markdown import Markdown, Piece, bullets, heading, joined, paragraph, strong
from service.reporting.page import Page


def changes(page: Page) -> Iterator[Markdown]:
    found = page.answer.get("changes")
    if not found:
        return
    yield from heading(2, page.say("changes"))
    reasons = {reason["rule"]: reason["text"] for reason in page.answer["reasons"]}
    lines = [_change(page, one, reasons) for one in found["outputs"]]
    lines += _actions(page, found["actions"])
    if not lines:
        yield from paragraph(page.say("no_changes"))
    yield from bullets(lines)


def _change(page: Page, one: Json, reasons: Mapping[str, str]) -> Markdown:
    moved = page.say("change", **{"from": one["from_text"] or "?", "to": one["to_text"] or "?"})
    why = [reasons[rule] for rule in one["because"] if rule in reasons]
    line = joined([strong((one["text"] or one["name"]) + page.say("colon")), moved], " ")
    return page.with_note(line, *why)


def _actions(page: Page, actions: Json) -> Iterator[Markdown]:
    for key in ("added", "dropped"):
        texts = joined(map(page.action, actions[key]), page.say("stop"))
        if texts:
            yield page.say(key) + page.say("colon") + texts


def what_if(page: Page) -> Iterator[Markdown]:
    found = page.answer.get("contingency")
    if not found:
        return
    yield from heading(2, page.say("what_if"))
    for key in ("worse", "better"):
        if found[key]:
            yield from heading(3, page.say(key))
            yield from bullets(_scenario(page, found["output"], one) for one in found[key])
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
    return joined([told, *_actions(page, one["actions"])], page.say("full_stop"))


def _step(page: Page, step: Json) -> Markdown:
    ends: dict[str, Piece] = {key: _end(page, step, key) for key in ("from", "to")}
    return joined([step["text"], page.say("change", **ends)], " ")


def _end(page: Page, step: Json, key: str) -> str:
    said = step[f"{key}_text"]
    return said if step[key] is None else page.with_unit(step["fact"], said)


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
