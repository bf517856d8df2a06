"""Runs a judge in a separate process, so that a hang or a crash does not end the campaign."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Judge = Callable[[Any], str]
"""Processes an input and returns what is wrong with the result, or "" if nothing is."""

SECONDS_TO_START = 120
_spawn = multiprocessing.get_context("spawn")


class Watched:
    """The process calls `make_judge` once. Each input then has `seconds`."""

    def __init__(self, make_judge: Callable[..., Judge], *arguments: Any, seconds: float) -> None:
        self._make, self._arguments, self._seconds = make_judge, arguments, seconds
        self._start()

    def judge(self, given: Any) -> str:
        """The judge's result, or how the process failed; a new process is then started for the next input."""
        try:
            self._pipe.send(given)
            if self._pipe.poll(self._seconds):
                return str(self._pipe.recv())
            found = f"hang: no answer within {self._seconds:g} s"
        except (EOFError, OSError):
            self._process.join(self._seconds)
            found = f"crash: the process ended with {self._process.exitcode}"
        self.close()
        self._start()
        return found

    def _start(self) -> None:
        self._pipe, theirs = _spawn.Pipe()
        self._process = _spawn.Process(
            target=_serve, args=(theirs, self._make, self._arguments), daemon=True
        )
        self._process.start()
        theirs.close()
        if not self._pipe.poll(SECONDS_TO_START):
            raise RuntimeError("the watched process did not start")
        self._pipe.recv()

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Any, make_judge: Callable[..., Judge], arguments: tuple[Any, ...]) -> None:
    judge = make_judge(*arguments)
    pipe.send("ready")
    with suppress(EOFError):  # the campaign is over
        while True:
            pipe.send(judge(pipe.recv()))
