"""In which order an answer asks for what is not known."""

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


def test_first_what_could_change_more_of_the_answer_then_what_is_to_be_done_then_as_the_author_has_it(
    tmp_path: Path,
) -> None:
    """`b.flag` could change more outputs than `a.flag`, but no more of the answer; `a.count` no action."""
    answer = Assessor(plain_pack(tmp_path / "plain", RULES, pack=PACK), "reference").assess(
        {}, datetime(2026, 1, 1, tzinfo=UTC), "en"
    )
    asked = [one["fact"] for one in answer["unknowns"]]
    assert asked == ["a.kind", "a.flag", "b.flag", "b.count", "a.count"]
