"""A run over many incidents: the pack that travels once to each process, and the settings that travel with each task.

All that can be wrong with a run is found here, before any work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from schemas.answer_fields import PATH as FIELDS
from schemas.answer_fields import FieldNames
from schemas.incident import load_incident
from service.distributed.packed_pack import PackedPack, PackKey
from service.distributed.result_columns import LiftedColumn, lifted_columns
from service.distributed.worker_packs import PROCESS_PACKS, PackRefused
from service.engine.answer.parts import requested_parts
from service.engine.judging.cross_check import ENGINES, EngineName
from service.language.collector import Collector
from service.language.files.pack_files import PackFiles, read_files
from service.language.load import refusals
from service.language.model import Pack
from service.serving.proving import check_network


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What is asked of each incident of a run. It is small, so it can travel with each task.

    `as_of` is the one moment of the run: an incident without an as_of of its own gets it. Without it, such an incident is a problem.
    An incident without `fields` of its own gets these; None is the whole answer. With `lenient` a wrong fact counts as null.
    """

    pack: PackKey
    as_of: datetime | None
    fields: tuple[str, ...] | None = None
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class DistributedRun:
    """`lifted` are the outputs at the top of the pack's answers, which a table of results can have as columns."""

    pack: PackedPack
    settings: RunSettings
    lifted: tuple[LiftedColumn, ...]


def prepare(
    folder: Path | str,
    *,
    as_of: datetime | None,
    engine: EngineName = "both",
    fields: str | Sequence[str] | None = None,
    lenient: bool = False,
) -> DistributedRun:
    """A run by the pack in `folder`, which is also loaded in this process.

    `fields` are as the body of a request has them: a list, or one text with commas between the names.

    `as_of` is None if each incident has its own, as those of a stream must.

    Raises PackRefused with the problems of the pack, and ValueError for a wrong `as_of`, `engine` or `fields`.
    """
    if as_of is not None:
        _check_moment(as_of)
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}, but it must be one of {', '.join(ENGINES)}")
    packed = _packed(read_files(Path(folder)), engine)
    PROCESS_PACKS.receive(packed)
    packs = PROCESS_PACKS.find(packed.key)
    served = packs.find(None)
    if engine == "both":
        _prove(served.pack, packed)
    names = None if fields is None else _read_fields(fields, served.field_names)
    settings = RunSettings(packed.key, as_of, names, lenient)
    return DistributedRun(packed, settings, lifted_columns(served.pack))


def _check_moment(as_of: datetime) -> None:
    """Raises ValueError."""
    if not isinstance(as_of, datetime):
        raise ValueError(f"as_of is {as_of!r}, but it must be a datetime with a time zone, or None")
    _, wrong = load_incident({"facts": {}, "as_of": as_of.isoformat()})
    for error in wrong:
        raise ValueError(f"as_of is {as_of.isoformat()}, but it {error.message}")


def _packed(files: PackFiles, engine: EngineName) -> PackedPack:
    if problems := refusals(files):
        raise PackRefused(str(files.folder), problems)
    return PackedPack.of(files, engine)


def _prove(pack: Pack, packed: PackedPack) -> None:
    """In a child process: rules that end the C library must not end a worker."""
    collector = Collector()
    check_network(pack, collector.at(packed.files().place()))
    if problems := collector.listed():
        raise PackRefused(packed.folder, problems)


def _read_fields(fields: str | Sequence[str], known: FieldNames) -> tuple[str, ...]:
    """Whether a name needs a part that an incident must ask for is known only with the incident."""
    asked = fields if isinstance(fields, str) else list(fields)
    incident, errors = load_incident({"facts": {}, FIELDS: asked})
    parts = requested_parts(explain=True, contingency=True, drafts=True)
    _, wrong = known.load(incident.fields, parts)
    for error in (*errors, *wrong):
        told = (error.message, error.allowed, error.hint)
        raise ValueError(f"fields: {error.got!r}: " + "; ".join(filter(None, told)))
    return tuple(incident.fields or ())
