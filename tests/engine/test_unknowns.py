"""The order in which an answer lists the unknown facts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from service.engine.assess import Assessor
from tests.packs import PLAIN_PACK, plain_pack

RULES = """
rules:
  - {id: r1, when: "b.flag", then: {level: high}, because: {en: x}}
  - {id: r2, when: "a.flag", then: {level: middle}, because: {en: x}}
  - {id: r3, when: "b.flag && b.count > 0", then: {actions: FIRST}, because: {en: x}}
  - {id: r4, when: "a.count > 0", then: {score: 1}, because: {en: x}}
  - {id: r5, when: 'a.kind == "x"', then: {grave: true, level: high}, because: {en: x}}
"""
PACK = PLAIN_PACK.replace("answer: [level]", "answer: [level, grave]").replace(
    "outputs:\n", "outputs:\n  grave: {type: boolean, hit: any, default: false}\n"
)


def test_unknowns_are_ranked_by_lifted_outputs_then_by_actions_then_by_the_vocabulary(
    tmp_path: Path,
) -> None:
    """`b.flag` could change more outputs than `a.flag`, but no more lifted ones. `a.count` could change no action."""
    answer = Assessor(plain_pack(tmp_path / "plain", RULES, pack=PACK), "reference").assess(
        {}, datetime(2026, 1, 1, tzinfo=UTC), "en"
    )
    asked = [one["fact"] for one in answer["unknowns"]]
    assert asked == ["a.kind", "a.flag", "b.flag", "b.count", "a.count"]
