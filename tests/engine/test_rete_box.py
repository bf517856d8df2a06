"""Each thing that durable_rules does badly, shown on the C module itself, and that the matcher is free of it.

What crashes or hangs is shown in a child process.
"""

from __future__ import annotations

import json
import os
import platform
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from service.engine import rete, rete_spelling
from service.engine.rete import ReteError, ReteMatcher, available, prove_aside
from service.engine.rete_plan import (
    MAX_BRANCHES,
    MAX_COMPARISONS,
    MAX_HANDLE_BRANCHES,
    MAX_HANDLE_FIELDS,
    MAX_NESTING,
    BoxCondition,
    BoxLimitError,
    Every,
    Some,
    branches,
    nesting,
    plan,
)
from service.engine.rete_plan import Test as Compare
from service.engine.rete_spelling import MAX_CONSTANT, RESERVED_NAMES, field_names, fnv1a, spell

pytestmark = pytest.mark.skipif(not available(), reason="durable_rules does not import here")

ROOT = Path(rete.__file__).parents[2]
PRELUDE = """
import json, os, resource, sys, threading
import durable_rules_engine as engine
from service.engine.rete import ReteMatcher
from service.engine.rete_plan import Test as Compare
def megabytes():
    if sys.platform == "linux":
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
def growth(work, times):
    work(times // 10)
    before = megabytes()
    work(times)
    return megabytes() - before
"""
TWO = [Compare("a", ">", 1), Compare("b", "==", True)]
BOTH = {"a": 5, "b": True}


def in_child(code: str, seconds: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + code],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def raw_handle(*conditions: object) -> int:
    rules = {f"r{n}": {"all": [{"m": condition}]} for n, condition in enumerate(conditions)}
    return int(rete._engine.create_ruleset("raw", json.dumps(rules)))


def raw_fires(condition: object, fact: str) -> int:
    """How often a rule of this condition fires on the fact, as the C module has it."""
    handle = raw_handle(condition)
    _, state = rete._engine.assert_fact(handle, fact)
    fired = 0
    firing = rete._engine.start_action_for_state(handle, state)
    while firing:
        fired += 1
        firing = rete._engine.complete_and_start_action(handle, state)
    return fired


class Spy:
    """Stands before functions of the C module, notes each call, and may do something after it."""

    def __init__(self, patch: pytest.MonkeyPatch, after: Callable[[str], None] | None = None) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        for name in dir(rete._engine):
            real = getattr(rete._engine, name)
            if callable(real) and name != "error" and not name.startswith("__"):
                patch.setattr(rete._engine, name, self._noting(name, real, after))

    def _noting(
        self, name: str, real: Callable[..., Any], after: Callable[[str], None] | None
    ) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self.calls.append((name, arguments))
            result = real(*arguments)
            if after:
                after(name)
            return result

        return call

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def facts(self) -> list[str]:
        return [arguments[1] for name, arguments in self.calls if name == "assert_fact"]


# --- the C module is called directly -----------------------------------------------------------


def test_the_host_starts_threads_and_the_matcher_none() -> None:
    child = in_child(
        "ReteMatcher([Compare('a', '>', 1)]).match({'a': 2})\n"
        "print(threading.active_count(), 'durable' in sys.modules)\n"
        "from durable import engine as host\n"
        "host.Host()\n"
        "print(threading.active_count() > 1, flush=True)\n"
        "os._exit(0)"  # it would never end by itself
    )
    assert child.stdout.split() == ["1", "False", "True"]


def test_no_other_module_imports_durable_rules() -> None:
    importing = re.compile(r"^\s*(import|from) durable", re.MULTILINE)
    files = [path for path in ROOT.glob("service/**/*.py") if importing.search(path.read_text("utf-8"))]
    assert [path.name for path in files] == ["rete.py"]


# --- one session, one fact, gone after the match -------------------------------------------------


def test_the_same_fact_twice_is_refused_unless_it_was_retracted() -> None:
    handle = raw_handle({"f": 1})
    assert rete._engine.assert_fact(handle, '{"id":"m","f":1}')[0] == 0
    assert rete._engine.assert_fact(handle, '{"id":"m","f":1}')[0] == 2
    matcher = ReteMatcher(TWO)
    assert [matcher.match(BOTH) for _ in range(3)] == [{0, 1}] * 3


def test_there_is_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = raw_handle({"f": 1})
    with pytest.raises(MemoryError):
        for number in range(1100):
            rete._engine.assert_fact(handle, f'{{"sid":"s{number}","f":1}}')
    spy = Spy(monkeypatch)
    ReteMatcher(TWO).match(BOTH)
    assert all(fact.startswith('{"id":"m"') and "sid" not in fact for fact in spy.facts())


def test_nothing_is_left_after_a_match() -> None:
    matcher = ReteMatcher(TWO)
    matcher.match(BOTH)
    assert [rete._engine.get_facts(handle._number, "0") for handle in matcher._handles] == ["[]"]


def test_a_fact_left_in_memory_is_an_error_and_the_next_match_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matcher = ReteMatcher(TWO)
    with monkeypatch.context() as patch:
        patch.setattr(rete._engine, "retract_fact", lambda *_: (0, 1))
        with pytest.raises(ReteError, match="left in memory"):
            matcher.match(BOTH)
    assert matcher.match({"a": 5}) == {0}


def test_a_firing_that_is_not_completed_silences_the_handle() -> None:
    handle = raw_handle({"$ex": {"f": 1}})
    _, state = rete._engine.assert_fact(handle, '{"id":"m","f":1}')
    rete._engine.start_action_for_state(handle, state)
    rete._engine.retract_fact(handle, '{"id":"m"}')
    rete._engine.assert_fact(handle, '{"id":"m","f":2}')
    assert rete._engine.start_action_for_state(handle, state) is None


@pytest.mark.parametrize(
    "where",
    ["assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact"],
)
@pytest.mark.parametrize("problem", [KeyboardInterrupt, "C error"])
def test_wherever_a_match_is_interrupted_the_next_is_right(
    monkeypatch: pytest.MonkeyPatch, where: str, problem: Any
) -> None:
    matcher = ReteMatcher(TWO)

    def interrupt(name: str) -> None:
        if name == where:
            raise rete._engine.error("code 303") if problem == "C error" else KeyboardInterrupt

    with monkeypatch.context() as patch:
        Spy(patch, interrupt)
        with pytest.raises(ReteError if problem == "C error" else KeyboardInterrupt):
            matcher.match(BOTH)
    assert matcher.match({"a": 5, "b": False}) == {0}
    assert matcher.match({"a": 0, "b": True}) == {1}


# --- warm, replaced in order, freed --------------------------------------------------------------


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="fills fresh memory as glibc can")
def test_a_handle_that_never_fired_cannot_be_deleted_so_each_is_warmed() -> None:
    bad = (
        "handle = engine.create_ruleset('raw', '{\"r\":{\"all\":[{\"m\":{\"f\":1}}]}}')\n"
        "engine.assert_fact(handle, '{\"f\":2}')\n"
        "engine.delete_state(handle, '0')"
    )
    assert in_child(bad, MALLOC_PERTURB_="165").returncode < 0
    ours = in_child("ReteMatcher([Compare('a', '>', 1)]).close()", MALLOC_PERTURB_="165")
    assert (ours.returncode, ours.stderr) == (0, "")


def test_a_handle_whose_warm_rule_does_not_fire_is_an_error_and_never_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spy = Spy(monkeypatch)
    monkeypatch.setattr(rete._engine, "assert_fact", lambda *_: (1, 1))
    with pytest.raises(ReteError, match="warm"):
        ReteMatcher(TWO)
    assert "delete_state" not in spy.names()


def test_a_locale_with_a_decimal_comma_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = rete._engine.assert_fact
    without_fraction = re.compile(r"\.\d+")
    monkeypatch.setattr(
        rete._engine, "assert_fact", lambda handle, fact: real(handle, without_fraction.sub("", fact))
    )
    with pytest.raises(ReteError, match="warm"):
        ReteMatcher(TWO)


def test_new_handles_are_proven_before_the_old_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = ReteMatcher(TWO)
    old = matcher._handles[0]._number
    spy = Spy(monkeypatch)
    matcher.rebuild()
    new = matcher._handles[0]._number
    assert [fact for fact in spy.facts()] == [rete.WARM_FACT, matcher._plan.handles[0].smoke]
    assert spy.names()[0] == "create_ruleset"
    assert spy.calls[-2:] == [("delete_state", (old, "0")), ("delete_ruleset", (old,))]
    assert old != new
    assert matcher.match(BOTH) == {0, 1}


def test_a_rebuild_that_answers_wrongly_leaves_the_old_handles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matcher = ReteMatcher(TWO)
    old = list(matcher._handles)
    real = rete._engine.assert_fact

    def forgetful(handle: int, fact: str) -> tuple[int, int]:
        return real(handle, fact) if fact == rete.WARM_FACT else (1, 1)

    with monkeypatch.context() as patch:
        patch.setattr(rete._engine, "assert_fact", forgetful)
        with pytest.raises(ReteError, match="wrongly"):
            matcher.rebuild()
    assert matcher._handles == old
    assert matcher.match(BOTH) == {0, 1}


def test_rebuilding_and_matching_do_not_leak_as_deleting_only_the_ruleset_does() -> None:
    child = in_child(
        """
conditions = [Compare(f"f{n}", ">", n) for n in range(60)]
values = {f"f{n}": 100 - n for n in range(60)}
matcher = ReteMatcher(conditions)
def rebuilds(times):
    for _ in range(times):
        matcher.rebuild()
        assert len(matcher.match(values)) == 50
def matches(times):
    for n in range(times):
        matcher.match({"f0": n, "f7": 2.5 * n})
def leaks(times):
    for _ in range(times):
        handle = engine.create_ruleset("raw", matcher._plan.handles[0].rules)
        engine.assert_fact(handle, '{"w":1.5}')
        engine.delete_ruleset(handle)
print(growth(rebuilds, 100), growth(matches, 20000), growth(leaks, 100))
"""
    )
    rebuilds, matches, leaks = map(float, child.stdout.split())
    assert rebuilds < 3
    assert matches < 1
    assert leaks > 20


def test_close_and_the_end_of_the_last_reference_free_the_handles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spy = Spy(monkeypatch)
    matcher = ReteMatcher(TWO)
    matcher.close()
    matcher.close()
    assert spy.names().count("delete_ruleset") == 1
    with pytest.raises(ReteError, match="closed"):
        matcher.match(BOTH)
    with pytest.raises(ReteError, match="closed"):
        matcher.rebuild()
    matcher = ReteMatcher(TWO)
    del matcher
    assert spy.names()[-2:] == ["delete_state", "delete_ruleset"]
    assert spy.names().count("delete_ruleset") == 2


# --- the lock --------------------------------------------------------------------------------------


THREADS = """
import time
from contextlib import nullcontext
def yielding(real):
    def call(*arguments):
        result = real(*arguments)
        time.sleep(0)  # lets another thread run between two C calls
        return result
    return call
for name in ("assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact"):
    setattr(engine, name, yielding(getattr(engine, name)))
matcher = ReteMatcher([Compare("a", ">", 1), Compare("b", "==", True)])
right = []
def work(values, positions):
    for _ in range(50):
        right.append(matcher.match(values) == positions)
def run():
    jobs = [({"a": 5}, {0}), ({"b": True}, {1})] * 2
    threads = [threading.Thread(target=work, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(right), all(right))
"""


def test_threads_need_the_lock() -> None:
    assert in_child(THREADS + "run()").stdout.split() == ["200", "True"]
    without = in_child(THREADS + "matcher._lock = nullcontext()\nrun()")
    assert without.stdout.split() != ["200", "True"]  # wrong answers, errors or a crash


def test_a_fork_during_another_threads_match_does_not_hang_the_child() -> None:
    matcher = ReteMatcher(TWO)
    held, forked = threading.Event(), threading.Event()

    def hold() -> None:
        with matcher._lock:
            held.set()
            forked.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        os._exit(0 if matcher.match(BOTH) == {0, 1} else 1)
    forked.set()
    holder.join()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


# --- one flat fact, each field asked for, each rule counted once -----------------------------------


def test_a_missing_field_makes_no_comparison_true() -> None:
    assert raw_fires({"$nex": {"f": 1}}, '{"f":1}') == 1  # it sees another fact, of the session
    signs: Any = ["==", "!=", "<", "<=", ">", ">="]
    matcher = ReteMatcher([Compare("a", sign, 0) for sign in signs])
    assert matcher.match({"b": 1}) == frozenset()
    assert matcher.match({}) == frozenset()


def test_every_field_is_asked_for_before_it_is_compared() -> None:
    condition = Some((Every((Compare("a", ">", 1), Compare("b", "==", True))), Compare("a", "<", 9)))
    for rule in json.loads(plan([condition]).handles[0].rules).values():
        asked = set()
        for test in rule["all"][0]["m"]["$and"]:
            ((sign, operand),) = test.items()
            if sign == "$ex":
                asked |= set(operand)
            else:
                assert (set(operand) if sign.startswith("$") else {sign}) <= asked


def test_a_rule_counts_once_however_many_of_its_branches_are_true() -> None:
    both = {"$or": [{"f": 1}, {"g": 1}]}
    assert raw_fires(both, '{"f":1,"g":1}') == 2
    condition = Some((Compare("f", "==", 1), Compare("g", "==", 1)))
    assert ReteMatcher([condition]).match({"f": 1, "g": 1}) == {0}


def test_equal_conditions_are_one_rule_in_c() -> None:
    bad = (
        "rules = {f'r{n}': {'all': [{'m': {'f': 1}}]} for n in range(256)}\n"
        "engine.assert_fact(engine.create_ruleset('raw', json.dumps(rules)), '{\"f\":1}')"
    )
    assert in_child(bad).returncode < 0
    matcher = ReteMatcher([Compare("f", "==", 1)] * 300)
    assert matcher.match({"f": 1}) == set(range(300))
    assert len(matcher._handles) == 1


def test_conditions_without_comparisons() -> None:
    matcher = ReteMatcher([Every(()), Some(()), Every((Some(()), TWO[0])), Some((Every(()), TWO[0]))])
    assert matcher.match({}) == {0, 3}
    assert matcher.match(BOTH) == {0, 3}


# --- only numbers and booleans reach C --------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["text", "1", None, [1], {"a": 1}, Decimal(1), 1j, float("nan"), float("inf"), float("-inf")],
)
@pytest.mark.parametrize("field", ["a", "b"])
def test_nothing_else_reaches_c(monkeypatch: pytest.MonkeyPatch, field: str, value: Any) -> None:
    assert raw_fires({"$lt": {"f": "a!"}}, '{"f":"a"}') == 0  # though "a" < "a!"
    matcher = ReteMatcher(TWO)
    spy = Spy(monkeypatch)
    with pytest.raises(ReteError):
        matcher.match({**BOTH, field: value})
    assert spy.calls == []
    assert matcher.match(BOTH) == {0, 1}


def test_what_no_rule_reads_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = ReteMatcher(TWO)
    spy = Spy(monkeypatch)
    unread: Any = {"text": "x", "id": 1, "sid": 2, "f0": 3}
    assert matcher.match({**BOTH, **unread}) == {0, 1}
    assert spy.facts() == ['{"id":"m","f0":5,"f1":1}']
    assert matcher.match(unread) == frozenset()
    assert len(spy.facts()) == 1


def test_booleans_are_no_numbers() -> None:
    assert raw_fires({"f": 1}, '{"f":true}') == 1
    conditions = [Compare("x", "==", 1), Compare("x", "==", True), Compare("x", "!=", 1.0)]
    matcher = ReteMatcher(conditions)
    assert matcher.match({"x": True}) == {1}
    assert matcher.match({"x": 1}) == {0}
    assert matcher.match({"x": False}) == frozenset()
    assert matcher.match({"x": 0}) == {2}


# --- names ------------------------------------------------------------------------------------------


def test_authors_names_of_one_hash_are_told_apart() -> None:
    one, other = "harm.x332789", "harm.x529192"
    assert fnv1a(one) == fnv1a(other)
    assert raw_fires({one: 1}, f'{{"{other}":1}}') == 1
    matcher = ReteMatcher([Compare(one, "==", 1), Compare(other, "==", 1)])
    assert matcher.match({other: 1}) == {1}
    assert matcher.match({one: 1}) == {0}


def test_our_names_never_share_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    assert field_names(3) == ["f0", "f1", "f2"]
    alike = {"f1": fnv1a("f0"), "f3": fnv1a("sid"), "f4": fnv1a("$or")}
    monkeypatch.setattr(rete_spelling, "fnv1a", lambda name: alike.get(name, fnv1a(name)))
    assert field_names(4) == ["f0", "f2", "f5", "f6"]


def test_the_reserved_names_are_those_of_the_c_sources() -> None:
    hashes = {fnv1a(name) for name in RESERVED_NAMES}
    # HASH_ID, HASH_SID, HASH_OR, HASH_AND, HASH_EX, HASH_FORWARD, HASH_DIV, HASH_I
    known = {926444256, 3593476751, 340911698, 3746487396, 373481198, 739185624, 130502, 1622948014}
    assert known <= hashes
    assert len(hashes) == len(RESERVED_NAMES)


# --- numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1e-05, "1.0e-05"),
        (1e22, "1.0e+22"),
        (5e-324, "5.0e-324"),
        (1.5e-07, "1.5e-07"),
        (-0.0, "-0.0"),
        (2**53 - 2, "9007199254740990"),
        (2**53, "9007199254740991"),
        (-(10**30), "-9007199254740991"),
    ],
)
def test_numbers_are_spelled_for_the_c_parser(number: float, text: str) -> None:
    assert spell(number) == text


def test_small_floats_are_read_rightly() -> None:
    with pytest.raises(rete._engine.error):
        raw_fires({"$ex": {"f": 1}}, '{"f":1e-05}')
    matcher = ReteMatcher([Compare("x", "<", 2e-05), Compare("x", "==", 1e-05)])
    assert matcher.match({"x": 1e-05}) == {0, 1}


def test_huge_ints_compare_rightly() -> None:
    assert raw_fires({"f": 10**40}, json.dumps({"f": 10**30})) == 1
    assert raw_fires({"f": float(2**53)}, json.dumps({"f": 2**53 + 1})) == 1
    conditions = [Compare("x", "==", MAX_CONSTANT), Compare("x", ">", float(MAX_CONSTANT))]
    matcher = ReteMatcher([*conditions, Compare("x", "<", -MAX_CONSTANT)])
    for huge in (2**53 - 1, 2**53, 2**64, 10**30, 10**400):
        assert matcher.match({"x": huge}) == {1}
        assert matcher.match({"x": -huge}) == {2}
    assert matcher.match({"x": MAX_CONSTANT}) == {0}


@pytest.mark.parametrize(
    "constant", [2**53 - 1, -(2**53), 10**400, 1.5e300, float(2**53), float("nan"), float("inf"), "x", None]
)
def test_constants_that_c_does_not_compare_exactly_are_refused(constant: Any) -> None:
    with pytest.raises(BoxLimitError):
        branches(Compare("x", "==", constant))
    with pytest.raises(BoxLimitError):
        ReteMatcher([Every((TWO[0], Compare("x", "==", constant)))])


# --- limits -----------------------------------------------------------------------------------------


def test_limits_of_the_c_module() -> None:
    with pytest.raises(rete._engine.error, match="303"):
        raw_fires_all = raw_handle(*({"$gte": {"f": n}} for n in range(65)))
        rete._engine.assert_fact(raw_fires_all, '{"f":100}')
    with pytest.raises(rete._engine.error, match="302"):
        raw_fires({"f0": 1}, json.dumps({"id": "m", **{f"f{n}": n for n in range(253)}}))
    with pytest.raises(rete._engine.error, match="113"):
        raw_handle({"$or": [{"$and": [{"f": n}]} for n in range(15)]})
    with pytest.raises(subprocess.TimeoutExpired):
        in_child(
            "rules = {f'r{n}': {'all': [{'m': {'f': n}}]} for n in range(600)}\n"
            "engine.create_ruleset('raw', json.dumps(rules))",
            seconds=2,
        )


def bounded(matcher: ReteMatcher) -> bool:
    return all(
        len(handle.owners) <= MAX_HANDLE_BRANCHES
        and len(handle.numbers) + len(handle.booleans) <= MAX_HANDLE_FIELDS
        for handle in matcher._plan.handles
    )


def test_two_thousand_rules() -> None:
    matcher = ReteMatcher([Compare("x", "==", n) for n in range(2000)])
    assert bounded(matcher)
    assert [matcher.match({"x": n}) for n in (0, 777, 1999, 2000)] == [{0}, {777}, {1999}, set()]


def test_three_hundred_rules_of_which_two_hundred_are_true_at_once() -> None:
    matcher = ReteMatcher([Compare("x", ">=", n) for n in range(300)])
    assert matcher.match({"x": 199}) == set(range(200))
    assert matcher.match({"x": 1000}) == set(range(300))


def test_a_rule_with_many_branches() -> None:
    limit = Some(tuple(Compare("x", ">", n) for n in range(MAX_BRANCHES)))
    matcher = ReteMatcher([limit, TWO[0], limit, Every((limit, TWO[1]))])
    assert matcher.match({"x": 1000, "a": 5}) == {0, 1, 2}
    assert matcher.match({"x": MAX_BRANCHES - 1, "b": True}) == {0, 2, 3}
    assert matcher.match({"x": 0, "a": 5}) == {1}
    assert bounded(matcher)


def test_more_fields_than_a_fact_may_have() -> None:
    conditions: list[BoxCondition] = [
        Every(tuple(Compare(f"f{10 * n + k}", ">", 0) for k in range(10))) for n in range(60)
    ]
    matcher = ReteMatcher(conditions)
    assert bounded(matcher)
    values = {f"f{n}": 1 for n in range(600)}
    assert matcher.match(values) == set(range(60))
    assert matcher.match({**values, "f305": 0}) == set(range(60)) - {30}
    longest = Every(tuple(Compare(f"f{n}", "==", 1) for n in range(MAX_COMPARISONS)))
    assert ReteMatcher([longest]).match(values) == {0}


def nested(levels: int) -> BoxCondition:
    condition: BoxCondition = TWO[0]
    for level in range(levels):
        condition = Every((condition, TWO[1])) if level % 2 else Some((condition, Compare("c", "<", 0)))
    return condition


def test_conditions_beyond_the_limits_are_refused() -> None:
    too_big: list[BoxCondition] = [
        Some(tuple(Compare("x", ">", n) for n in range(MAX_BRANCHES + 1))),
        Every((Some((TWO[0], TWO[1])),) * 100),
        Every(tuple(Compare(f"f{n}", "==", 1) for n in range(MAX_COMPARISONS + 1))),
        nested(MAX_NESTING + 1),
    ]
    for condition in too_big:
        with pytest.raises(BoxLimitError):
            ReteMatcher([condition])
    assert (branches(too_big[0]), branches(too_big[1])) == (MAX_BRANCHES + 1, 2**100)
    assert nesting(nested(MAX_NESTING)) == MAX_NESTING
    assert ReteMatcher([nested(MAX_NESTING)]).match(BOTH) == {0}


# --- compiled aside -----------------------------------------------------------------------------------


def test_a_good_set_is_proven_aside() -> None:
    prove_aside(TWO, 30)


@pytest.mark.parametrize(
    ("create_ruleset", "seconds", "message"),
    [
        ("signal.pause()", 1, "longer than 1 s"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", 30, "SIGSEGV"),
        ("raise error('error code: 113')", 30, "error code: 113"),
        ("os._exit(0)", 30, "failed"),
        ("return 1", 30, "warm rule"),
    ],
)
def test_a_set_whose_build_hangs_crashes_or_fails_aside_is_an_error_here(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    create_ruleset: str,
    seconds: float,
    message: str,
) -> None:
    (tmp_path / "durable_rules_engine.py").write_text(
        "import os, signal\n"
        "class error(Exception): pass\n"
        f"def create_ruleset(*_): {create_ruleset}\n"
        "def assert_fact(*_): return 1, 1\n"
        "def get_facts(*_): return '[]'\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ReteError, match=message):
        prove_aside(TWO, seconds)
    assert ReteMatcher(TWO).match(BOTH) == {0, 1}


def test_without_durable_rules_there_is_no_matcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rete, "_engine", None)
    assert not available()
    with pytest.raises(ReteError, match="import"):
        ReteMatcher(TWO)
