"""What a case answers, in two lines that people read in a review: written from an answer, and read again. It must not open a file.

The first line has the file, the case and the outputs at the top of the answer, the second the actions. To keep more of an
action, add a word in `_action`; to keep more of an answer, add a section in `kept_of`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from schemas.scalars import format_duration, parse_datetime
from schemas.strict_json import Json
from service.engine.answer.planning.next_hour import AT_ONCE, is_certain
from service.language.model import Pack

BETWEEN = " | "
NEXT = ", "
ACTIONS, NOTHING = "actions", "no actions"
OUTPUTS = "outputs"
CONDITIONAL = "conditional"
"""The duties that an unknown fact decides."""

Sections = Mapping[str, Mapping[str, str]]
"""By section, such as `actions`: each name in it, with what is said of it ("" if nothing is)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer to one case. `case` names it: its file, and its name there."""

    case: str
    sections: Sections


class FormError(Exception):
    """These are not the two lines of a case."""


def case_key(file: str, name: str) -> str:
    return f"{file}{BETWEEN}{_in_one_line(name)}"


def kept_of(case: str, answer: Json, pack: Pack) -> Kept:
    """What is kept of an answer. Names are sorted: the order of a plan follows from its deadlines."""
    at_top = (*pack.lifted, *pack.notices)
    codes = {key: sorted(entry["code"] for entry in answer[key]) for key in ("blocked", "held")}
    as_of = parse_datetime(answer["as_of"])
    actions: dict[str, dict[str, str]] = {ACTIONS: {}, CONDITIONAL: {}}
    for entry in answer["actions"]:
        actions[ACTIONS if is_certain(entry) else CONDITIONAL][entry["code"]] = _action(
            entry, as_of
        )
    return Kept(
        case,
        {
            OUTPUTS: {name: _value(answer[name]) for name in at_top},
            **{key: dict(sorted(found.items())) for key, found in actions.items()},
            **{key: dict.fromkeys(found, "") for key, found in codes.items()},
        },
    )


def _value(at_top: Json) -> str:
    value: Any = at_top.get("code", at_top.get("value"))
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return _in_one_line(written, besides=",")


def _action(entry: Json, as_of: datetime) -> str:
    """The deadline as an offset from `as_of`, and whether the action is done."""
    due = entry["due_at"] and offset(parse_datetime(entry["due_at"]) - as_of)
    if entry["within"] == AT_ONCE:
        due = AT_ONCE
    return " ".join(filter(None, [due, "done" if entry["done"] else ""]))


def offset(span: timedelta) -> str:
    """Such as +1h, -6d, +1d12h or +0."""
    if not span:
        return "+0"
    days, rest = divmod(abs(span), timedelta(days=1))
    written = (f"{days}d" if days else "") + (format_duration(rest) if rest else "")
    return ("-" if span < timedelta() else "+") + written


def _in_one_line(text: str, besides: str = "") -> str:
    """The text with escapes for line breaks, other characters that cannot be seen, and what separates it from its neighbours."""
    escaped = "\\|" + besides
    return "".join(f"\\u{ord(c):04x}" if c in escaped or not c.isprintable() else c for c in text)


def lines_of(kept: Kept) -> str:
    outputs = NEXT.join(f"{name}={value}" for name, value in kept.sections[OUTPUTS].items())
    others = [
        (name, NEXT.join(" ".join(filter(None, item)) for item in found.items()))
        for name, found in kept.sections.items()
        if name not in (OUTPUTS, ACTIONS) and found
    ]
    asked = NEXT.join(" ".join(filter(None, item)) for item in kept.sections[ACTIONS].items())
    second = BETWEEN.join([asked or NOTHING, *(f"{name}: {found}" for name, found in others)])
    return f"{kept.case}{BETWEEN}{outputs}\n  {second}\n"


def read_lines(first: str, second: str) -> Kept:
    """What `lines_of` wrote. Raises FormError."""
    case, separator, outputs = first.rpartition(BETWEEN)
    if not separator or BETWEEN not in case or first.startswith(" ") or second[:2] != "  ":
        raise FormError
    asked, *others = second[2:].split(BETWEEN)
    return Kept(
        case,
        {
            OUTPUTS: dict(_pair(item, "=") for item in outputs.split(NEXT) if item),
            ACTIONS: {} if asked == NOTHING else _named(asked),
            **{name: _named(found) for name, found in (_pair(one, ": ") for one in others)},
        },
    )


def _pair(text: str, separator: str) -> tuple[str, str]:
    name, found, value = text.partition(separator)
    if not found or not name:
        raise FormError
    return name, value


def _named(text: str) -> dict[str, str]:
    return {name: said for name, _, said in (item.partition(" ") for item in text.split(NEXT))}


class KeptChange(NamedTuple):
    """A name that came, went or has other words. `counted_as` is the section and what happened, to be counted over all cases."""

    counted_as: tuple[str, str]
    words: str


def changes(was: Kept, now: Kept) -> Iterator[KeptChange]:
    for section in dict.fromkeys((*was.sections, *now.sections)):
        before, after = was.sections.get(section, {}), now.sections.get(section, {})
        for name in sorted({*before, *after}):
            old, new = before.get(name), after.get(name)
            if old != new:
                yield _change(section, name, old, new)


def _change(section: str, name: str, old: str | None, new: str | None) -> KeptChange:
    """None stands for a name that is not there."""
    if old is None:
        return KeptChange((section, f"+ {name}"), f"{section} + {name} {new}".rstrip())
    if new is None:
        return KeptChange((section, f"- {name}"), f"{section} - {name} {old}".rstrip())
    words = f"{name} was {old or 'without a date'}, is {new or 'without a date'}"
    return KeptChange((section, f"{name} differs"), words)
