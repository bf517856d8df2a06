"""Judges generated packs one after the other, and counts those that load and the keys that they have with new values."""

from __future__ import annotations

import shutil
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from tests.faults.every_incident import application
from tests.faults.generated.packs import Generated
from tests.faults.generated.slots import every_name
from tests.faults.pack_judge import judge_pack
from tests.faults.watched import Judge

TALLY = "tally"
"""Given in place of a pack, it returns the counts in words."""


@dataclass(slots=True)
class Tally:
    packs: int = 0
    loaded: int = 0
    names: set[str] = field(default_factory=set)

    def count(self, generated: Generated, loads: bool) -> None:
        self.packs += 1
        if loads:
            self.loaded += 1
            self.names |= generated.new_names()

    def __str__(self) -> str:
        missing = [name for name in every_name() if name not in self.names]
        told = f"{self.loaded} of {self.packs} loaded, with new values of {len(self.names)} keys"
        return f"{told}; none of {', '.join(missing)}" if missing else told


def in_folder(folder: Path) -> Judge:
    """The pack is written to a folder of its own in `folder`."""
    app, tally = application(folder / "state"), Tally()

    def judge(generated: Generated | str) -> str:
        return str(tally) if isinstance(generated, str) else judged(generated, folder, app, tally)

    return judge


def judged(generated: Generated, folder: Path, app: Flask, tally: Tally) -> str:
    home = Path(tempfile.mkdtemp(dir=folder))
    generated.write(home)
    try:
        loads, complaint = judge_pack(home, app, generated.seed)
        tally.count(generated, loads)
        return complaint
    except Exception:
        return traceback.format_exc(limit=-6)
    finally:
        shutil.rmtree(home)
