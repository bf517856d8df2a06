"""The parts of an answer that give reasons: verdict, rules that fired, unknown, assumed and ignored facts; on request explanation and contingency."""

from __future__ import annotations

from dataclasses import asdict

from schemas.strict_json import Json
from service.engine.answer.findings import Findings
from service.engine.why import explanation as why
from service.engine.why.unknowns import Unknowns


def verdict(findings: Findings) -> str | None:
    """One line that says what the incident is and how bad; None if the pack has no sentence to say.

    A sentence with a condition is said only if this is true, not if it is unknown.
    """
    environment = findings.spoken
    said = [
        position
        for position, condition in enumerate(findings.program.verdict)
        if condition is None or condition(environment) is True
    ]
    return findings.speech.verdict(said) if said else None


def reasons(findings: Findings) -> list[Json]:
    """The rules that fired, each with the known facts that it reads, and the actions that it left out, if any."""
    program, speech = findings.program, findings.speech
    texts = [(position, speech.because(position)) for position in findings.judgement.rules.fired()]
    known = _known(findings)
    rules, sources, facts_of = findings.pack.rules, findings.words.sources, program.facts_of
    entries: dict[int, Json] = {
        position: {
            "rule": rules[position].id,
            "text": text,
            "source": sources[position],
            "facts": {name: known[name] for name in facts_of[position] if name in known},
        }
        for position, text in texts
    }
    for left in findings.decision.left_out:
        for position in left.rules:
            entries[position].setdefault("left_out", []).append(left.code)
    return list(entries.values())


def _known(findings: Findings) -> Json:
    """The known facts that any rule reads."""
    environment = findings.judgement.environment
    return {
        name: findings.plain(environment[slot])
        for name, slot in findings.program.facts_in_rules
        if environment[slot] is not None
    }


def unknowns(findings: Findings) -> list[Json]:
    """The unknown facts that could change an output."""
    return Unknowns(
        findings.pack,
        findings.words,
        findings.relaxed,
        findings.decision,
        findings.blame,
        findings.facts_of_plan,
    ).to_json()


def assumed(findings: Findings) -> Json:
    return {name: findings.plain(value) for name, value in findings.assumed.items()}


def ignored(findings: Findings) -> list[Json]:
    """In lenient handling: the mistakes in the facts, as a refusal lists them."""
    return [asdict(one) for one in findings.ignored.listed] if findings.ignored else []


def explanation(findings: Findings) -> Json:
    """On request: every rule's truth value and the near misses."""
    return why.explanation(
        findings.program,
        findings.prepared.conditions,
        findings.judgement,
        findings.blame,
        findings.words.wording,
    )


def contingency(findings: Findings) -> Json | None:
    """On request: what would make the answer worse or better; None if the pack declares no contingency."""
    found = findings.prepared.contingency
    if found is None:
        return None
    steps = findings.budget.contingency
    return found.to_json(findings.judgement, findings.relaxed, findings.words, steps)
