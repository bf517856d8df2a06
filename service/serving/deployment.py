"""Loads all packs of a deployment. Each subfolder of one folder is a pack: a good one, or one with problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from service.engine.errors import MatcherError
from service.engine.judging.cross_check import EVERY, EngineName, Sampling
from service.language.collector import MOST_PROBLEMS, Collector
from service.language.files.look import PACK_FILE, printable
from service.language.files.pack_files import PackFiles, read_files
from service.language.load import load_files, refusals, within_limits
from service.language.model import Pack
from service.language.place import Place
from service.language.problem import Problem
from service.serving.found_pack import FoundPack, chosen, default_pack_gone, pack_twice, twice
from service.serving.good_packs import GoodPacks
from service.serving.pack_folders import Looks, PackFolders, find_packs
from service.serving.packs import Packs
from service.serving.proving import add_refusal
from service.serving.served_pack import ServedPack


class NoPackError(RuntimeError):
    """No pack can be served. The message is for the operator; `problems` are for the authors.

    `looks` are what was looked at.
    """

    def __init__(
        self, message: str, problems: tuple[Problem, ...] = (), looks: Looks | None = None
    ) -> None:
        super().__init__(message)
        self.problems = problems
        self.looks = looks or {}


NOTHING = Packs({}, "")
SECONDS_AT_REST = 0.2
"""Files that have not changed for this long are taken as complete. The watcher's looks are a little further apart."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Which packs are served and how: the folder of packs, the default one, and where good versions are kept.

    `sampling` draws the answers that are cross-checked. A version is proven before it serves, whatever is drawn.
    """

    folder: Path
    default: str | None
    engine: EngineName
    good: GoodPacks
    sampling: Sampling = EVERY

    def served(self, pack: Pack) -> ServedPack:
        """The pack, ready to serve. Raises MatcherError."""
        return ServedPack.of(pack, self.engine, self.sampling)

    @property
    def cross_checked_share(self) -> float:
        """The share of answers on which two matchers must agree: 0 with engine "reference"."""
        return self.sampling.share if self.engine == "both" else 0.0


def load_packs(
    deployment: Deployment, before: Packs = NOTHING, served_by: Mapping[str, str] | None = None
) -> Packs:
    """Every pack of the folder, ready to serve. Raises NoPackError if there is no good one.

    A pack whose files have not changed since `before` is taken from there. For a broken pack, the version that served
    before continues to serve; if there is none, the newest good version serves. `served_by` has, by folder, the packs
    that served before, if another worker knows it better.
    """
    listed = find_packs(deployment.folder)
    found = [
        _load(deployment.folder / name, deployment, before)
        for name in _names(listed, deployment, before)
    ]
    found = _with_default(found, deployment, before)
    served = chosen(found, before.folders if served_by is None else served_by)
    others = twice(found, served)
    broken = {one.name for one in found if one.served is None or one.name in others}
    if before.served and deployment.default:
        broken.add(deployment.default)
    problems = _refused_folders(listed, deployment.folder)
    for one in found:
        problems += one.errors
        if pack := others.get(one.name):
            problems.append(pack_twice(one, pack, served[pack]))
    looks = {one.name: one.on_disk.look for one in found if one.name in listed.names}
    packs = Packs(
        served={name: one.served for name, one in served.items() if one.served},
        default="",
        broken=frozenset(broken - set(served)),
        problems=tuple(problems),
        folders={one.name: name for name, one in served.items()},
        twice=others,
        outdated=frozenset(one.name for one in served.values() if one.is_outdated),
        files={one.name: one.files for one in served.values()},
        looks={**looks, **listed.refused_looks()},
        unread=any(one.on_disk.unread for one in found),
    )
    _check_any(deployment, packs)
    return replace(packs, default=_default(deployment, packs, found))


def keep_good(packs: Packs, deployment: Deployment) -> Mapping[str, str]:
    """Stores the good versions that serve again if they were deleted, or could not be kept before.

    A fault with one pack does not stop the others. Returns what could not be kept, and why.
    """
    for files in packs.files.values():
        deployment.good.keep(files)
    deployment.good.faults.forget_all_but(packs.files.keys())
    return deployment.good.faults.now


def _names(listed: PackFolders, deployment: Deployment, before: Packs) -> list[str]:
    """The folders of packs on disk. If there are none, the disk has a fault: then those that served, or have a good version."""
    if listed.names:
        return list(listed.names)
    return sorted(before.folders or deployment.good.names())


def _with_default(found: list[FoundPack], deployment: Deployment, before: Packs) -> list[FoundPack]:
    """If the default pack's folder is gone, its last good version continues to serve.

    A folder to which the pack was moved takes its place. A copy that did not serve before does not.
    """
    default = deployment.default
    copies = {folder for folder, pack in before.twice.items() if pack == default}
    if default is None or any(one.serves(default) and one.name not in copies for one in found):
        return found
    folder = next((one for one, pack in before.folders.items() if pack == default), default)
    on_disk = next(
        (one.on_disk for one in found if one.name == folder),
        PackFiles(deployment.folder / folder),
    )
    last = _last_version(on_disk.folder, deployment, before)
    if last is None or last[0].pack.name != default:
        return found
    served, files = last
    gone = FoundPack(on_disk, served, files, [default_pack_gone(on_disk, default)])
    return [*(one for one in found if one.name != folder), gone]


def _default(deployment: Deployment, packs: Packs, found: Sequence[FoundPack]) -> str:
    """A folder that had errors at the start is known by its own name, until its pack serves."""
    default = deployment.default
    if default is None:
        return _first(packs, found)
    return default if default in packs.served else packs.folders.get(default, default)


def _first(packs: Packs, found: Sequence[FoundPack]) -> str:
    """The first pack by name. A folder that cannot even be listed may be no pack: it is not the default."""
    unlisted = {one.name for one in found if "" in one.on_disk.refused}
    return min([*packs.served, *(packs.broken - unlisted)] or packs.broken)


def _load(path: Path, deployment: Deployment, before: Packs) -> FoundPack:
    """The folder's pack as it is now, otherwise its last good version. The errors that it has now are reported."""
    previous = before.of_folder(path.name)
    files = read_files(path, seconds_at_rest=SECONDS_AT_REST)
    if previous and not files.refused and files.digest() == previous.pack.digest:
        return FoundPack(files, previous, files)
    served, errors = _ready(files, deployment)
    if served is not None:
        return FoundPack(files, served, files, errors)
    served, kept = _last_version(path, deployment, before) or (None, files)
    return FoundPack(_read_again_if_not_proven(files, errors), served, kept, errors)


def _read_again_if_not_proven(files: PackFiles, errors: Sequence[Problem]) -> PackFiles:
    """A pack that the machine could not prove now is tried again soon, although its files do not change."""
    if any(problem.code == "not-proven" for problem in errors):
        return replace(files, look=None, unread=True)
    return files


def _last_version(
    path: Path, deployment: Deployment, before: Packs
) -> tuple[ServedPack, PackFiles] | None:
    """The version of a folder that served before, else the newest good one."""
    previous = before.of_folder(path.name)
    if previous:
        return previous, before.files[path.name]
    return _newest_good(path, deployment)


def _ready(files: PackFiles, deployment: Deployment) -> tuple[ServedPack | None, list[Problem]]:
    """The pack of these files, proven and ready to serve, and their errors."""
    if files.look is None:
        return None, refusals(files)  # it is read again soon
    pack, problems = load_files(files)
    collector = Collector([problem for problem in problems if problem.severity == "error"])
    served = None
    if pack is not None:
        served = within_limits(
            files, collector, lambda: _proven(pack, files, deployment, collector)
        )
    return served, collector.listed()


def _proven(
    pack: Pack, files: PackFiles, deployment: Deployment, collector: Collector
) -> ServedPack | None:
    try:
        deployment.good.prove_once(files, pack, deployment.engine)
        return deployment.served(pack)
    except MatcherError as error:
        add_refusal(error, collector.at(files.place()))
    return None


def _newest_good(path: Path, deployment: Deployment) -> tuple[ServedPack, PackFiles] | None:
    for files in deployment.good.newest_first(path):
        pack, _ = load_files(files)
        if pack is not None:
            with suppress(MatcherError, MemoryError, RecursionError):
                deployment.good.prove_kept(path.name, pack, deployment.engine)
                return deployment.served(pack), files
    return None


def _refused_folders(listed: PackFolders, folder: Path) -> list[Problem]:
    collector = Collector()
    for name, refusal in sorted(listed.refused.items())[:MOST_PROBLEMS]:
        collector.at(Place(printable(folder / name))).error(*refusal)
    return collector.listed()


def _check_any(deployment: Deployment, packs: Packs) -> None:
    folder, default = deployment.folder, deployment.default
    message, problems = "", packs.problems
    if packs.served:
        if default is None or default in packs.served or default in packs.broken:
            return
        names = ", ".join(sorted([*packs.served, *packs.broken]))
        message, problems = f"there is no pack '{default}' in '{folder}'; there are: {names}", ()
    elif not folder.is_dir():
        message = f"the folder of packs, '{folder}', does not exist"
    elif not packs.broken and not problems:
        message = f"there is no pack in '{folder}': no subfolder has a {PACK_FILE}"
    else:
        message = f"every pack in '{folder}' has errors"
    raise NoPackError(message, problems, packs.looks)
