"""Every incident has a budget of steps. Beyond it there is a problem, or a contingency that says what was not searched."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.strict_json import write_json
from service.engine.assess import Assessor
from service.engine.errors import BudgetExceeded
from service.engine.expressions.budget import BUDGET, Budget, Steps
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.cross_check import ENGINES, EngineName
from service.engine.judging.judge import judge, judge_relaxed
from service.engine.reference.index import MOST_BYTES_OF_MASKS
from service.language.model import Pack
from tests.packs import PLAIN_PACK, default_assessor, default_pack, plain_pack
from tests.rules.incidents import AS_OF, Incidents
from tests.semantics.completions import NOW
from tests.semantics.random_packs import text_of

LISTS = ("l.one", "l.two", "l.three")
FACTS: dict[str, Any] = {
    **{name: {"type": "list", "of": "integer", "text": {"en": name}} for name in LISTS},
    "t.text": {"type": "string", "text": {"en": "text"}},
    "t.flag": {"type": "boolean", "text": {"en": "flag"}},
}
NESTED = "l.one.exists(x, l.two.exists(y, l.three.exists(z, x + y + z == 1)))"
WITH_CONTINGENCY = PLAIN_PACK + "contingency: {output: level}\n"
SHARE = 5
"""No ordinary incident takes more than a fifth of the steps that it may take. docs/runs.md has the largest shares."""


def pack_of(
    folder: Path, *rules: dict[str, Any], derived: Any = None, pack: str = PLAIN_PACK
) -> Pack:
    named = [
        {"id": f"r.n{n}", "then": {"score": 1}, "because": {"en": "r"}, **rule}
        for n, rule in enumerate(rules)
    ]
    facts = {"facts": FACTS, "derived": derived or {}}
    return plain_pack(folder, text_of({"rules": named}), facts=text_of(facts), pack=pack)


def lists(size: int) -> dict[str, Any]:
    return {name: tuple(range(100, 100 + size)) for name in LISTS}


def rules_named(assess: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(BudgetExceeded) as caught:
        assess()
    return caught.value.rules


@pytest.mark.parametrize("engine", ENGINES)
def test_three_nested_loops_over_long_lists_end_with_the_name_of_their_rule(
    tmp_path: Path, engine: EngineName
) -> None:
    pack = pack_of(tmp_path, {"when": "t.flag"}, {"when": NESTED}, {"when": f"!{NESTED} && t.flag"})
    assessor = Assessor(pack, engine)
    assert rules_named(lambda: assessor.assess(lists(256), NOW, "en")) == ("r.n1", "r.n2")
    assert assessor.assess(lists(20), NOW, "en")["outputs"]["score"]["value"] == 0


def test_a_costly_derived_fact_names_the_rules_that_read_it(tmp_path: Path) -> None:
    derived = {
        "d.costly": {"type": "boolean", "value": NESTED, "text": {"en": "d"}},
        "d.next": {"type": "boolean", "value": "!d.costly", "text": {"en": "d"}},
    }
    pack = pack_of(tmp_path, {"when": "t.flag"}, {"when": "d.next"}, derived=derived)
    assert rules_named(lambda: Assessor(pack).assess(lists(256), NOW, "en")) == ("r.n1",)


def test_a_text_that_derived_facts_double_again_and_again_ends(tmp_path: Path) -> None:
    names = ["t.text", *(f"d.n{n}" for n in range(40))]
    derived = {
        name: {"type": "string", "value": f"{before} + {before}", "text": {"en": "d"}}
        for before, name in itertools.pairwise(names)
    }
    pack = pack_of(tmp_path, {"when": 'd.n39.contains("b")'}, derived=derived)
    assert rules_named(lambda: Assessor(pack).assess({"t.text": "a"}, NOW, "en")) == ("r.n0",)


@pytest.mark.parametrize("when", [NESTED, f"t.flag && {NESTED}", f"t.flag || !({NESTED})"])
@pytest.mark.parametrize("effective", [None, {"until": "2020-01-01"}])
def test_the_matchers_do_not_change_which_budget_is_enough(
    tmp_path: Path, when: str, effective: dict[str, str] | None
) -> None:
    rule = {"when": when, **({"effective": effective} if effective else {})}
    pack = pack_of(tmp_path, rule, {"when": "l.one.exists(x, x + 1 in l.two)"})
    assessors = [Assessor(pack, engine) for engine in ENGINES]
    for flag in (True, False, None):
        for budget in range(0, 4_000, 250):
            found = [_outcome(each, {**lists(8), "t.flag": flag}, budget) for each in assessors]
            assert found[0] == found[1], (flag, budget)


def _outcome(assessor: Assessor, facts: dict[str, Any], budget: int) -> bytes | tuple[str, ...]:
    try:
        return write_json(assessor.assess(facts, NOW, "en", explain=True, budget=Budget(budget)))
    except BudgetExceeded as exceeded:
        return exceeded.rules


def two_lists(folder: Path) -> Pack:
    """To `high` leads a change of one fact, to `middle` no change of two: the search looks at all pairs."""
    return pack_of(
        folder,
        {"when": "l.one.exists(x, l.two.exists(y, x * y == 7))", "then": {"level": "middle"}},
        {"when": "t.flag", "then": {"level": "high"}},
        pack=WITH_CONTINGENCY,
    )


def test_a_contingency_beyond_its_share_says_what_was_not_searched(tmp_path: Path) -> None:
    facts = {"l.one": tuple(range(100, 150)), "l.two": tuple(range(400, 450)), "t.flag": False}
    pack = two_lists(tmp_path)
    answers = [
        Assessor(pack, engine).assess(facts, NOW, "en", contingency=True)
        for engine in (*ENGINES, *ENGINES)
    ]
    assert len({write_json(answer) for answer in answers}) == 1
    found = answers[0]["contingency"]
    assert [(way["value"], way["changes"][0]["fact"]) for way in found["worse"]] == [
        ("high", "t.flag")
    ]
    assert found["not_searched"] == ["middle"]


def test_a_contingency_within_its_share_does_not_speak_of_it(tmp_path: Path) -> None:
    facts = {"l.one": (100, 101), "l.two": (400,), "t.flag": False}
    found = Assessor(two_lists(tmp_path)).assess(facts, NOW, "en", contingency=True)["contingency"]
    assert [(way["value"], way["changes"] is None) for way in found["worse"]] == [
        ("middle", True),
        ("high", False),
    ]
    assert "not_searched" not in found


def test_a_contingency_has_its_own_share(tmp_path: Path) -> None:
    """With none left for it, the rest of the answer is as without it."""
    assessor = Assessor(two_lists(tmp_path))
    facts = {"l.one": (100, 101), "l.two": (400,), "t.flag": False}
    answer = assessor.assess(facts, NOW, "en", contingency=True, budget=Budget(contingency=0))
    assert answer.pop("contingency")["not_searched"] == ["middle", "high"]
    assert answer == assessor.assess(facts, NOW, "en")


def test_a_forecast_beyond_the_share_says_so(tmp_path: Path) -> None:
    served = default_assessor()
    facts = {"trend.growth_1h_pct": 10.0, "trend.mentions_24h": 100}
    answer = served.assess(facts, AS_OF, "en", contingency=True, budget=Budget(contingency=100))
    assert answer["contingency"]["forecast"] == []
    assert answer["contingency"]["no_forecast"] == "budget-exceeded"


def test_no_incident_of_the_default_pack_comes_near_its_budget() -> None:
    assessor = default_assessor()
    small = Budget(BUDGET.judging // SHARE, BUDGET.contingency // SHARE)
    incidents = Incidents(default_pack(), 11)
    for _ in range(100):
        one = incidents.draw()
        answer = assessor.assess(
            one.facts, AS_OF, "en", previous=one.previous, contingency=True, budget=small
        )
        assert "not_searched" not in answer["contingency"]


@pytest.mark.parametrize(
    ("whens", "times"),
    [
        ((NESTED, "!has(t.flag)"), 1),
        ((f"{NESTED} || has(t.flag)",), 2),
        ((NESTED, "score > 0 || has(t.flag)"), 1),
    ],
)
def test_a_costly_rule_that_has_cannot_change_is_evaluated_once_with_an_index_and_without(
    tmp_path: Path, whens: tuple[str, ...], times: int
) -> None:
    outputs = PLAIN_PACK + "  other: {type: integer, hit: sum, default: 0}\n"
    rules: list[dict[str, Any]] = [{"when": when} for when in whens]
    if "score" in whens[-1]:
        rules[-1]["then"] = {"other": 1}
    pack = pack_of(tmp_path, *rules, pack=outputs)
    taken = []
    for most_bytes in (0, MOST_BYTES_OF_MASKS):
        program, steps = compile_pack(pack, most_bytes), Steps(10**9)
        judgement = judge(program, program.environment(lists(9), NOW, steps=steps)[0])
        first = 10**9 - steps.left
        judge_relaxed(program, judgement)
        taken.append(10**9 - steps.left)
        assert taken[-1] == times * first > 0
    assert taken[0] == taken[1]
