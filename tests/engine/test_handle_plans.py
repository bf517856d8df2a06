"""The definition of a handle keeps every limit of the safe box. These tests do not call C, which could hang or accept more."""

from __future__ import annotations

import json

import pytest

from service.engine.rete.box_conditions import Test as Compare
from service.engine.rete.branches import define_network
from service.engine.rete.groups import MAX_HANDLE_BRANCHES
from service.engine.rete.spelling import BEYOND

WARM_RULES = 1


@pytest.mark.parametrize("rules", [MAX_HANDLE_BRANCHES, MAX_HANDLE_BRANCHES + 1, 1000])
def test_no_handle_has_more_branches_than_c_has_room_for(rules: int) -> None:
    planned = define_network([Compare("a", ">", number) for number in range(rules)])
    sizes = [len(json.loads(handle.rules)) - WARM_RULES for handle in planned.handles]
    assert max(sizes) <= MAX_HANDLE_BRANCHES
    assert sum(sizes) == rules


@pytest.mark.parametrize("sign", [1, -1])
def test_integers_that_c_cannot_distinguish_are_all_sent_as_the_first_of_them(
    sign: int,
) -> None:
    planned = define_network([Compare("a", ">", 0)])
    first = planned.facts({"a": sign * BEYOND})
    assert planned.facts({"a": sign * (BEYOND - 1)}) != first
    for beyond in (BEYOND + 1, 2**64, 10**30, 10**400):
        assert planned.facts({"a": sign * beyond}) == first
