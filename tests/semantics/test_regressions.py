"""Bugs that the tests of the semantics found. Each test states the right behaviour."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from schemas.scalars import INT64_MAX, INT64_MIN, parse_datetime
from service.engine.assess import Assessor
from service.language.load import load_pack
from tests.packs import PLAIN_ACTIONS, PLAIN_FACTS, PLAIN_PACK, plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCORE = "score: {type: integer, hit: sum, default: 0}"
ORDER = """
rules:
  - {id: r.a, when: "a.flag", then: {tags: A}, because: {en: r}}
  - {id: r.ba, when: "b.flag", then: {tags: [B, A]}, because: {en: r}}
  - {id: r.level, when: 'tags == ["B", "A"]', then: {level: high}, because: {en: r}}
"""


def two_scores(one: str, other: str) -> str:
    return f"""
rules:
  - {{id: r.one, when: "a.flag", then: {{score: {one}}}, because: {{en: r}}}}
  - {{id: r.two, when: "b.flag", then: {{score: {other}}}, because: {{en: r}}}}
"""


def answer(folder: Path, rules: str, facts: dict[str, Any], score: str = SCORE) -> dict[str, Any]:
    pack = plain_pack(folder / "pack", rules, pack=PLAIN_PACK.replace(SCORE, score))
    return Assessor(pack, "reference").assess(facts, NOW, "en")


def answer_unless_refused(folder: Path, rules: str, score: str) -> dict[str, Any] | None:
    """The answer; None if the loader refuses the pack, which is right too."""
    pack_yaml = PLAIN_PACK.replace(SCORE, score)
    files = {"pack": pack_yaml, "facts": PLAIN_FACTS, "actions": PLAIN_ACTIONS, "rules": rules}
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    pack, _ = load_pack(folder)
    if pack is None:
        return None
    return Assessor(pack, "reference").assess({"a.flag": True, "b.flag": True}, NOW, "en")


def test_a_collected_list_is_established_only_if_its_order_is(tmp_path: Path) -> None:
    partial = answer(tmp_path, ORDER, {"b.flag": True})["outputs"]["tags"]
    full = answer(tmp_path, ORDER, {"a.flag": True, "b.flag": True})["outputs"]["tags"]
    assert not partial["established"] or partial["value"] == full["value"]


def test_the_order_of_a_collected_list_does_not_depend_on_which_rules_fire(tmp_path: Path) -> None:
    partial = answer(tmp_path, ORDER, {"b.flag": True})
    full = answer(tmp_path, ORDER, {"a.flag": True, "b.flag": True})
    assert partial["outputs"]["tags"]["value"] == full["outputs"]["tags"]["value"] == ["A", "B"]
    assert partial["level"] == full["level"]


@pytest.mark.parametrize("facts", [{}, {"a.flag": True}, {"a.flag": True, "b.flag": True}])
def test_a_sum_of_huge_doubles_is_clamped_not_an_error(
    tmp_path: Path, facts: dict[str, Any]
) -> None:
    score = "score: {type: number, hit: sum, default: 0, max: 100}"
    got = answer(tmp_path, two_scores("1.0e+308", "1.0e+308"), facts, score)
    assert got["outputs"]["score"]["can_be"]["max"] == 100.0


DECIMALS = """
rules:
  - {id: r.one, when: "a.flag", then: {score: 0.1}, because: {en: r}}
  - {id: r.two, when: "b.flag", then: {score: 0.7}, because: {en: r}}
  - {id: r.high, when: "score >= 0.8", then: {level: high}, because: {en: "{score}"}}
"""


@pytest.mark.parametrize(
    "rules", [DECIMALS, DECIMALS.replace("0.1", "x").replace("0.7", "0.1").replace("x", "0.7")]
)
def test_decimals_are_added_as_they_are_written(tmp_path: Path, rules: str) -> None:
    """The doubles 0.1 and 0.7 add up to 0.7999999999999999, which would miss a threshold of 0.8."""
    score = "score: {type: number, hit: sum, default: 0}"
    got = answer(tmp_path, rules, {"a.flag": True, "b.flag": True}, score)
    assert (got["outputs"]["score"]["value"], got["level"]["code"]) == (0.8, "high")
    assert got["reasons"][-1]["text"] == "0.8"


def test_the_bounds_of_a_sum_of_decimals_are_exact_too(tmp_path: Path) -> None:
    score = "score: {type: number, hit: sum, default: 0}"
    got = answer(tmp_path, DECIMALS, {"a.flag": True}, score)
    assert got["outputs"]["score"]["can_be"] == {"min": 0.1, "max": 0.8}
    assert got["at_worst"]["level"]["code"] == "high"


@pytest.mark.parametrize(("one", "end"), [(INT64_MAX, 1), (INT64_MIN, -1)])
def test_a_sum_of_integers_stays_within_int64(tmp_path: Path, one: int, end: int) -> None:
    """Beyond int64, `score > 5` would be true but `score + 1 > 6` unknown."""
    facts = {"a.flag": True, "b.flag": True}
    got = answer(tmp_path, two_scores(str(one), str(end)), facts)
    assert INT64_MIN <= got["outputs"]["score"]["value"] <= INT64_MAX


@pytest.mark.parametrize("hit", ["first", "unique", "any"])
def test_min_and_max_clamp_every_single_number_or_are_refused(tmp_path: Path, hit: str) -> None:
    score = f"score: {{type: integer, hit: {hit}, default: 0, max: 2}}"
    rules = two_scores("9", "9").replace("b.flag", "a.count > 0")
    got = answer_unless_refused(tmp_path, rules, score)
    assert got is None or got["outputs"]["score"]["value"] <= 2


def test_an_integer_output_is_always_an_integer(tmp_path: Path) -> None:
    score = "score: {type: integer, hit: sum, default: 1, min: 0.5}"
    got = answer_unless_refused(tmp_path, two_scores("-9", "-9"), score)
    assert got is None or isinstance(got["outputs"]["score"]["value"], int)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_the_ends_of_the_calendar_are_answered_in_every_time_zone(
    tmp_path: Path, moment: str, zone: str
) -> None:
    rules = """
rules:
  - {id: r.seen, when: "a.seen <= as_of", then: {actions: FIRST}, because: {en: "seen {a.seen}"}}
"""
    pack_yaml = PLAIN_PACK.replace("timezone: UTC", f"timezone: {zone}")
    pack = plain_pack(tmp_path / "pack", rules, pack=pack_yaml)
    then = parse_datetime(moment)
    given = Assessor(pack, "reference").assess({"a.seen": then}, then, "en")
    assert parse_datetime(given["as_of"]) == then
    assert given["reasons"][0]["facts"]["a.seen"] == given["as_of"]
    assert parse_datetime(given["actions"][0]["due_at"]) >= then


UNCOMPUTABLE = """
facts:
  a.part: {type: integer, text: {en: part}}
  a.whole: {type: integer, text: {en: whole}}
derived:
  a.share: {type: integer, value: a.part / a.whole, text: {en: share}}
"""
ASK_UNLESS_SHARED = """
rules:
  - {id: r.ask, when: "a.part > 0", then: {actions: FIRST}, because: {en: r}}
  - {id: r.bar, when: "has(a.share)", then: {blocked: FIRST}, because: {en: r}}
"""


def test_a_derived_fact_that_cannot_be_computed_from_known_facts_holds_no_action(
    tmp_path: Path,
) -> None:
    pack = plain_pack(tmp_path / "pack", ASK_UNLESS_SHARED, facts=UNCOMPUTABLE)
    assessor = Assessor(pack, "reference")
    by_zero = assessor.assess({"a.part": 1, "a.whole": 0}, NOW, "en")
    assert [action["code"] for action in by_zero["actions"]] == ["FIRST"]
    assert by_zero["unknowns"] == []
    one_unknown = assessor.assess({"a.part": 1}, NOW, "en")
    assert [held["until"] for held in one_unknown["held"]] == [["a.whole"]]


def test_the_unknown_fact_behind_a_long_chain_of_outputs_is_found(tmp_path: Path) -> None:
    """The outputs are declared in the opposite order: asking for the first one asks for all others."""
    names = [f"o{number}" for number in range(600)]
    outputs = "".join(
        f"  {name}: {{type: enum, hit: priority, default: low, values: [high, low]}}\n"
        for name in reversed(names)
    )
    rule = "  - {{id: r.{sets}, when: '{when}', then: {{{sets}: high}}, because: {{en: r}}}}\n"
    rules = rule.format(sets=names[0], when="a.flag") + "".join(
        rule.format(sets=sets, when=f'{read} == "high"') for read, sets in pairwise(names)
    )
    pack = plain_pack(tmp_path / "pack", f"rules:\n{rules}", pack=PLAIN_PACK + outputs)
    (unknown,) = Assessor(pack, "reference").assess({}, NOW, "en")["unknowns"]
    assert (unknown["fact"], len(unknown["could_change"])) == ("a.flag", len(names))


def test_the_unknown_fact_behind_derived_facts_that_share_what_they_read_is_found_soon(
    tmp_path: Path,
) -> None:
    """Each is computed from the two before: the number of ways back to the first grows like Fibonacci's numbers."""
    derived = "".join(
        f"  d.d{n}: {{type: integer, text: {{en: D}}, value: {value}}}\n"
        for n in range(60)
        for value in (f"d.d{n - 1} + d.d{n - 2}" if n > 1 else "a.count + 1",)
    )
    rules = "rules:\n  - {id: r.r, when: 'd.d59 > 3', then: {tags: x}, because: {en: r}}\n"
    facts = f"{PLAIN_FACTS}derived:\n{derived}"
    pack = plain_pack(tmp_path / "pack", rules, facts=facts)
    (unknown,) = Assessor(pack, "reference").assess({}, NOW, "en")["unknowns"]
    assert unknown["fact"] == "a.count"


def test_a_fact_that_could_lift_a_block_is_listed(tmp_path: Path) -> None:
    """A guard blocks because a fact is not known. Once it is, the action is held until another fact is known."""
    rules = """
rules:
  - {id: r.ask, when: always, then: {actions: FIRST}, because: {en: r}}
  - {id: r.unseen, when: "!has(b.flag)", then: {blocked: FIRST}, because: {en: r}}
  - {id: r.count, when: "a.count > 0", then: {blocked: FIRST}, because: {en: r}}
"""
    before, after = (answer(tmp_path, rules, facts) for facts in ({}, {"b.flag": True}))

    assert [one["code"] for one in before["blocked"]] == ["FIRST"]
    assert [one["code"] for one in after["held"]] == ["FIRST"]
    assert [(one["fact"], one["could_change"]) for one in before["unknowns"]] == [
        ("b.flag", ["blocked"])
    ]
    assert [one["fact"] for one in after["unknowns"]] == ["a.count"]
