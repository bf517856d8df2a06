"""Loads all packs of a deployment. Each subfolder of one folder is a pack: a good one, or one with problems."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.engine.errors import MatcherError
from service.engine.judging.cross_check import EngineName, report_refusal
from service.language.collector import Collector, Reporter
from service.language.load import PACK_FILE, digest, load_pack, meaning_files
from service.language.model import Pack
from service.language.place import Place
from service.language.problem import Problem
from service.serving.good_packs import GoodPacks, is_whole
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack


class NoPackError(RuntimeError):
    """No pack can be served. The message is for the operator; `problems` are for the authors."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


NOTHING = Packs({}, "")
MOST_READINGS = 20
SECONDS_AT_REST = 0.2
"""Files that have not changed for this long are taken as complete. The watcher's readings are a little further apart."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Which packs are served and how: the folder of packs, the default one, and where good versions are kept."""

    folder: Path
    default: str | None
    engine: EngineName
    good: GoodPacks


def load_packs(deployment: Deployment, before: Packs = NOTHING) -> Packs:
    """Every pack of the folder, ready to serve. Raises NoPackError if there is no good one.

    A pack whose files have not changed since `before` is taken from there. For a broken pack, the version that served
    before continues to serve; if there is none, the newest good version serves.
    """
    folder = deployment.folder
    served: dict[str, ServedPack] = {}
    folders: dict[str, str] = {}
    broken: set[str] = set()
    collector = Collector()
    for path in _pack_folders(deployment):
        found = _load(path, deployment, before, collector)
        if found is not None and found.pack.name in served:
            message = f"another folder's pack is called '{found.pack.name}' too"
            _whole(path, collector).error("pack-twice", message, "give each pack its own name")
            found = None
        if found is None:
            broken.add(path.name)
        else:
            served[found.pack.name] = found
            folders[path.name] = found.pack.name
    broken -= set(served)
    problems = tuple(collector.problems)
    _check_any(folder, deployment.default, served, frozenset(broken), problems)
    default = deployment.default or min([*served, *broken])
    return Packs(served, default, frozenset(broken), problems, folders)


def keep_good(packs: Packs, deployment: Deployment) -> list[Exception]:
    """Stores the good versions that serve again if they were deleted, for example with other temporary files.

    An error with one pack does not stop the others. All errors are returned.
    """
    wrong: list[Exception] = []
    for folder, name in packs.folders.items():
        path, pack = deployment.folder / folder, packs.served[name].pack
        try:
            if digest(path) == pack.digest:
                deployment.good.prove_once(path, pack, deployment.engine)
        except Exception as error:
            wrong.append(error)
    return wrong


def _pack_folders(deployment: Deployment) -> list[Path]:
    """The pack folders on disk. If there are none, the disk has a fault: then the folders that have a good version."""
    found = [path.parent for path in deployment.folder.glob(f"*/{PACK_FILE}")]
    return sorted(found or [deployment.folder / name for name in deployment.good.names()])


def _load(
    path: Path, deployment: Deployment, before: Packs, collector: Collector
) -> ServedPack | None:
    """The folder's pack as it is now, otherwise its last good version. The problems that it has now are reported."""
    previous = before.served.get(before.folders.get(path.name, ""))
    if previous is not None and previous.pack.digest == digest(path):
        return previous
    pack = _read_at_rest(path, collector)
    if pack is not None:
        try:
            deployment.good.prove_once(path, pack, deployment.engine)
            return ServedPack.of(pack, deployment.engine)
        except MatcherError as error:
            report_refusal(error, path, collector)
    return previous or _newest_good(path.name, deployment)


def _read_at_rest(path: Path, collector: Collector) -> Pack | None:
    """The pack as its files were at one moment, while none of them was being written. Its errors are reported."""
    for _ in range(MOST_READINGS):
        if not _at_rest(path):
            time.sleep(SECONDS_AT_REST)
            continue
        first = digest(path)
        pack, problems = load_pack(path)
        if digest(path) == first:
            collector.problems.extend(p for p in problems if p.severity == "error")
            return pack
    _whole(path, collector).error("being-written", "the files keep changing")
    return None


def _whole(path: Path, collector: Collector) -> Reporter:
    """Where problems of a pack as a whole are reported."""
    return collector.at(Place(str(path / PACK_FILE)))


def _at_rest(folder: Path) -> bool:
    now = time.time()
    return not any(
        0 <= now - _touched(path) < SECONDS_AT_REST for path in (folder, *meaning_files(folder))
    )


def _touched(path: Path) -> float:
    try:
        return path.stat().st_ctime
    except OSError:
        return 0.0


def _newest_good(name: str, deployment: Deployment) -> ServedPack | None:
    for kept in deployment.good.newest_first(name):
        pack, _ = load_pack(kept)
        if pack is not None and is_whole(kept):
            return ServedPack.of(pack, deployment.engine)
    return None


def _check_any(
    folder: Path,
    default: str | None,
    good: Mapping[str, object],
    broken: frozenset[str],
    problems: tuple[Problem, ...],
) -> None:
    if not folder.is_dir() and not good:
        raise NoPackError(f"the folder of packs, '{folder}', does not exist")
    if not good and not broken:
        raise NoPackError(f"there is no pack in '{folder}': no subfolder has a {PACK_FILE}")
    if not good:
        raise NoPackError(f"every pack in '{folder}' has errors", problems)
    if default is not None and default not in good and default not in broken:
        names = ", ".join(sorted([*good, *broken]))
        raise NoPackError(f"there is no pack '{default}' in '{folder}'; there are: {names}")
