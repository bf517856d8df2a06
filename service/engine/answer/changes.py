"""The differences from the previous answer, and the rules that cause them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from schemas.previous import Previous
from schemas.strict_json import Json
from service.engine.answer.findings import Findings
from service.language.declared.previous_facts import is_told
from service.language.model import Output


def changes(findings: Findings) -> Json | None:
    """`{outputs: [{name, from, to, …, because}], actions: {added, dropped}}`; None without a previous answer."""
    previous = findings.previous
    if previous is None:
        return None
    return {
        "outputs": list(_outputs(findings, previous)),
        "actions": _actions(findings, previous.actions),
    }


def _outputs(findings: Findings, previous: Previous) -> Iterator[Json]:
    for name, output in findings.pack.outputs.items():
        if not is_told(output) or name not in previous.outputs:
            continue  # left out of the previous answer: its old value is unknown
        before, after = previous.outputs[name], findings.judgement.values[name]
        if before != after:
            yield _changed(findings, output, before, after)


def _changed(findings: Findings, output: Output, before: Any, after: Any) -> Json:
    name, words = output.name, findings.words
    return {
        "name": name,
        "text": words.wording.say(output.text, name),
        "from": findings.plain(before),
        "to": findings.plain(after),
        "from_text": words.value(name, before),
        "to_text": words.value(name, after),
        "direction": _direction(output, before, after),
        "because": findings.pack.rule_ids(_givers(findings, output, after)),
    }


def _givers(findings: Findings, output: Output, value: Any) -> list[int]:
    """The rules that fire and give this value; for a number, all rules that fire and give any value."""
    return [
        position
        for position in findings.judgement.rules.fired()
        for given in findings.pack.rules[position].then
        if given.output == output.name and (output.type.is_numeric or given.value == value)
    ]


def _actions(findings: Findings, before: Collection[str]) -> Json:
    now = {ask.code: ask.rules for ask in findings.decision.allowed}
    return {
        "added": [
            {**_named(findings, code), "because": findings.pack.rule_ids(rules)}
            for code, rules in now.items()
            if code not in before
        ],
        "dropped": [
            {**_named(findings, code), "now": _now(findings, code)}
            for code in before
            if code not in now
        ],
    }


def _named(findings: Findings, code: str) -> Json:
    words = findings.words.actions.get(code)
    return {"code": code, "text": words["text"] if words else code}


def _now(findings: Findings, code: str) -> str:
    if any(block.code == code for block in findings.decision.blocked):
        return "blocked"
    if any(hold.code == code for hold in findings.decision.held):
        return "held"
    return "not asked" if code in findings.pack.actions else "gone"


def _direction(output: Output, before: Any, after: Any) -> str | None:
    """Whether a graded output became worse or better, else None. The first value of its enum is the worst."""
    ranks = output.type.ranks
    if not output.value_levels or before not in ranks or after not in ranks:
        return None
    return "worse" if ranks[after] < ranks[before] else "better"
