"""Runs the `tocsin` command in a process of its own, forked from one that has imported it: the import takes longer than most commands.

Where that matters, tests start the installed program itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.server import ROOT

TOCSIN = Path(sys.prefix) / "bin" / "tocsin"
STREAMS = ("input", "output", "errors")
SECONDS = 60
FORKING = get_context("forkserver")
FORKING.set_forkserver_preload(["service.cli", "service.assess_lines", "service.authoring.cases"])


def installed_tocsin(
    *arguments: str | Path, given: bytes = b"", **settings: str
) -> tuple[int, str, str]:
    """The same as `tocsin`, by the installed program: a setting of Python itself acts only when Python starts."""
    done = subprocess.run(
        [TOCSIN, *arguments],
        input=given,
        capture_output=True,
        timeout=SECONDS,
        env=_environment(settings),
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def tocsin(*arguments: str | Path, given: bytes = b"", **settings: str) -> tuple[int, str, str]:
    """The status, the standard output and the standard error. `given` is the standard input, `settings` are environment variables."""
    assert not any(name.startswith("PYTHON") for name in settings), "use installed_tocsin"
    environment = _environment(settings)
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in STREAMS]
        paths[0].write_bytes(given)
        work = ([str(one) for one in (TOCSIN, *arguments)], environment, paths)
        process = FORKING.Process(target=_run, args=work)
        process.start()
        process.join(SECONDS)
        status = process.exitcode
        if status is None:
            process.kill()
            process.join()
            raise TimeoutError(f"tocsin {arguments} did not end")
        said, wrong = (path.read_text("utf-8") for path in paths[1:])
        return status, said, wrong


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "TOCSIN_STATE": str(ROOT / "build" / "state"), **settings}


def _run(arguments: Sequence[str], environment: Mapping[str, str], paths: Sequence[Path]) -> None:
    """In the child: becomes the command, with files as its streams."""
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(paths):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    sys.argv = [*arguments]
    from service.cli import main

    main()
