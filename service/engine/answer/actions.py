"""The parts of an answer about actions: the plan, the actions due soon, the blocked actions and the held ones."""

from __future__ import annotations

from typing import Any

from schemas.strict_json import Json
from service.engine.answer.findings import Findings
from service.engine.judging.guards import Block, Hold


def actions(findings: Findings) -> list[Json]:
    """The actions in the order in which to take them; those that are only conditional come last."""
    return [entry for entry, _ in findings.planned]


def next_review(findings: Findings) -> Any:
    return findings.plain(findings.plan.next_review())


def next_hour(findings: Findings) -> list[Json]:
    """The actions that are due within the hour or overdue, and not yet done, in order."""
    return findings.due_soon


def clock(findings: Findings) -> Json:
    """The time since each moment that the pack's clock lists, and the actions whose deadline has passed."""
    overdue = [entry["code"] for entry in findings.due_soon if entry["overdue"]]
    return {"since": _elapsed(findings), "overdue": overdue}


def _elapsed(findings: Findings) -> Json:
    """`{fact: {text, at, hours}}` for each known moment of the pack's clock."""
    environment, slots = findings.judgement.environment, findings.program.layout.facts
    elapsed = {}
    for name in findings.pack.clock:
        moment = environment[slots[name]]
        if moment is not None:
            elapsed[name] = {
                "text": findings.words.facts.get(name, name),
                "at": findings.plain(moment),
                "hours": round((findings.as_of - moment).total_seconds() / 3600, 2),
            }
    return elapsed


def blocked(findings: Findings) -> list[Json]:
    return [_block(findings, block) for block in findings.decision.blocked]


def done_earlier(findings: Findings) -> list[Json]:
    """The actions that were done and that no rule asks for now. The next answer is told of them, so that they stay done."""
    plain = findings.plain
    return [
        {
            "code": code,
            "done_at": plain(progress.done_at),
            "again_at": plain(progress.again_at),
            "seen": progress.seen or None,
        }
        for code, progress in findings.progress.earlier(findings.standings)
    ]


def _block(findings: Findings, block: Block) -> Json:
    words = findings.words
    return {
        "code": block.code,
        "text": words.actions[block.code]["text"],
        "because": findings.pack.rule_ids(block.rules),
        "ground": words.grounds(block.grounds),
        "instead": list(block.instead),
    }


def held(findings: Findings) -> list[Json]:
    return [_hold(findings, hold) for hold in findings.decision.held]


def _hold(findings: Findings, hold: Hold) -> Json:
    words, pack = findings.words, findings.pack
    waiting = set(findings.blame.of_rules(hold.undetermined)).union(hold.until)
    until = [name for name in pack.vocabulary.facts if name in waiting]
    return {
        "code": hold.code,
        "text": words.actions[hold.code]["text"],
        "until": until,
        "questions": [{"fact": name, **words.questions[name]} for name in until],
        "ground": words.grounds(hold.grounds),
        **({"opposites": list(hold.opposites)} if hold.opposites else {}),
        "because": pack.rule_ids(hold.rules),
    }
