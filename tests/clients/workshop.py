"""Where the clients are made and tried: the running server, the tools of the environment, and a temporary folder."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.server import Server

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
MOST_SECONDS = 300


class FailedError(Exception):
    """A tool or a client ended with an error. The text is its output."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """`tools` is the environment that `make clients` made, `document` the file with the OpenAPI document of the server."""

    server: Server
    tools: Path
    folder: Path
    document: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def python(self, *arguments: str | Path, folder: Path | None = None) -> str:
        return run([self.tools / "bin" / "python", *arguments], folder or self.folder)

    def node(self, tool: str, *arguments: str | Path, folder: Path | None = None) -> str:
        return run([self.tools / "node_modules" / ".bin" / tool, *arguments], folder or self.folder)


def run(command: Sequence[str | Path], folder: Path) -> str:
    """The output of a command. Raises FailedError if it does not end with status 0."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
    )
    told = done.stdout + done.stderr
    if done.returncode != 0:
        raise FailedError(f"{' '.join(map(str, command))}\n{told}")
    return told
