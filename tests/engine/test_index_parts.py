"""The parts of the index: bits of rules, and which branches a value leaves. The expected results come from plain loops."""

from __future__ import annotations

import gc
import operator
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from service.engine.bits import bits
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.judge import judge
from service.engine.reference.masks import Use, cut
from service.engine.reference.plain_tests import Compared
from service.engine.reference.rule_bits import RuleBits
from service.serving.served_pack import ServedPack
from tests.packs import plain_pack
from tests.semantics.completions import NOW

HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@given(st.data(), st.lists(st.integers(0, 16), max_size=60))
def test_a_rule_is_set_if_one_of_its_branches_is(data: st.DataObject, branches: list[int]) -> None:
    rule_bits = RuleBits.of(branches)
    chosen = [
        data.draw(st.sets(st.sampled_from(own))) if own else set() for own in rule_bits.branches
    ]
    own = rule_bits.set_in(bits(bit for some in chosen for bit in some))
    rules = bits(rule for rule, some in enumerate(chosen) if some)
    assert rule_bits.together(own) == rules
    assert rule_bits.spread(rules) == own


MOMENTS = [NOW + timedelta(microseconds=n) for n in range(4)]
VALUES = st.one_of(
    st.lists(st.integers(-3, 3) | st.just(2**53 + 1), min_size=9, max_size=9),
    st.lists(st.sampled_from([0.0, -0.0, 0.1, 0.5, 2.0**53, 1e308]), min_size=9, max_size=9),
    st.lists(st.sampled_from(MOMENTS), min_size=9, max_size=9),
)
SIGNS = st.lists(st.tuples(st.sampled_from(sorted(HOLDS)), st.booleans()), min_size=8, max_size=8)


def looked_up(uses: list[Use], value: Any) -> int:
    """As the code of the index looks it up."""
    found = cut(uses, bits(range(4)))
    at = [constant for constant in found.constants if constant < value]
    equal = value in found.constants
    if found.at_left and found.at_right:
        return found.left[2 * len(at) + equal]
    return found.left[len(at) + (equal and found.at_left)]


@given(VALUES, SIGNS)
@example([0, 0, 0, 0, 0, 0, 0, 0, 0], [(">", True)] * 8)
@example([0, 1, 0, 1, 0, 1, 0, 1, 0], [("<=", False), (">=", True)] * 4)
def test_a_branch_is_left_if_none_of_its_comparisons_is_false(
    values: list[Any], signs: list[tuple[str, bool]]
) -> None:
    uses = [
        Use(n % 3, Compared(4, sign, constant), wanted)
        for n, ((sign, wanted), constant) in enumerate(zip(signs, values, strict=False))
    ]
    for value in values:
        left = bits(
            branch
            for branch in range(4)
            if all(
                HOLDS[question.operator](value, question.constant) is wanted
                for own, question, wanted in uses
                if own == branch
            )
        )
        assert looked_up(uses, value) == left


RULES = """
rules:
  - {id: r.few, when: "a.count > 3", then: {score: 1}, because: {en: r}}
  - {id: r.big, when: "a.count >= 9007199254740993", then: {score: 2}, because: {en: r}}
  - {id: r.share, when: "a.count > 3.0", then: {score: 4}, because: {en: r}}
  - {id: r.near, when: "a.count > 9007199254740992.0", then: {score: 16}, because: {en: r}}
  - {id: r.old, when: "a.seen < as_of", then: {score: 8}, because: {en: r}}
"""


@pytest.mark.parametrize("most_bytes", [0, 10_000])
@pytest.mark.parametrize(
    ("count", "score"), [(3, 0), (4, 5), (2**53, 5), (2**53 + 1, 7), (-(2**63), 0), (None, None)]
)
def test_large_integers_are_compared_exactly(
    tmp_path: Path, count: int | None, score: int | None, most_bytes: int
) -> None:
    program = compile_pack(plain_pack(tmp_path, RULES), most_bytes)
    assert (program.match_rules is None) is (most_bytes == 0)
    facts = {"a.count": count, "a.seen": datetime(2027, 1, 1, tzinfo=UTC)}
    can_be = judge(program, program.environment(facts, NOW)[0]).can_be["score"]
    assert can_be == score if score is not None else (can_be.low, can_be.high) == (0, 23)


@pytest.mark.parametrize(("rules", "said"), [(10, []), (1000, ["pack-without-index"])])
def test_a_pack_whose_masks_would_need_too_much_memory_is_answered_without_an_index(
    tmp_path: Path, rules: int, said: list[str]
) -> None:
    """Sixteen constants a rule: the masks grow with the square of the rules."""
    lines = [
        f'  - {{id: r.n{rule}, when: "{alternatives(rule)}", then: {{score: 1}}, because: {{en: r}}}}'
        for rule in range(rules)
    ]
    pack = plain_pack(tmp_path, "\n".join(["rules:", *lines]))
    with structlog.testing.capture_logs() as log:
        served = ServedPack.of(pack, "reference")
    assert [line["event"] for line in log] == said
    answer = served.assessor.assess({"a.count": 40}, NOW, "en")
    assert answer["outputs"]["score"]["value"] == 1


def alternatives(rule: int) -> str:
    return " || ".join(f"a.count == {rule * 16 + n}" for n in range(16))


def test_what_a_pack_was_compiled_to_is_gone_with_it(tmp_path: Path) -> None:
    """Without a collection of garbage: a server puts that off."""
    program = compile_pack(plain_pack(tmp_path, RULES))
    gone: list[weakref.ref[Any]] = [
        weakref.ref(program.match_rules),
        weakref.ref(program.evaluators[0]),
    ]
    gone.append(weakref.ref(program.derive_all))
    gc.disable()
    try:
        del program
        assert [one() for one in gone] == [None, None, None]
    finally:
        gc.enable()
