"""The explanation: the truth value of each rule, and the atoms that alone keep a rule from firing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.engine.assess import Assessor
from service.engine.why.atoms import written_atoms
from service.language.collector import Collector
from service.language.conditions.check import check_expression
from service.language.conditions.scope import Scope
from service.language.declared.vocabulary.calm import EVERY_FACT_IS_SURE
from service.language.model import Constants
from service.language.place import NOWHERE
from service.language.syntax import Literal
from tests.packs import HARBOUR, PLAIN_FACTS, PLAIN_PACK, loaded, plain_pack
from tests.server import ROOT

AS_OF = datetime(2026, 5, 1, tzinfo=UTC)


def explained(pack: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    answer = Assessor(pack, "reference").assess(facts, AS_OF, "en", explain=True)
    found: dict[str, Any] = answer["explanation"]
    return found


def of_rules(folder: Path, facts: Mapping[str, Any], *rules: Mapping[str, Any]) -> dict[str, Any]:
    """The explanation by the plain pack with these rules, called r0, r1 and so on."""
    entries = [{"id": f"r{n}", "because": "x", **rule} for n, rule in enumerate(rules)]
    return explained(plain_pack(folder, yaml.safe_dump({"rules": entries})), facts)


def of_condition(folder: Path, condition: Any, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    rule = {"when": condition, "then": {"score": 1}}
    found: list[dict[str, Any]] = of_rules(folder, facts, rule)["near_misses"]
    return found


ATOMS: list[tuple[str, dict[str, Any], str, str | None, Any, str | None, Any]] = [
    ("a.count >= 3", {"a.count": 2}, "a.count >= 3", "a.count", 2, ">=", 3),
    ("3 <= a.count", {"a.count": 2}, "3 <= a.count", "a.count", 2, ">=", 3),
    ("!(a.count >= 3)", {"a.count": 5}, "a.count >= 3", "a.count", 5, "<", 3),
    ("!(3 != a.count)", {"a.count": 5}, "3 != a.count", "a.count", 5, "==", 3),
    ("a.count > 2.5", {"a.count": 2}, "a.count > 2.5", "a.count", 2, ">", 2.5),
    ("a.share > 1", {"a.share": 0.5}, "a.share > 1", "a.share", 0.5, ">", 1.0),
    ("a.flag", {"a.flag": False}, "a.flag", "a.flag", False, "==", True),
    ("!a.flag", {"a.flag": True}, "a.flag", "a.flag", True, "==", False),
    ('a.kind == "x"', {"a.kind": "z"}, 'a.kind == "x"', "a.kind", "z", "==", "x"),
    (
        'a.kind in ["x", "y"]',
        {"a.kind": "z"},
        'a.kind in ["x", "y"]',
        "a.kind",
        "z",
        "in",
        ["x", "y"],
    ),
    (
        '!(a.kind in ["x", "y"])',
        {"a.kind": "x"},
        'a.kind in ["x", "y"]',
        "a.kind",
        "x",
        "not in",
        ["x", "y"],
    ),
    (
        'at_least(a.kind, "y")',
        {"a.kind": "z"},
        'at_least(a.kind, "y")',
        "a.kind",
        "z",
        "at_least",
        "y",
    ),
    (
        '!at_least(a.kind, "y")',
        {"a.kind": "x"},
        'at_least(a.kind, "y")',
        "a.kind",
        "x",
        "not at_least",
        "y",
    ),
    ("has(a.count)", {}, "has(a.count)", "a.count", None, "has", None),
    (
        'a.seen > timestamp("2026-01-01T00:00:00Z")',
        {"a.seen": datetime(2025, 1, 1, tzinfo=UTC)},
        'a.seen > timestamp("2026-01-01T00:00:00Z")',
        "a.seen",
        "2025-01-01T00:00:00Z",
        ">",
        "2026-01-01T00:00:00Z",
    ),
    ("(a.count + 1) > 3", {"a.count": 1}, "(a.count + 1) > 3", "a.count", 1, None, None),
    (
        "a.count > b.count",
        {"a.count": 1, "b.count": 1},
        "a.count > b.count",
        None,
        None,
        None,
        None,
    ),
]


@pytest.mark.parametrize(
    ("condition", "facts", "written", "fact", "value", "operator", "threshold"), ATOMS
)
def test_a_near_miss_has_the_comparison_that_would_have_to_be_true(
    condition: str,
    facts: dict[str, Any],
    written: str,
    fact: str | None,
    value: Any,
    operator: str | None,
    threshold: Any,
    tmp_path: Path,
) -> None:
    (miss,) = of_condition(tmp_path / "pack", condition, facts)
    assert (miss["rule"], miss["atom"], miss["output"]) == ("r0", written, None)
    assert (miss["fact"], miss["value"]) == (fact, value)
    assert (miss["operator"], miss["threshold"]) == (operator, threshold)
    assert miss["gives"] == {"score": 1}


@pytest.mark.parametrize(
    ("condition", "output", "value", "operator", "threshold"),
    [
        ('at_least(level, "middle")', "level", "low", "at_least", "middle"),
        ('!(level in ["low"])', "level", "low", "not in", ["low"]),
        ("score < -1", "score", 0, "<", -1),
        ("provisional", "provisional", False, "==", True),
        ('"red" in tags', "tags", [], "contains", "red"),
        ("size(tags) > 0", "tags", [], None, None),
    ],
)
def test_an_atom_over_an_output_names_the_output(
    condition: str, output: str, value: Any, operator: str | None, threshold: Any, tmp_path: Path
) -> None:
    rule = {"when": condition, "then": {"actions": "FIRST"}}
    (miss,) = of_rules(tmp_path / "pack", {}, rule)["near_misses"]
    assert (miss["fact"], miss["output"], miss["value"]) == (None, output, value)
    assert (miss["operator"], miss["threshold"]) == (operator, threshold)
    assert miss["gives"] == {"actions": ["FIRST"]}


@pytest.mark.parametrize(
    ("condition", "near"),
    [
        ("a.flag && b.flag", []),
        ("a.flag || b.flag", ["a.flag", "b.flag"]),
        ("a.flag && (b.flag || a.count < 3)", ["a.flag"]),
        ("a.flag && a.count > 3", []),
        ("b.flag && b.count > 3", []),
        ("a.flag || (b.flag && b.count > 3)", ["a.flag"]),
        ("a.flag && !a.flag", []),
        ("a.count>3 || a.count > 3", ["a.count>3"]),
        ("(a.flag && a.count < 3) || (a.flag && b.flag)", ["a.flag"]),
        ({"all": ["a.count < 3", {"not": {"any": ["!a.flag", "b.count > 2"]}}]}, []),
        ({"all": ["a.count < 3", {"not": {"any": ["!a.flag", "a.count > 2"]}}]}, ["a.flag"]),
        ({"any": ["a.flag"]}, ["a.flag"]),
        ({"all": [{"not": {"not": "a.flag"}}, "a.count < 3"]}, ["a.flag"]),
    ],
)
def test_only_an_atom_that_alone_decides_is_a_near_miss(
    condition: Any, near: list[str], tmp_path: Path
) -> None:
    """Both flags are false, a.count is 1, b.count unknown."""
    facts = {"a.flag": False, "b.flag": False, "a.count": 1}
    misses = of_condition(tmp_path / "pack", condition, facts)
    assert [miss["atom"] for miss in misses] == near


def test_the_nearest_numbers_stand_first_and_other_values_after_them(tmp_path: Path) -> None:
    found = of_rules(
        tmp_path / "pack",
        {"a.count": 90, "a.share": 0.5, "a.flag": False, "b.count": 0},
        {"when": "a.flag", "then": {"score": 1}},
        {"when": "a.count >= 1000", "then": {"score": 2}},
        {"when": "a.share > 0.51", "then": {"score": 3}},
        {"when": "a.count > 100", "then": {"score": 4}},
        {"when": "b.count > 0", "then": {"score": 5}},
    )
    assert [miss["rule"] for miss in found["near_misses"]] == ["r4", "r2", "r3", "r1", "r0"]


def test_the_nearest_fifty_are_listed_and_the_others_counted(tmp_path: Path) -> None:
    rules = [
        {"when": f"a.count > {threshold}", "then": {"score": 1}}
        for threshold in range(160, 100, -1)
    ]
    found = of_rules(tmp_path / "pack", {"a.count": 100}, *rules)
    assert [miss["threshold"] for miss in found["near_misses"]] == list(range(101, 151))
    assert found["near_misses_left_off"] == 10


def test_every_rule_is_listed_in_order_and_an_unknown_one_with_its_unknown_facts(
    tmp_path: Path,
) -> None:
    found = of_rules(
        tmp_path / "pack",
        {"a.count": 5, "b.count": 1},
        {"when": "a.count > 3", "then": {"level": "high"}},
        {"when": "a.count > 9", "then": {"score": 1}},
        {"when": "a.flag && b.count == 1 && a.share > 0.5", "then": {"level": "middle"}},
        {"when": "b.flag", "then": {"blocked": "FIRST"}},
        {"when": 'at_least(level, "middle")', "then": {"score": 2}},
    )
    assert found["rules"] == [
        {"rule": "r0", "truth": "true", "unknown": []},
        {"rule": "r1", "truth": "false", "unknown": []},
        {"rule": "r2", "truth": "unknown", "unknown": ["a.share", "a.flag"]},
        {"rule": "r3", "truth": "unknown", "unknown": ["b.flag"]},
        {"rule": "r4", "truth": "true", "unknown": []},
    ]


def test_a_rule_that_is_not_in_force_is_false_and_no_near_miss(tmp_path: Path) -> None:
    found = of_rules(
        tmp_path / "pack",
        {"a.flag": False},
        {"when": "a.flag", "then": {"score": 1}, "effective": {"from": "2026-05-02"}},
        {"when": "a.flag", "then": {"score": 1}, "effective": {"from": "2026-05-01"}},
        {"when": "a.flag", "then": {"score": 1}, "effective": {"until": "2026-05-01"}},
        {"when": "always", "then": {"score": 1}, "effective": {"until": "2026-05-01"}},
    )
    assert {rule["truth"] for rule in found["rules"]} == {"false"}
    assert [miss["rule"] for miss in found["near_misses"]] == ["r1"]


def test_the_values_that_a_rule_would_give_are_listed_by_output(tmp_path: Path) -> None:
    found = of_rules(
        tmp_path / "pack",
        {"a.flag": False},
        {
            "when": "a.flag",
            "then": {"level": "high", "tags": ["x"], "actions": ["FIRST", "SECOND"]},
        },
        {"when": "a.flag", "then": {"blocked": [{"action": "FIRST", "instead": ["THIRD"]}]}},
    )
    assert [miss["gives"] for miss in found["near_misses"]] == [
        {"level": "high", "tags": ["x"], "actions": ["FIRST", "SECOND"]},
        {"blocked": ["FIRST"]},
    ]


def test_a_derived_fact_is_compared_like_any_other(tmp_path: Path) -> None:
    derived = "derived:\n  b.twice: {type: integer, value: a.count * 2, text: {en: Twice}}\n"
    rules = "rules: [{id: r0, because: x, when: 'b.twice > 9', then: {score: 1}}]"
    pack = plain_pack(tmp_path / "pack", rules, facts=PLAIN_FACTS + derived)
    (miss,) = explained(pack, {"a.count": 4})["near_misses"]
    assert (miss["fact"], miss["text"], miss["value"]) == ("b.twice", "Twice", 8)


def test_a_value_of_the_previous_answer_is_compared_like_any_other_fact(tmp_path: Path) -> None:
    rule = {"when": "previous.given", "then": {"score": 1}}
    (miss,) = of_rules(tmp_path / "pack", {}, rule)["near_misses"]
    assert (miss["fact"], miss["value"], miss["threshold"]) == ("previous.given", False, True)


def test_an_answer_has_no_explanation_unless_asked_for(tmp_path: Path) -> None:
    pack = plain_pack(tmp_path / "pack", "rules: []")
    assert "explanation" not in Assessor(pack, "reference").assess({}, AS_OF, "en")


@pytest.mark.parametrize("folder", [ROOT / "rules" / "pr_crisis", HARBOUR], ids=lambda f: f.name)
def test_the_text_of_every_atom_reads_as_that_atom(folder: Path) -> None:
    pack = loaded(folder)
    derived = {item.fact.name: item.fact for item in pack.derived}
    constants = Constants({one.name: one for one in pack.constants})
    facts = {**pack.vocabulary.facts, **derived, **pack.previous}
    scope = Scope(facts, pack.outputs, constants=constants)
    read = 0
    for rule in pack.rules:
        for node, text in written_atoms(rule.when, rule.whole):
            if not isinstance(node, Literal) and text != EVERY_FACT_IS_SURE:
                read_anew = check_expression(text, scope, Collector().at(NOWHERE))
                assert read_anew == node, (rule.id, text)
                read += 1
    assert read >= len(pack.rules) / 2


def test_a_rule_that_would_change_no_output_is_no_near_miss(tmp_path: Path) -> None:
    """It gives a milder band, a value that is given already, or one that ranks lower. Added to a sum, only 0 changes nothing."""
    found = of_rules(
        tmp_path / "pack",
        {"a.count": 9, "a.flag": False},
        {"when": "a.count >= 5", "then": {"level": "high", "tags": ["x"], "actions": ["FIRST"]}},
        {"when": "a.count >= 2 && a.count < 5", "then": {"level": "middle"}},
        {"when": "a.flag", "then": {"level": "high"}},
        {"when": "a.flag", "then": {"tags": ["x"], "actions": ["FIRST"]}},
        {"when": "a.flag", "then": {"tags": ["x", "y"]}},
        {"when": "a.flag", "then": {"score": 0}},
        {"when": "a.flag", "then": {"score": 1}},
        {"when": "a.flag", "then": {"provisional": True}},
    )
    assert [miss["rule"] for miss in found["near_misses"]] == ["r4", "r6", "r7"]


@pytest.mark.parametrize("near_first", [True, False])
@pytest.mark.parametrize(("value", "missed"), [("true", []), ("false", ["r.near"])])
def test_a_rule_that_would_contradict_another_is_a_near_miss_wherever_it_stands(
    tmp_path: Path, near_first: bool, value: str, missed: list[str]
) -> None:
    pack = PLAIN_PACK.replace(
        "outputs:\n", "outputs:\n  grave: {type: boolean, hit: any, default: false}\n"
    )
    rules = [
        f'  - {{id: r.near, when: "a.count >= 3", then: {{grave: {value}}}, because: {{en: x}}}}',
        '  - {id: r.fires, when: "a.flag", then: {grave: true}, because: {en: x}}',
    ]
    text = "rules:\n" + "\n".join(rules if near_first else rules[::-1])
    found = explained(plain_pack(tmp_path, text, pack=pack), {"a.count": 2, "a.flag": True})
    assert [miss["rule"] for miss in found["near_misses"]] == missed
