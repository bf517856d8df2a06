"""The packs of a deployment by name: finds the pack that an incident names, and assesses the incident by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.field_error import FieldError
from schemas.incident import Incident, load_incident
from service.asking.posted import Posted
from service.engine.expressions.budget import BUDGET, Budget
from service.language.files.pack_files import PackFiles
from service.language.problem import Problem
from service.serving.pack_folders import Looks
from service.serving.served_pack import Assessment, RefusedIncident, ServedPack, at_pack


class UnknownPack(LookupError):
    """No pack has this name."""


class PackUnavailable(RuntimeError):
    """The pack exists but has problems."""


class PacksNotLoaded(PackUnavailable):
    """This worker has just started and does not yet serve what the other workers serve."""


@dataclass(frozen=True, slots=True)
class ReadIncident:
    """A posted incident with the pack that assesses it, and the mistakes found so far. A report changes `incident`, not what was posted."""

    served: ServedPack
    posted: Posted
    incident: Incident
    errors: Sequence[FieldError]

    def assess(self, budget: Budget = BUDGET) -> Assessment:
        """Raises RefusedIncident with all mistakes at once, RuleConflict, BudgetExceeded and EngineDisagreement."""
        return self.served.assess(self.incident, self.errors, self.posted, budget)


@dataclass(frozen=True, slots=True, eq=False)
class Packs:
    """The good packs by name, the names of the broken ones, and all errors found.

    `folders` has the names of the served packs by folder, `twice` the names of packs that a folder has, but another serves.
    If the files of a folder are broken now, an older version of its pack serves: the folder is `outdated`. `files` has, by
    folder, the files from which the served pack was loaded. `looks` are what was looked at to load them. `unread` tells that
    the system failed to read a file, which it may read later. Two objects of this class are never equal.
    """

    served: Mapping[str, ServedPack]
    default: str
    broken: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    twice: Mapping[str, str] = field(default_factory=dict)
    outdated: frozenset[str] = frozenset()
    files: Mapping[str, PackFiles] = field(default_factory=dict)
    looks: Looks = field(default_factory=dict)
    unread: bool = False

    def differ(self, before: Packs) -> bool:
        """Whether other versions serve, or other problems are known."""
        return (self.digests(), self.broken, self.problems) != (
            before.digests(),
            before.broken,
            before.problems,
        )

    def of_folder(self, folder: str) -> ServedPack | None:
        """The pack that this folder serves."""
        return self.served.get(self.folders.get(folder, ""))

    def digests(self) -> dict[str, str]:
        return {name: served.pack.digest for name, served in self.served.items()}

    def find(self, name: str | None) -> ServedPack:
        """The pack named, or the default. Raises UnknownPack and PackUnavailable."""
        name = name or self.default
        if name in self.served:
            return self.served[name]
        if name in self.broken:
            raise PackUnavailable(name)
        raise UnknownPack(name)

    def read(self, posted: Posted) -> ReadIncident:
        """The posted incident, read. Raises RefusedIncident with all mistakes at once if its pack does not exist, and PackUnavailable."""
        incident, errors = load_incident(posted.body)
        try:
            served = self.find(incident.pack)
        except UnknownPack:
            raise RefusedIncident(
                [*errors, at_pack(incident.pack or "", tuple(self.served))]
            ) from None
        return ReadIncident(served, posted, incident, errors)

    def assess(self, posted: Posted, budget: Budget = BUDGET) -> Assessment:
        """The assessment of what was posted. Raises what `read` and `ReadIncident.assess` raise."""
        return self.read(posted).assess(budget)

    def close(self) -> None:
        for served in self.served.values():
            served.close()
