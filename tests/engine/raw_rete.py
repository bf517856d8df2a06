"""Helpers for the tests of rete: the C module itself, a spy on its functions, and child processes for code that crashes."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.engine.rete.box_conditions import Test as Compare

c_module = pytest.importorskip("durable_rules_engine", exc_type=ImportError)

ROOT = Path(__file__).parents[2]
PRELUDE = """
import json, os, resource, sys, threading
import durable_rules_engine as engine
from service.engine.rete.matcher import ReteMatcher
from service.engine.rete.box_conditions import Test as Compare
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


def in_child(
    code: str, seconds: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
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
    return int(c_module.create_ruleset("raw", json.dumps(rules)))


def raw_fires(condition: object, fact: str) -> int:
    """How often the C module fires a rule with this condition on the fact."""
    handle = raw_handle(condition)
    _, state = c_module.assert_fact(handle, fact)
    fired = 0
    firing = c_module.start_action_for_state(handle, state)
    while firing:
        fired += 1
        firing = c_module.complete_and_start_action(handle, state)
    return fired


class Spy:
    """Replaces the functions of the C module: records each call, makes it, and can call `after` then."""

    def __init__(
        self, patch: pytest.MonkeyPatch, after: Callable[[str], None] | None = None
    ) -> None:
        gc.collect()  # so that no matcher of another test is freed meanwhile
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        for name in dir(c_module):
            real = getattr(c_module, name)
            if callable(real) and name != "error" and not name.startswith("__"):
                patch.setattr(c_module, name, self._noting(name, real, after))

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
