"""Makes a run ready: what was asked fits together, the inputs are there, and the journal says where to begin. It must not write anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.asking.assessment_id import VERSION
from service.bulk.errors import BulkUsageError
from service.bulk.forms.form import Form
from service.bulk.journal import (
    Checkpoint,
    Journal,
    JournalData,
    RunIdentity,
    check_same,
    identity_of,
)
from service.bulk.options import BulkOptions, check_options, form_of, is_device
from service.bulk.reading.inputs import Input, find_inputs
from service.bulk.written_files import WrittenFiles
from service.clock import Clock
from service.serving.packs import Packs


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """`now` is the moment of lines that have none; without it each must have its own.

    `checkpoint` is where the run begins. Without a `journal` it cannot go on once it is cut. `outdated` is then the journal of an
    earlier run to the same output.
    """

    options: BulkOptions
    packs: Packs
    inputs: list[Input]
    form: Form
    now: datetime | None
    identity: RunIdentity
    journal: Journal | None
    outdated: Journal | None
    checkpoint: Checkpoint


def prepare(options: BulkOptions, packs: Packs, clock: Clock) -> PreparedRun:
    """Raises BulkUsageError."""
    written = WrittenFiles.of(options.out)
    inputs = find_inputs(options.files, written.leaves_out)
    check_options(options, inputs)
    written.check_not_read(inputs)
    several = len(inputs) > 1
    form = form_of(options, packs, several)
    beside = _journal_beside(options)
    before = None if beside is None else beside.read()
    can_go_on = all(one.size is not None for one in inputs)
    now = _now(options, before, clock)
    identity = RunIdentity(
        VERSION,
        packs.default,
        packs.digests(),
        options.meaning(several),
        identity_of(inputs),
        None if now is None else now.isoformat(),
    )
    checkpoint = _begun(options, before, identity)
    journal, outdated = (beside, None) if can_go_on else (None, beside)
    return PreparedRun(options, packs, inputs, form, now, identity, journal, outdated, checkpoint)


def _journal_beside(options: BulkOptions) -> Journal | None:
    """None if the output is a pipe or a device."""
    if options.out is None or is_device(options.out):
        return None
    return Journal.beside(options.out)


def _now(options: BulkOptions, before: JournalData | None, clock: Clock) -> datetime | None:
    """The moment of lines that have none. A run that goes on keeps the one with which it began."""
    if options.as_of is not None:
        return None
    if options.resume and before is not None:
        began = before[0].get("now")
        return None if began is None else datetime.fromisoformat(began)
    return None if options.one_moment_is_needed else clock()


def _begun(options: BulkOptions, before: JournalData | None, identity: RunIdentity) -> Checkpoint:
    """Where the run begins. Raises BulkUsageError if it would go on with another run, or write over one that was cut."""
    out = options.out
    if before is None:
        if out is not None and _is_in_the_way(out, options.resume):
            raise BulkUsageError(f"'{out}' has content, and no journal of a run is beside it")
        return Checkpoint()
    asked, checkpoint = before
    if options.resume:
        check_same(asked, identity)
        return checkpoint
    if not checkpoint.finished:
        raise BulkUsageError(
            f"'{out}' is of a run that was cut: add --resume, or delete it with its journal"
        )
    return Checkpoint()


def _is_in_the_way(out: Path, resume: bool) -> bool:
    """A file is written over, as a shell does. A folder is not, and --resume must have what it goes on with."""
    if out.is_dir():
        return any(out.iterdir())
    return resume and out.is_file() and out.stat().st_size > 0
