"""Makes, warms, queries, replaces and deletes the handles of durable_rules. No other module may import durable_rules.

It must not use durable.engine.Host, events, joins or a second session, and must send only what branches.py
defined: otherwise the C code answers wrongly, hangs or crashes.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from service.engine.bits import bits, numbers
from service.engine.errors import MatcherError, ProofNotRun
from service.engine.rete.box_conditions import BoxCondition, FieldValue
from service.engine.rete.branches import HandleDefinition, define_network
from service.engine.rete.spelling import RETRACT, RULE_NAME, WARM_FACT, WARM_RULE

_engine: Any = None
"""durable_rules_engine, imported when a matcher first needs it: with the reference alone nothing imports it."""

# The outcomes of assert_fact: a rule matches the fact, or no rule does. Only a matched fact is kept.
_KEPT, _MATCHED_NOTHING = 0, 1
# C puts facts that name no session into this one. A new session for each match would take 5 to 30 times as
# long. C has room for 1,024 sessions. Deleting one of several has freed wild pointers.
_SESSION = "0"

_CHILD = "from service.engine.rete.matcher import _prove_here; _prove_here()"
_PROVEN = b"proven"


class ReteError(MatcherError):
    """durable_rules refused its input, failed or answered wrongly. The next match first makes new handles."""


def available() -> bool:
    """Whether durable_rules_engine imports here. It does not build for every Python."""
    global _engine
    if _engine is None:
        with suppress(ImportError):
            import durable_rules_engine as _engine
    return _engine is not None


class ReteMatcher:
    """Finds which of several conditions are true of given values. One thread matches at a time.

    A forked process may use its copy of a matcher: a handle is plain memory of the process.
    """

    def __init__(self, conditions: Sequence[BoxCondition]) -> None:
        if not available():
            raise ReteError("durable_rules_engine does not import here")
        self.definition = define_network(conditions)
        self._always = bits(self.definition.always)
        self._owners = [
            {rule: bits(positions) for rule, positions in handle.owners.items()}
            for handle in self.definition.handles
        ]
        self._lock = threading.Lock()
        self._handles: list[_Handle] = []
        self._close = weakref.finalize(self, _delete, self._handles)
        self._close.atexit = False
        self._suspect = False
        self._replace()
        _matchers.add(self)

    def match(self, values: Mapping[str, FieldValue]) -> frozenset[int]:
        """The positions of the conditions that are true. Raises ReteError."""
        try:
            facts = self.definition.facts(values)
        except ValueError as error:
            raise ReteError(str(error)) from error
        return frozenset(numbers(self.fired(facts)))

    def fired(self, facts: Sequence[str]) -> int:
        """The conditions that are true, as bits: bit n is the one at position n. `facts` has one for each handle, "" for none.

        Raises ReteError.
        """
        with self._lock:
            self._check_open()
            if self._suspect:
                self._replace()
            # An interruption from here on (an error, a signal, a fork by another thread) can leave firings
            # that the next match would report, or a lease because of which a handle reports nothing for 30 s.
            self._suspect = True
            matched = self._always
            for handle, owners, fact in zip(self._handles, self._owners, facts, strict=True):
                if fact:
                    for rule in handle.fired(fact):
                        matched |= owners[rule]
            self._suspect = False
        return matched

    def rebuild(self) -> None:
        """Replaces all handles by new ones. Raises ReteError if that fails; then the old handles stay."""
        with self._lock:
            self._check_open()
            self._replace()

    def close(self) -> None:
        """Frees the handles. They are also freed when nothing refers to the matcher any more."""
        with self._lock:
            self._close()

    def _check_open(self) -> None:
        if not self._close.alive:
            raise ReteError("the matcher is closed")

    def _replace(self) -> None:
        fresh = _create(self.definition.handles)
        replaced = self._handles[:]
        self._handles[:] = fresh
        self._suspect = False
        _delete(replaced)

    def renew_lock(self) -> None:
        """For a child process: it does not have the thread that held the lock in its parent."""
        self._lock = threading.Lock()


class _Handle:
    """One C ruleset. It holds a fact only during a query."""

    __slots__ = ("_number",)

    def __init__(self, rules: str) -> None:
        """Makes the ruleset and fires its warm rule.

        Until a handle first fires, its action context is uninitialised: deleting it would abort the process.
        So a handle that cannot be warmed is never deleted.
        """
        try:
            self._number: int = _engine.create_ruleset("tocsin", rules)
        except _engine.error as error:
            raise ReteError(f"durable_rules: {error}") from error
        if self.fired(WARM_FACT) != [WARM_RULE]:
            raise ReteError("the warm rule did not fire")

    def fired(self, fact: str) -> list[str]:
        """The names of the rules that fire on the fact."""
        try:
            names = self._ask(fact)
            left = _engine.get_facts(self._number, _SESSION)
        except _engine.error as error:
            raise ReteError(f"durable_rules: {error}") from error
        if left != "[]":
            raise ReteError("a fact was left in memory")
        return names

    def _ask(self, fact: str) -> list[str]:
        number = self._number
        outcome, state = _engine.assert_fact(number, fact)
        if outcome == _MATCHED_NOTHING:
            return []
        if outcome != _KEPT:
            raise ReteError(f"a fact was refused with outcome {outcome}")
        names = []
        started = _engine.start_action_for_state(number, state)
        firing = started and started[1]
        while firing is not None:
            names.append(firing[RULE_NAME])
            firing = _engine.complete_and_start_action(number, state)
        _engine.retract_fact(number, RETRACT)
        return names

    def delete(self) -> None:
        """Deletes the session first: deleting the ruleset does not free the session, but makes the handle invalid."""
        _engine.delete_state(self._number, _SESSION)
        _engine.delete_ruleset(self._number)


def _create(definitions: Sequence[HandleDefinition]) -> list[_Handle]:
    """New handles, each warmed and tested with its smoke fact."""
    handles: list[_Handle] = []
    try:
        for definition in definitions:
            handles.append(_Handle(definition.rules))
            if set(handles[-1].fired(definition.smoke)) != definition.smoke_rules:
                raise ReteError("a new handle answers wrongly")
    except BaseException:
        _delete(handles)
        raise
    return handles


def _delete(handles: list[_Handle]) -> None:
    while handles:
        handles.pop().delete()


_matchers: weakref.WeakSet[ReteMatcher] = weakref.WeakSet()


def _renew_locks() -> None:
    for matcher in _matchers:
        matcher.renew_lock()


os.register_at_fork(after_in_child=_renew_locks)


def prove_aside(matchers: Sequence[Sequence[BoxCondition]], timeout_seconds: float) -> None:
    """Builds matchers in a child process. Raises ReteError if a matcher hangs, crashes or fails there, and ProofNotRun."""
    python_path = os.pathsep.join(path or os.getcwd() for path in sys.path)
    try:
        child = subprocess.run(
            # -P: Python does not add the working directory to the import path.
            [sys.executable, "-P", "-c", _CHILD],
            input=pickle.dumps([tuple(conditions) for conditions in matchers]),
            env={**os.environ, "PYTHONPATH": python_path},
            capture_output=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ReteError(
            f"building the rules in a child process took longer than {timeout_seconds} s"
        ) from error
    except OSError as error:
        raise ProofNotRun(error.strerror or str(error)) from error
    if child.returncode < 0:
        name = signal.Signals(-child.returncode).name
        raise ReteError(f"building the rules in a child process ended with {name}")
    # The exit status is not enough: where the parent's SIGCHLD handler reaps children, it is always 0.
    if child.stdout != _PROVEN:
        last = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ReteError(f"building the rules in a child process failed: {last}")


def _prove_here() -> None:
    for conditions in pickle.load(sys.stdin.buffer):
        ReteMatcher(conditions).close()
    sys.stdout.buffer.write(_PROVEN)
