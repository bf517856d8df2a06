"""The parts of an answer about its outputs: their values, since when they have them, and the values they can have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.strict_json import Json
from service.engine.answer.findings import Findings
from service.engine.judging.previous import since as since_when
from service.engine.words.wording import coded
from service.language.declared.open_values import OPEN_TYPES, Members, Options, best, worst
from service.language.model import Output


def at_top(output: Output) -> Callable[[Findings], Json]:
    """The part for one lifted output or notice, which stands at the top of the answer."""

    def part(findings: Findings) -> Json:
        return coded(output, findings.judgement.values[output.name], findings.words.wording)

    return part


def provisional(findings: Findings) -> bool:
    return findings.provisional


def since(findings: Findings) -> Json:
    """Since when each lifted output has had its value."""
    values, previous = findings.judgement.values, findings.previous
    moments = since_when(findings.pack, values, previous, findings.as_of)
    return {name: findings.plain(moment) for name, moment in moments.items()}


def at_worst(findings: Findings) -> Json:
    return _end(findings, worst)


def at_best(findings: Findings) -> Json:
    return _end(findings, best)


def _end(findings: Findings, end: Callable[[Output, Any], Any]) -> Json:
    """The worst or the best value that each lifted output can have."""
    outputs, can_be = findings.pack.outputs, findings.relaxed.can_be
    return {
        name: coded(outputs[name], end(outputs[name], can_be[name]), findings.words.wording)
        for name in findings.pack.lifted
    }


def outputs(findings: Findings) -> Json:
    return {name: _output(findings, output) for name, output in findings.pack.outputs.items()}


def _output(findings: Findings, output: Output) -> Json:
    value = findings.judgement.values[output.name]
    can_be = findings.relaxed.can_be[output.name]
    return {
        "value": findings.plain(value),
        "text": findings.words.value(output.name, value),
        "established": not isinstance(can_be, OPEN_TYPES),
        "can_be": _can_be(output, can_be),
    }


def _can_be(output: Output, value: Any) -> Any:
    """The values an output can have: `{"min", "max"}` for a number, `{"sure", "possible"}` for a collection, else a list."""
    if output.policy.is_collected:
        members = value if isinstance(value, Members) else Members(value, value)
        return {"sure": list(members.sure), "possible": list(members.can_have)}
    if output.type.is_numeric:
        return {"min": best(output, value), "max": worst(output, value)}
    if isinstance(value, Options):
        return list(value.values)
    return [value]
