"""The order in which rules are evaluated, which circles are refused, when a rule is in force, and what the forms of `when` mean."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.language.load import load_pack
from service.language.model import Pack
from tests.packs import PLAIN_ACTIONS, PLAIN_FACTS, PLAIN_PACK, loaded, plain_pack

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SHANGHAI = PLAIN_PACK.replace("timezone: UTC", "timezone: Asia/Shanghai")


def rules_text(*rules: tuple[str, str, str]) -> str:
    """Rules, each given as (id, condition, the outputs that it sets)."""
    entries = (f"  - {{id: {i}, when: '{w}', then: {{{t}}}, because: x}}\n" for i, w, t in rules)
    return "rules:\n" + "".join(entries)


def strata(folder: Path, *rules: tuple[str, str, str]) -> list[list[str]]:
    pack = plain_pack(folder, rules_text(*rules))
    return [[pack.rules[position].id for position in stratum] for stratum in pack.strata]


def circle(folder: Path, *rules: tuple[str, str, str]) -> list[str]:
    """The messages of the circles that are reported."""
    texts = {"pack": PLAIN_PACK, "facts": PLAIN_FACTS, "actions": PLAIN_ACTIONS}
    for name, text in {**texts, "10_rules": rules_text(*rules)}.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    pack, problems = load_pack(folder)
    assert pack is None
    return [problem.message for problem in problems if problem.code == "output-circle"]


def fired(pack: Pack, facts: dict[str, Any], as_of: datetime = NOON) -> list[str]:
    answer = Assessor(pack, "reference").assess(facts, as_of, "en")
    return [reason["rule"] for reason in answer["reasons"]]


def test_rules_that_read_facts_only_are_one_stratum(tmp_path: Path) -> None:
    assert strata(
        tmp_path, ("b.b", "a.flag", "level: high"), ("a.a", "b.flag && a.count > 3", "score: 1")
    ) == [["b.b", "a.a"]]


def test_a_rule_comes_after_every_rule_that_sets_what_it_reads_wherever_it_stands(
    tmp_path: Path,
) -> None:
    assert strata(
        tmp_path,
        ("r.last", 'level == "high"', "provisional: true"),
        ("r.next", "score > 5", "level: high"),
        ("r.first", "a.flag", "score: 3"),
        ("r.also", "b.flag", "score: 4"),
    ) == [["r.first", "r.also"], ["r.next"], ["r.last"]]


def test_a_rule_that_reads_no_output_is_early_even_if_others_that_set_its_output_are_not(
    tmp_path: Path,
) -> None:
    assert strata(
        tmp_path,
        ("r.score", "a.flag", "score: 3"),
        ("r.waits", "score > 2", "level: high"),
        ("r.free", "b.flag", "level: middle"),
    ) == [["r.score", "r.free"], ["r.waits"]]


def test_a_rule_that_sets_two_outputs_makes_no_circle_of_them(
    tmp_path: Path,
) -> None:
    pack = plain_pack(
        tmp_path,
        rules_text(
            ("r.both", "a.flag", "score: 3, tags: seen"),
            ("r.reads", '"seen" in tags', "level: high"),
            ("r.scores", "score > 2", "provisional: true"),
        ),
    )
    assert [[pack.rules[n].id for n in stratum] for stratum in pack.strata] == [
        ["r.both"],
        ["r.reads", "r.scores"],
    ]
    assert fired(pack, {"a.flag": True}) == ["r.both", "r.reads", "r.scores"]


def test_a_rule_reads_the_combined_value_of_all_earlier_rules(tmp_path: Path) -> None:
    pack = plain_pack(
        tmp_path,
        rules_text(
            ("r.sum", "score >= 7", "level: high"),
            ("r.three", "a.flag", "score: 3"),
            ("r.four", "b.flag", "score: 4"),
        ),
    )
    assert "r.sum" in fired(pack, {"a.flag": True, "b.flag": True})
    assert "r.sum" not in fired(pack, {"a.flag": True, "b.flag": False})


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        (
            [("r.a", "score > 1", "score: 2")],
            "r.a sets score by reading score",
        ),
        (
            [("r.a", 'level == "high"', "score: 2"), ("r.b", "score > 1", "level: high")],
            "r.a sets score by reading level; r.b sets level by reading score",
        ),
        (
            [
                ("r.free", "a.flag", "level: low"),
                ("r.a", "provisional", "level: high"),
                ("r.b", '"x" in tags', "provisional: true"),
                ("r.outside", "score > 1", "tags: y"),
                ("r.c", 'at_least(level, "middle")', "tags: x"),
            ],
            "r.a sets level by reading provisional; r.b sets provisional by reading tags; "
            "r.c sets tags by reading level",
        ),
    ],
    ids=["of one rule", "of two rules", "of three rules with others around"],
)
def test_a_circle_is_refused_and_its_path_of_rules_is_printed(
    rules: list[tuple[str, str, str]], path: str, tmp_path: Path
) -> None:
    found = circle(tmp_path, *rules)
    steps = path.split("; ")
    turns = ["; ".join(steps[n:] + steps[:n]) for n in range(len(steps))]
    assert len(found) == 1
    assert found[0].removeprefix("these rules wait for each other: ") in turns


def test_reading_the_actions_is_no_circle_for_a_rule_that_asks_for_none(
    tmp_path: Path,
) -> None:
    assert strata(
        tmp_path,
        ("r.reads", '"FIRST" in actions', "level: high"),
        ("r.asks", "a.flag", "actions: FIRST"),
    ) == [["r.asks"], ["r.reads"]]


def with_dates(folder: Path, effective: str, pack: str = PLAIN_PACK) -> Pack:
    text = rules_text(("r.dated", "a.flag", "score: 1")).replace(
        ", because", f", effective: {effective}, because"
    )
    return plain_pack(folder, text, pack=pack)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("effective", "pack", "moment", "holds"),
    [
        ("{from: 2026-01-01}", PLAIN_PACK, "2025-12-31T23:59:59.999999+00:00", False),
        ("{from: 2026-01-01}", PLAIN_PACK, "2026-01-01T00:00:00+00:00", True),
        ("{from: 2026-01-01}", PLAIN_PACK, "2999-01-01T00:00:00+00:00", True),
        ("{until: 2027-01-01}", PLAIN_PACK, "1999-01-01T00:00:00+00:00", True),
        ("{until: 2027-01-01}", PLAIN_PACK, "2026-12-31T23:59:59.999999+00:00", True),
        ("{until: 2027-01-01}", PLAIN_PACK, "2027-01-01T00:00:00+00:00", False),
        ("{from: 2026-01-01, until: 2026-01-02}", PLAIN_PACK, "2026-01-01T12:00:00+00:00", True),
        ("{from: 2026-01-01, until: 2026-01-02}", PLAIN_PACK, "2026-01-02T00:00:00+00:00", False),
        ("{from: 2026-01-01}", SHANGHAI, "2025-12-31T15:59:59+00:00", False),
        ("{from: 2026-01-01}", SHANGHAI, "2025-12-31T16:00:00+00:00", True),
        ("{from: 2026-01-01}", PLAIN_PACK, "2026-01-01T07:59:59+08:00", False),
        ("{from: 2026-01-01}", PLAIN_PACK, "2026-01-01T08:00:00+08:00", True),
        ('{until: "2026-01-01T08:00:00+08:00"}', SHANGHAI, "2025-12-31T23:59:59+00:00", True),
        ('{until: "2026-01-01T08:00:00+08:00"}', SHANGHAI, "2026-01-01T00:00:00+00:00", False),
        ("{}", PLAIN_PACK, "2026-01-01T00:00:00+00:00", True),
    ],
)
def test_a_rule_is_in_force_from_its_first_moment_until_just_before_its_end(
    effective: str, pack: str, moment: str, holds: bool, tmp_path: Path
) -> None:
    assert fired(with_dates(tmp_path, effective, pack), {"a.flag": True}, at(moment)) == (
        ["r.dated"] if holds else []
    )


def test_a_rule_outside_its_dates_leaves_its_output_settled(tmp_path: Path) -> None:
    assessor = Assessor(with_dates(tmp_path, "{until: 2026-01-01}"), "reference")
    answer = assessor.assess({}, at("2026-01-01T00:00:00+00:00"), "en")
    assert answer["outputs"]["score"]["established"]
    before = assessor.assess({}, at("2025-12-31T23:59:59+00:00"), "en")
    assert not before["outputs"]["score"]["established"]


def when_of(folder: Path, when: str) -> Any:
    return plain_pack(
        folder, f"rules:\n  - id: r.a\n    when: {when}\n    then: {{score: 1}}\n    because: x\n"
    ).rules[0]


SAME = {
    "a and b": ["a.flag && b.flag", "{all: ['a.flag', 'b.flag']}", "{all: [{all: ['a.flag && b.flag']}]}"],
    "a or b": ["a.flag || b.flag", "{any: ['a.flag', 'b.flag']}", "{not: {all: ['!a.flag', '!b.flag']}}"],
    "not a": ["'!a.flag'", "{not: 'a.flag'}", "{not: {any: ['a.flag']}}", "{all: [{not: 'a.flag'}]}"],
    "a and not b": ["a.flag && !b.flag", "{all: ['a.flag', {not: 'b.flag'}]}"],
    "block": ["|\n      a.flag\n      && b.flag", ">-\n      a.flag\n      && b.flag", "a.flag\n      && b.flag"],
}  # fmt: skip


@pytest.mark.parametrize("forms", SAME.values(), ids=SAME.keys())
def test_a_text_and_a_tree_with_the_same_meaning_fire_for_the_same_incidents(
    forms: list[str], tmp_path: Path
) -> None:
    incidents: list[dict[str, Any]] = [
        {name: value for name, value in (("a.flag", a), ("b.flag", b)) if value is not None}
        for a in (True, False, None)
        for b in (True, False, None)
    ]
    answers = []
    for number, form in enumerate(forms):
        when_of(tmp_path / str(number), form)
        pack = loaded(tmp_path / str(number))
        assessor = Assessor(pack, "reference")
        found = [assessor.assess(facts, NOON, "en")["outputs"] for facts in incidents]
        answers.append(found)
    assert all(answer == answers[0] for answer in answers)
    assert len({str(outputs) for outputs in answers[0]}) == 3


def test_a_tree_of_one_is_its_only_condition(tmp_path: Path) -> None:
    one = when_of(tmp_path / "a", "{all: ['a.flag']}").when
    assert one == when_of(tmp_path / "b", "a.flag").when


@pytest.mark.parametrize("written", ["always", '"always"'])
def test_always_fires_whatever_is_known(written: str, tmp_path: Path) -> None:
    when_of(tmp_path, written)
    pack = loaded(tmp_path)
    assert fired(pack, {}) == ["r.a"]
    assert fired(pack, {"a.flag": False, "a.count": 3}) == ["r.a"]
