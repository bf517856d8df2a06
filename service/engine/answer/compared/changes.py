"""The differences from the previous answer, and the rules that cause them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from schemas.previous import Previous
from schemas.scalars import format_duration
from schemas.strict_json import Json
from schemas.vocabulary import Text
from service.engine.answer.compared.figures import changed_figures
from service.engine.answer.compared.moved_deadlines import moved_deadlines, moved_review
from service.engine.answer.findings import Findings
from service.engine.judging.guards import Ask, Block, Hold, LeftOut
from service.language.model import ACTION_OUTPUTS, Again, Output, Pack


def changes(findings: Findings) -> Json | None:
    """What is not as in the previous answer; None without one. What that answer did not carry is not told as changed."""
    previous = findings.previous
    if previous is None:
        return None
    return {
        "outputs": list(_outputs(findings, previous)),
        "actions": _actions(findings, previous),
        "blocked": _kept_back(findings, previous.blocked, findings.decision.blocked),
        "held": _kept_back(findings, previous.held, findings.decision.held),
        "done": list(_done(findings)),
        "reopened": list(_reopened(findings)),
        "figures": list(changed_figures(findings, previous)),
        "deadlines": list(moved_deadlines(findings, previous)),
        "next_review": moved_review(findings, previous),
    }


def _outputs(findings: Findings, previous: Previous) -> Iterator[Json]:
    for name, output in findings.pack.outputs.items():
        if name in ACTION_OUTPUTS or name not in previous.outputs:
            continue
        before, after = previous.outputs[name], findings.judgement.values[name]
        if _differ(output, before, after):
            yield _changed(findings, output, before, after)


def _differ(output: Output, before: Any, after: Any) -> bool:
    """For a collected output, whether it has other values: their order depends on the order of the rules alone."""
    if output.policy.is_collected:
        return Counter(before) != Counter(after)
    return bool(before != after)


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
        "because": findings.pack.rule_ids(_givers(findings, output, _new(output, before, after))),
    }


def _new(output: Output, before: Any, after: Any) -> Sequence[Any]:
    """The value that is new, or the values that a collected output did not have before."""
    if not output.policy.is_collected:
        return (after,)
    return list(Counter(after) - Counter(before))


def _givers(findings: Findings, output: Output, values: Sequence[Any]) -> list[int]:
    """The rules that fire and give one of these values; for a single number, all rules that fire and give any value."""
    any_value = output.type.is_numeric and not output.policy.is_collected
    return [
        position
        for position in findings.judgement.rules.fired()
        for given in findings.pack.rules[position].then
        if given.output == output.name and (any_value or given.value in values)
    ]


def _actions(findings: Findings, previous: Previous) -> Json:
    """A duty that was only conditional, and is asked for now, is added."""
    before = previous.actions
    if before is None:
        return {"added": [], "dropped": []}
    asks = findings.plan.asks().values()
    now = {ask.code: ask.rules or ask.undetermined for ask in asks}
    sure = {ask.code for ask in findings.decision.allowed}
    return {
        "added": [
            {**_named(findings, code), "because": findings.pack.rule_ids(rules)}
            for code, rules in now.items()
            if code not in before or (code in previous.conditional and code in sure)
        ],
        "dropped": [_dropped(findings, code) for code in before if code not in now],
    }


def _dropped(findings: Findings, code: str) -> Json:
    """Its state now. The rules that block or hold it stand with its own entry, those that left it out only here."""
    state, rules = _now(findings, code)
    why = {"because": findings.pack.rule_ids(rules)} if state == "left out" else {}
    return {**_named(findings, code), "now": state, **why}


def _done(findings: Findings) -> Iterator[Json]:
    """The actions that were carried out since, recurring ones too."""
    for code, standing in findings.standings.items():
        if standing.is_news and not standing.is_reopened:
            done_at = findings.plain(standing.progress.done_at)
            yield {**_named(findings, code), "done_at": done_at}


def _reopened(findings: Findings) -> Iterator[Json]:
    for code, standing in findings.standings.items():
        if standing.is_reopened and findings.pack.actions[code].every is None:
            yield {
                **_named(findings, code),
                "done_at": findings.plain(standing.progress.done_at),
                "because": [_again(findings, one) for one in standing.by],
            }


def _again(findings: Findings, again: Again) -> Json:
    """The change in the author's words, or by the name of what changed; a time or a condition as it was written."""
    text = again.text or _text_of(findings.pack, again.name)
    said = findings.words.wording.say(text) if text else _as_written(again)
    return {"by": again.by, "name": again.name or None, "text": said}


def _text_of(pack: Pack, name: str) -> Text:
    if name in pack.outputs:
        return pack.outputs[name].text
    facts = {**pack.previous, **{one.fact.name: one.fact for one in pack.derived}}
    fact = pack.vocabulary.facts.get(name) or facts.get(name)
    return {} if fact is None else fact.text


def _as_written(again: Again) -> str:
    if again.by == "after":
        return format_duration(again.after)
    return again.written if isinstance(again.written, str) else again.name or again.by


def _named(findings: Findings, code: str) -> Json:
    words = findings.words.actions.get(code)
    return {"code": code, "text": words["text"] if words else code}


def _kept_back(
    findings: Findings, before: Sequence[str] | None, entries: Sequence[Block | Hold]
) -> Json:
    """The actions that are blocked, or held, now and were not before; and those that no longer are, with what they are now."""
    if before is None:
        return {"added": [], "dropped": []}
    now = {entry.code for entry in entries}
    return {
        "added": [
            {
                **_named(findings, entry.code),
                "ground": findings.words.grounds(entry.grounds),
                "because": findings.pack.rule_ids(entry.rules),
            }
            for entry in entries
            if entry.code not in before
        ],
        "dropped": [_released(findings, code) for code in before if code not in now],
    }


def _released(findings: Findings, code: str) -> Json:
    now, rules = _now(findings, code)
    return {**_named(findings, code), "now": now, "because": findings.pack.rule_ids(rules)}


def _now(findings: Findings, code: str) -> tuple[str, Sequence[int]]:
    """The state of an action, and the positions of the rules because of which it has it."""
    decision = findings.decision
    states: tuple[tuple[str, Sequence[Ask | Block | Hold | LeftOut]], ...] = (
        ("allowed", (*decision.allowed, *decision.conditional)),
        ("blocked", decision.blocked),
        ("held", decision.held),
        ("left out", decision.left_out),
    )
    for state, entries in states:
        for entry in entries:
            if entry.code == code:
                return state, entry.rules
    return ("not asked" if code in findings.pack.actions else "gone"), ()


def _direction(output: Output, before: Any, after: Any) -> str | None:
    """Whether a graded output became worse or better, else None. The first value of its enum is the worst."""
    ranks = output.type.ranks
    if not output.value_levels or before not in ranks or after not in ranks:
        return None
    return "worse" if ranks[after] < ranks[before] else "better"
