"""Describes the machine of a run: processor, system, versions. It must not write host names or paths."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

PEERS = ("zen-engine", "clipspy", "rule-engine")
PACKAGES = ("durable-rules", "flask", "gunicorn", "marshmallow", "orjson", *PEERS)


def described(other: str, installed: Sequence[str] = PACKAGES) -> list[str]:
    """Lines of a Markdown list, with the versions of `installed` packages. `other` is what is no package: a program and its version."""
    busy = f"{os.getloadavg()[0]:.1f}"
    packages = ", ".join(f"{name} {version(name)}" for name in installed)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return [
        f"- {os.cpu_count()} × {_processor()}, {platform.system()} {_release()}; load {busy} when it began",
        f"- {python}, {packages}, {other}",
        f"- commit {_commit()}",
    ]


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _release() -> str:
    return ".".join(re.findall(r"\d+", platform.release())[:2])


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
