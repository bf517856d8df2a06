"""Says why a list of an answer lacks an action: where the action is instead, by which rules and because of which facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.strict_json import Json
from service.engine.answer.planning.next_hour import is_certain
from service.language.model import ASKED, BLOCKED, HELD, Pack

WHERE = {ASKED: "asked for and allowed", BLOCKED: "blocked", HELD: "held"}
"""The lists of actions in an answer, and what it says of an action in each."""
MOST = 3
"""The most rules that are named."""


def left_out(answer: Json) -> dict[str, list[str]]:
    """The actions that are left out, each with the rules that ask for an opposite over it."""
    found: dict[str, list[str]] = {}
    for reason in answer["reasons"]:
        for code in reason.get("left_out", ()):
            found.setdefault(code, []).append(reason["rule"])
    return found


def absence(name: str, answer: Json, pack: Pack, code: str) -> str:
    """Why the list `name` of the answer lacks the action."""
    for other, state in WHERE.items():
        for entry in answer[other] if other != name else ():
            if entry["code"] == code:
                if other == ASKED and not is_certain(entry):
                    return (
                        f"it is only conditional, which depends on: {_listed(entry['if']['facts'])}"
                    )
                return f"it is {state} by {_listed(entry['because'])}{_until(other, entry)}"
    if code in (rules := left_out(answer)):
        return f"it is left out because of {_listed(rules[code])}"
    if name == ASKED:
        for entry in answer[ASKED]:
            if entry["code"] == code:
                return f"it is only conditional, which depends on: {_listed(entry['if']['facts'])}"
    return _of_nowhere(name, pack, code)


def _until(name: str, entry: Json) -> str:
    facts = entry["until"] if name == HELD else ()
    return f" until this is known: {', '.join(facts)}" if facts else ""


def _of_nowhere(name: str, pack: Pack, code: str) -> str:
    """An action that is in no list: no rule with it is true, or it was not asked for."""
    asking, giving = _giving(pack, ASKED, code), _giving(pack, name, code)
    if not giving:
        return f"no rule of the pack has it under '{name}'"
    if name != ASKED and not pack.actions[code].forbidden:
        not_asked = f"no rule asked for it ({_listed(asking)})" if asking else "no rule asks for it"
        return f"{not_asked}, and '{name}' lists only what was asked for"
    return f"its condition is not true in {_listed(giving)}"


def _giving(pack: Pack, output: str, code: str) -> list[str]:
    return [
        rule.id
        for rule in pack.rules
        if any(given.output == output and given.value == code for given in rule.then)
    ]


def _listed(rules: Iterable[Any]) -> str:
    names = list(dict.fromkeys(rules))
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more
