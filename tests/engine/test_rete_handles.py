"""The faults of durable_rules with its handles, shown on the C module, and that the matcher does not have them.

A fault that crashes or hangs is shown in a child process.
"""

from __future__ import annotations

import os
import platform
import re
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from service.engine.rete import matcher
from service.engine.rete.matcher import ReteError, ReteMatcher, available, prove_aside
from service.engine.rete.spelling import WARM_FACT
from tests.engine.raw_rete import BOTH, ROOT, TWO, Spy, c_module, in_child, raw_handle

# --- the C module is called directly ----------------------------------------------------------


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
    files = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("service/**/*.py")
        if importing.search(path.read_text("utf-8"))
    ]
    assert files == ["service/engine/rete/matcher.py"]


# --- one session, one fact, retracted after the match -----------------------------------------


def test_the_same_fact_twice_is_refused_unless_it_was_retracted() -> None:
    handle = raw_handle({"f": 1})
    assert c_module.assert_fact(handle, '{"id":"m","f":1}')[0] == 0
    assert c_module.assert_fact(handle, '{"id":"m","f":1}')[0] == 2
    matcher = ReteMatcher(TWO)
    assert [matcher.match(BOTH) for _ in range(3)] == [{0, 1}] * 3


def test_there_is_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = raw_handle({"f": 1})
    with pytest.raises(MemoryError):
        for number in range(1100):
            c_module.assert_fact(handle, f'{{"sid":"s{number}","f":1}}')
    spy = Spy(monkeypatch)
    ReteMatcher(TWO).match(BOTH)
    assert all(fact.startswith('{"id":"m"') and "sid" not in fact for fact in spy.facts())


def test_nothing_is_left_after_a_match() -> None:
    matcher = ReteMatcher(TWO)
    matcher.match(BOTH)
    assert [c_module.get_facts(handle._number, "0") for handle in matcher._handles] == ["[]"]


def test_a_fact_left_in_memory_is_an_error_and_the_next_match_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matcher = ReteMatcher(TWO)
    with monkeypatch.context() as patch:
        patch.setattr(c_module, "retract_fact", lambda *_: (0, 1))
        with pytest.raises(ReteError, match="left in memory"):
            matcher.match(BOTH)
    assert matcher.match({"a": 5}) == {0}


def test_after_a_firing_that_is_not_completed_the_handle_reports_no_other() -> None:
    handle = raw_handle({"$ex": {"f": 1}})
    _, state = c_module.assert_fact(handle, '{"id":"m","f":1}')
    c_module.start_action_for_state(handle, state)
    c_module.retract_fact(handle, '{"id":"m"}')
    c_module.assert_fact(handle, '{"id":"m","f":2}')
    assert c_module.start_action_for_state(handle, state) is None


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
            raise c_module.error("code 303") if problem == "C error" else KeyboardInterrupt

    with monkeypatch.context() as patch:
        Spy(patch, interrupt)
        with pytest.raises(ReteError if problem == "C error" else KeyboardInterrupt):
            matcher.match(BOTH)
    assert matcher.match({"a": 5, "b": False}) == {0}
    assert matcher.match({"a": 0, "b": True}) == {1}


# --- warm, replaced in order, freed -----------------------------------------------------------


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="fills fresh memory as glibc can")
def test_a_handle_that_never_fired_cannot_be_deleted_so_each_is_warmed() -> None:
    bad = (
        'handle = engine.create_ruleset(\'raw\', \'{"r":{"all":[{"m":{"f":1}}]}}\')\n'
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
    real = c_module.assert_fact
    monkeypatch.setattr(c_module, "assert_fact", lambda handle, _: real(handle, '{"id":"m"}'))
    with pytest.raises(ReteError, match="warm"):
        ReteMatcher(TWO)
    assert "delete_state" not in spy.names()


def test_a_locale_with_a_decimal_comma_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = c_module.assert_fact
    without_fraction = re.compile(r"\.\d+")
    monkeypatch.setattr(
        c_module,
        "assert_fact",
        lambda handle, fact: real(handle, without_fraction.sub("", fact)),
    )
    with pytest.raises(ReteError, match="warm"):
        ReteMatcher(TWO)


def test_new_handles_are_proven_before_the_old_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = ReteMatcher(TWO)
    old = matcher._handles[0]._number
    spy = Spy(monkeypatch)
    matcher.rebuild()
    new = matcher._handles[0]._number
    assert spy.facts() == [WARM_FACT, matcher.definition.handles[0].smoke]
    assert spy.names()[0] == "create_ruleset"
    assert spy.calls[-2:] == [("delete_state", (old, "0")), ("delete_ruleset", (old,))]
    assert old != new
    assert matcher.match(BOTH) == {0, 1}


def test_a_rebuild_that_answers_wrongly_leaves_the_old_handles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matcher = ReteMatcher(TWO)
    old = list(matcher._handles)
    real = c_module.assert_fact

    def forgetful(handle: int, fact: str) -> tuple[int, int]:
        return real(handle, fact) if fact == WARM_FACT else (1, 1)

    with monkeypatch.context() as patch:
        patch.setattr(c_module, "assert_fact", forgetful)
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
        handle = engine.create_ruleset("raw", matcher.definition.handles[0].rules)
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


# --- the lock ---------------------------------------------------------------------------------


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


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
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


# --- built in a child process -----------------------------------------------------------------


def test_good_conditions_are_proven_in_a_child_process() -> None:
    prove_aside([TWO], 30)


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
def test_a_build_that_hangs_crashes_or_fails_in_the_child_process_is_an_error_here(
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
        prove_aside([TWO], seconds)
    assert ReteMatcher(TWO).match(BOTH) == {0, 1}


def test_without_durable_rules_there_is_no_matcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher, "_engine", None)
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    assert not available()
    with pytest.raises(ReteError, match="import"):
        ReteMatcher(TWO)
