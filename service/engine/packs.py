"""The packs of a deployment: every subfolder of one folder, each good or with its problems. Serves nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from schemas.incident import load_incident
from service.engine.cross_check import EngineName, prove
from service.engine.rete import ReteError
from service.engine.served import Refused, ServedPack, at_pack
from service.language.model import Pack
from service.language.pack import PACK_FILE, load_pack
from service.language.problem import Problem, has_errors


class NoPackError(RuntimeError):
    """Nothing can be served. The message is for the operator; `problems` are the authors'."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class UnknownPack(LookupError):
    """No pack of this name was found."""


class PackUnavailable(RuntimeError):
    """The pack exists but has problems."""


@dataclass(frozen=True, slots=True)
class Packs:
    """The good packs by name, the names of the broken ones, and all errors found."""

    served: Mapping[str, ServedPack]
    default: str
    broken: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    def find(self, name: str | None) -> ServedPack:
        """The pack named, or the default. Raises UnknownPack and PackUnavailable."""
        name = name or self.default
        if name in self.served:
            return self.served[name]
        if name in self.broken:
            raise PackUnavailable(name)
        raise UnknownPack(name)

    def assess(self, body: Any, now: datetime) -> dict[str, Any]:
        """The assessment of a posted body, without its id; `now` counts where the body has no as_of.

        Raises Refused with all mistakes at once, PackUnavailable, RuleConflict and EngineDisagreement.
        """
        incident, errors = load_incident(body)
        try:
            served = self.find(incident.pack)
        except UnknownPack:
            raise Refused([*errors, at_pack(incident.pack or "", tuple(self.served))]) from None
        return served.assess(incident, errors, now)

    def close(self) -> None:
        for served in self.served.values():
            served.close()


def read_packs(folder: Path) -> tuple[dict[str, Pack], frozenset[str], list[Problem]]:
    """The good packs by name, the folders of the broken ones, and the errors. Raises NoPackError."""
    if not folder.is_dir():
        raise NoPackError(f"the folder of packs, '{folder}', does not exist")
    good: dict[str, Pack] = {}
    broken: set[str] = set()
    problems: list[Problem] = []
    for path in sorted(path.parent for path in folder.glob(f"*/{PACK_FILE}")):
        pack, found = load_pack(path)
        if pack is not None and pack.name in good:
            found = [*found, _named_twice(path, pack.name)]
        problems += [problem for problem in found if problem.severity == "error"]
        if pack is None or has_errors(found):
            broken.add(path.name)
        else:
            good[pack.name] = pack
    return good, frozenset(broken - set(good)), problems


def load_packs(folder: Path, default: str | None, engine: EngineName) -> Packs:
    """Every pack of the folder, ready to serve. Raises NoPackError when there is no good one."""
    good, broken, problems = read_packs(folder)
    served: dict[str, ServedPack] = {}
    for name, pack in good.items():
        try:
            served[name] = ServedPack.of(pack, engine)
        except ReteError as error:
            problems.append(refused_by_engine(folder / name, error))
    broken |= set(good) - set(served)
    _check_any(folder, default, served, broken, problems)
    return Packs(served, default or min([*served, *broken]), broken, tuple(problems))


def check_packs(folder: Path, default: str | None, engine: EngineName) -> None:
    """Reads every pack and, with engine "both", compiles it in a child process. Raises NoPackError.

    Broken packs beside a good one are no reason not to start.
    """
    good, broken, problems = read_packs(folder)
    proven = dict(good)
    for name, pack in good.items() if engine == "both" else ():
        try:
            prove(pack)
        except ReteError as error:
            problems.append(refused_by_engine(folder / name, error))
            del proven[name]
    _check_any(folder, default, proven, broken, problems)


def _check_any(
    folder: Path,
    default: str | None,
    good: Mapping[str, object],
    broken: frozenset[str],
    problems: list[Problem],
) -> None:
    if not good and not broken:
        raise NoPackError(f"there is no pack in '{folder}': no subfolder has a {PACK_FILE}")
    if not good:
        raise NoPackError(f"no pack in '{folder}' is without errors", tuple(problems))
    if default is not None and default not in good and default not in broken:
        names = ", ".join(sorted([*good, *broken]))
        raise NoPackError(f"there is no pack '{default}' in '{folder}'; there are: {names}")


def _named_twice(path: Path, name: str) -> Problem:
    message = f"another folder's pack is called '{name}' too"
    return Problem(str(path / PACK_FILE), 1, 1, "pack-twice", message, "give each its own name")


def refused_by_engine(folder: Path, error: ReteError) -> Problem:
    """The problem of a pack whose rules the rete matcher cannot take."""
    message = f"the rete matcher cannot take these rules: {error}"
    return Problem(str(folder / PACK_FILE), 1, 1, "engine-refused", message)
