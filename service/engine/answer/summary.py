"""The values of an assessment that observers read. They are plain values without texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.engine.answer.findings import Findings


@dataclass(frozen=True, slots=True)
class Summary:
    """`pack` is its name, `fired` are the ids of the rules that fired.

    `lifted` has the value of each lifted output, `notices` that of each notice.
    `ignored` is the number of mistakes in the facts that lenient handling ignored; None in strict handling.
    `cross_checked` says whether both matchers judged and agreed.
    """

    pack: str
    digest: str
    lifted: Mapping[str, Any]
    notices: Mapping[str, Any]
    provisional: bool
    fired: Sequence[str]
    ignored: int | None = None
    cross_checked: bool = False


def summary(findings: Findings) -> Summary:
    pack, values = findings.pack, findings.judgement.values
    return Summary(
        pack.name,
        pack.digest,
        {name: values[name] for name in pack.lifted},
        {name: values[name] for name in pack.notices},
        findings.provisional,
        pack.rule_ids(findings.judgement.rules.fired()),
        None if findings.ignored is None else findings.ignored.mistakes,
        findings.cross_checked,
    )
