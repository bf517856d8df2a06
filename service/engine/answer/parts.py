"""The parts of an answer: one table from each key of the contract to the function that makes its value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from schemas.answer_fields import AnswerFields
from schemas.strict_json import Json
from service.engine.answer.actions import (
    actions,
    blocked,
    clock,
    done_earlier,
    held,
    next_hour,
    next_review,
)
from service.engine.answer.briefing.page import brief
from service.engine.answer.compared.changes import changes
from service.engine.answer.compared.figures import figures
from service.engine.answer.drafts import drafts
from service.engine.answer.findings import Findings
from service.engine.answer.outputs import at_best, at_top, at_worst, outputs, provisional, since
from service.engine.answer.provenance import provenance
from service.engine.answer.reasons import (
    assumed,
    contingency,
    explanation,
    ignored,
    reasons,
    unknowns,
    verdict,
)
from service.language.model import Pack

Part = Callable[[Findings], Any]
"""Makes one part of an answer. Parts are independent: any selection of them can be made, in any order."""


def as_of(findings: Findings) -> Any:
    return findings.plain(findings.as_of)


def as_of_from_previous(findings: Findings) -> bool:
    return findings.as_of_from_previous


def previous_ignored(findings: Findings) -> list[Json]:
    """The parts of the previous answer that were passed over, each with the reason."""
    previous = findings.previous
    return [
        {
            "path": mistake.path,
            "reason": reason,
            "text": findings.words.ignored[reason],
            "got": mistake.got,
        }
        for reason, mistake in (previous.passed_over if previous else ())
    ]


def deprecated(findings: Findings) -> list[Json]:
    """The former names that the caller sent, each with the present one."""
    return [one._asdict() for one in findings.deprecated]


def identity(findings: Findings) -> Json:
    """The pack by which the incident was assessed."""
    pack = findings.pack
    return {"name": pack.name, "version": pack.version, "digest": pack.digest}


FIRST: Mapping[str, Part] = {"as_of": as_of, "pack": identity}
NEXT: Mapping[str, Part] = {
    "verdict": verdict,
    "brief": brief,
    "provisional": provisional,
    "since": since,
    "clock": clock,
    "next_review": next_review,
    "next_hour": next_hour,
    "figures": figures,
    "changes": changes,
    "previous_ignored": previous_ignored,
    "as_of_from_previous": as_of_from_previous,
    "actions": actions,
    "blocked": blocked,
    "held": held,
    "done_earlier": done_earlier,
    "reasons": reasons,
    "unknowns": unknowns,
    "assumed": assumed,
    "at_worst": at_worst,
    "at_best": at_best,
    "outputs": outputs,
    "provenance": provenance,
}
ON_REQUEST: Mapping[str, Part] = {
    "ignored": ignored,
    "deprecated": deprecated,
    "explanation": explanation,
    "contingency": contingency,
    "drafts": drafts,
}
"""The parts that an answer has only if the caller requests them."""


def requested_parts(
    *,
    explain: bool,
    contingency: bool,
    drafts: bool = False,
    lenient: bool = False,
    deprecated: bool = False,
) -> set[str]:
    """The parts that an answer has because the caller requests them, or sends former names."""
    asked = {
        "ignored": lenient,
        "explanation": explain,
        "contingency": contingency,
        "deprecated": deprecated,
        "drafts": drafts,
    }
    return {key for key in asked if asked[key]}


def parts_of(pack: Pack) -> dict[str, Part]:
    """All parts of this pack's answers, in the order of the contract: the lifted outputs and the notices stand after the pack."""
    return {
        **FIRST,
        **{name: at_top(pack.outputs[name]) for name in (*pack.lifted, *pack.notices)},
        **NEXT,
        **ON_REQUEST,
    }


def answer(
    parts: Mapping[str, Part],
    findings: Findings,
    requested: Collection[str] = (),
    fields: AnswerFields | None = None,
) -> Json:
    """The answer without the ids, which the caller adds. A part on request is left out unless it is requested.

    With `fields` only the parts that they need are made, and each is cut to what is wanted in it.
    """
    left_out = ON_REQUEST.keys() - requested
    made = (key for key in parts if key not in left_out)
    if fields is None:
        return {key: parts[key](findings) for key in made}
    return {key: fields.cut(key, parts[key](findings)) for key in made if fields.has(key)}
