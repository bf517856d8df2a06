"""The servers on which scenes are played, and three versions of the packs that they serve.

Scenes that need the same kind of server share one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.faults.scenes.machine import tiny_disk, with_descriptors, without_privileges
from tests.load import Known, known_answers, packs_of
from tests.packs import HARBOUR
from tests.server import WRITTEN, Server, running, running_with_log

MOST_LOG_SHOWN = 2000
INCIDENTS = 200
CHANGES = (
    ("facts.yaml", "en: Wind speed", "en: Speed of the wind"),
    ("10_alert.yaml", "wind.speed >= 25", "wind.speed >= 18"),
    ("actions.yaml", "en: Close the gate", "en: Shut the gate"),
)
"""In every kind of file, so that an answer from files of both versions would be neither's."""
COMMENT = (("10_alert.yaml", "rules:", "# A comment changes no answer.\nrules:"),)
NAME = b'"pack": "harbour", '


@dataclass(frozen=True)
class Versions:
    """Each of `folders` has the packs harbour and quay. `digests` are those of its packs, in the same order.

    The second version answers otherwise than the first; the third has only a comment more than the first. Some requests
    of `known` name no pack: harbour answers them.
    """

    folders: Sequence[Path]
    digests: Sequence[frozenset[str]]
    known: Sequence[Known]


@dataclass(frozen=True)
class Kind:
    """How a server is started. 0 descriptors: as many as this process. 0 kilobytes: the usual temporary folder."""

    unprivileged: bool = False
    descriptors: int = 0
    temporary_kilobytes: int = 0
    state_kilobytes: int = 0
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Place:
    """A running server, and the folders that belong to it. `packs` is a link to a folder with copies of a version."""

    server: Server
    folder: Path
    versions: Versions

    @property
    def packs(self) -> Path:
        return self.folder / "packs"

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def workers(self) -> set[int]:
        """The workers that answer: those of the log, or if the log cannot be read, those that wrote figures."""
        if self.server.log.is_file():
            return self.server.workers()
        text = self.server.get("/metrics").body.decode()
        return {int(process) for process, _ in WRITTEN.findall(text)}

    def put(self, version: int) -> None:
        """Puts a version's files in place of others, which are renamed at once: a mixture must not be at rest."""
        source, copies = self.versions.folders[version], self.folder / "copies"
        shutil.copytree(source, copies)
        for copy in copies.rglob("*.yaml"):
            file = self.packs / copy.relative_to(copies)
            if copy.read_bytes() != file.read_bytes():
                copy.replace(file)
        shutil.rmtree(copies)

    def serves(self, version: int) -> bool:
        """Whether the worker that answers serves this version."""
        found = {one["digest"] for one in self.server.get("/readyz").json["packs"]}
        return found == self.versions.digests[version]

    def problems(self) -> set[str]:
        """The places of the problems that the worker that answers knows, each with its code."""
        found = self.server.get("/readyz").json["problems"]
        return {f"{one['place']} {one['code']}" for one in found}


class Places:
    """Starts servers and stops them."""

    def __init__(self, folder: Path, versions: Versions) -> None:
        self._folder, self._versions = folder, versions
        self._running: dict[Kind, tuple[Place, ExitStack]] = {}
        self._number = 0

    @classmethod
    @contextmanager
    def of(cls, folder: Path, seed: int) -> Iterator[Places]:
        places = cls(folder, three_versions(folder / "versions", seed))
        try:
            yield places
        finally:
            places.stop_all()

    def shared(self, kind: Kind) -> Place:
        """The server of this kind, with the first version and without faults. Raises Impossible."""
        if kind not in self._running:
            with ExitStack() as stack:
                place = stack.enter_context(self.fresh(kind))
                self._running[kind] = place, stack.pop_all()
        return self._running[kind][0]

    @contextmanager
    def fresh(self, kind: Kind, errors: int | None = None) -> Iterator[Place]:
        """A server of the scene's own. `errors` is the descriptor of its standard error, if it is not a log to read."""
        self._number += 1
        folder = self._folder / f"server-{self._number}"
        for name in ("temporary", "state"):
            (folder / name).mkdir(parents=True)
        shutil.copytree(self._versions.folders[0], folder / "packs")
        with ExitStack() as stack:
            for name, kilobytes in (
                ("temporary", kind.temporary_kilobytes),
                ("state", kind.state_kilobytes),
            ):
                if kilobytes:
                    stack.enter_context(tiny_disk(folder / name, kilobytes))
            server = stack.enter_context(_started(folder, kind, errors))
            yield Place(server, folder, self._versions)

    def stop_all(self) -> list[str]:
        """Returns the ends of their logs."""
        logs = []
        for place, stack in self._running.values():
            stack.close()
            lines = place.server.log.read_text("utf-8", "replace").splitlines(keepends=True)
            text = "".join(line for line in lines if '"event":"request"' not in line)
            logs.append(f"the log of its server ends with:\n{text[-MOST_LOG_SHOWN:]}")
        self._running.clear()
        return logs


@contextmanager
def _started(folder: Path, kind: Kind, errors: int | None) -> Iterator[Server]:
    started_by = [
        *(with_descriptors(kind.descriptors) if kind.descriptors else []),
        *(without_privileges() if kind.unprivileged else []),
    ]
    settings = {
        "TMPDIR": str(folder / "temporary"),
        "TOCSIN_STATE": str(folder / "state"),
        **dict(kind.variables),
    }
    if errors is None:
        with running(folder / "packs", folder / "log", started_by=started_by, **settings) as server:
            yield server
    else:
        assert not started_by
        with running_with_log(errors, folder / "packs", **settings) as server:
            yield server


def three_versions(folder: Path, seed: int) -> Versions:
    folders = [
        _version(folder / name, changes)
        for name, changes in (("A", ()), ("B", CHANGES), ("C", COMMENT))
    ]
    loaded = [packs_of(one, folder / "state") for one in folders]
    try:
        known = known_answers(loaded, seed, INCIDENTS)
    finally:
        for packs in loaded:
            packs.close()
    digests = [frozenset(packs.digests().values()) for packs in loaded]
    return Versions(folders, digests, [*known, *_without_names(known)])


def _without_names(known: Sequence[Known]) -> list[Known]:
    return [replace(one, body=one.body.replace(NAME, b"")) for one in known if NAME in one.body]


def _version(folder: Path, changes: Sequence[tuple[str, str, str]]) -> Path:
    for name in ("harbour", "quay"):
        copy_of_pack(folder, name, changes)
    return folder


def copy_of_pack(folder: Path, name: str, changes: Sequence[tuple[str, str, str]] = ()) -> Path:
    """A copy of the harbour pack in a folder of this name, which is the pack's name too."""
    pack = folder / name
    shutil.copytree(HARBOUR, pack, ignore=shutil.ignore_patterns("cases"))
    for file, old, new in (("pack.yaml", "pack: harbour", f"pack: {name}"), *changes):
        text = (pack / file).read_text("utf-8")
        assert old in text, (file, old)
        (pack / file).write_text(text.replace(old, new), "utf-8")
    return pack
