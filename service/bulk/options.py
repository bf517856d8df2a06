"""What a caller asks of a run, and what follows from it. It must not begin anything."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.answer_fields import AnswerFields
from schemas.incident import FIELDS
from service.bulk.errors import BulkUsageError
from service.bulk.forms.columns import columns_of
from service.bulk.forms.form import Form, FormName, check_library, form_of_name
from service.bulk.reading.compression import Compression, compression_of
from service.bulk.reading.inputs import Input, is_bulk_file
from service.engine.answer.parts import ON_REQUEST
from service.engine.judging.cross_check import EngineName
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack

SUMMARY_AS_TEXT = "text"
MOST_JOBS = 256


@dataclass(frozen=True, slots=True)
class BulkOptions:
    """The options of the command. `out` is None for standard output.

    `summary` is `SUMMARY_AS_TEXT`, the name of a file for JSON, or None.
    """

    files: Sequence[str]
    engine: EngineName = "both"
    jobs: int | None = None
    as_of: str | None = None
    lenient: bool = False
    drafts: bool = False
    fields: str | None = None
    to: FormName | None = None
    out: Path | None = None
    resume: bool = False
    summary: str | None = None

    def is_one_by_one(self) -> bool:
        """Whether each line is answered before the next one is read: of standard input, a pipe, or a file with one incident."""
        return self.is_one_file_alone() and not is_bulk_file(self.files[0])

    def is_one_file_alone(self) -> bool:
        """Whether there is one file, and no option of bulk runs alone."""
        asked = (self.jobs, self.to, self.out, self.resume or None, self.summary)
        return len(self.files) == 1 and all(one is None for one in asked)

    @property
    def processes(self) -> int:
        """As many as this process may use cores, unless a number is asked for."""
        return self.jobs or _cores()

    @property
    def form_name(self) -> FormName:
        return self.to or form_of_name("" if self.out is None else self.out.name)

    @property
    def compression(self) -> Compression:
        if self.out is None or self.form_name == "parquet":
            return Compression.NONE
        return compression_of(self.out.name)

    @property
    def more(self) -> dict[str, Any]:
        """The keys that each body gets, unless it has them itself."""
        found = {"as_of": self.as_of, "drafts": self.drafts, "fields": self.fields}
        return {key: value for key, value in found.items() if value}

    @property
    def one_moment_is_needed(self) -> bool:
        return self.jobs is not None or self.resume

    def meaning(self, several_files: bool) -> dict[str, Any]:
        """All options that change the bytes of the output, or what the journal has to count."""
        return {
            "--as-of": self.as_of,
            "--drafts": self.drafts,
            "--engine": self.engine,
            "--fields": self.fields,
            "--lenient": self.lenient,
            "--summary": self.summary is not None,
            "--to": self.form_name + self.compression.value,
            "several files": several_files,
        }


def _cores() -> int:
    """Those that this process may use, where the system tells: macOS does not."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def check_options(options: BulkOptions, inputs: Sequence[Input]) -> None:
    """Raises BulkUsageError if they do not fit together."""
    check_library(options.form_name)
    options.compression.check_available()
    pipes = [one.name for one in inputs if one.size is None]
    if options.resume and options.out is None:
        raise BulkUsageError("--resume needs --out: standard output cannot be continued")
    if options.resume and pipes:
        raise BulkUsageError(f"--resume needs files: '{pipes[0]}' cannot be read twice")
    if options.form_name == "parquet" and options.out is None:
        raise BulkUsageError("--to parquet needs --out FOLDER: it is written as a folder of parts")
    if options.out is not None:
        _check_out(options.out, options)


def _check_out(out: Path, options: BulkOptions) -> None:
    if not out.absolute().parent.is_dir():
        raise BulkUsageError(f"there is no folder '{out.parent}' for --out")
    if options.resume and is_device(out):
        raise BulkUsageError(f"--resume needs a file: '{out}' cannot be continued")
    summary = None if options.summary == SUMMARY_AS_TEXT else options.summary
    if summary and os.path.realpath(out) == os.path.realpath(summary):
        raise BulkUsageError(f"'{out}' cannot have both the answers and the summary: name another")


def is_device(out: Path) -> bool:
    """Whether the output is there and cannot be cut off and continued: a device or a pipe."""
    return out.exists() and not (out.is_file() or out.is_dir())


def form_of(options: BulkOptions, packs: Packs, several_files: bool) -> Form:
    """Raises BulkUsageError if no pack has the fields that are wanted."""
    served = list(packs.served.values())
    wanted = _wanted(options, served)
    if options.form_name == "ndjson":
        return Form("ndjson", options.compression)
    asked = {"ignored": options.lenient, "drafts": options.drafts, "deprecated": True}
    left_out = [key for key in ON_REQUEST if not asked.get(key)]
    columns = columns_of([one.pack for one in served], wanted, several_files, left_out)
    zones = {str(one.pack.timezone) for one in served}
    zone = zones.pop() if len(zones) == 1 else "UTC"
    return Form(options.form_name, options.compression, columns, zone)


def _wanted(options: BulkOptions, served: Sequence[ServedPack]) -> list[AnswerFields | None]:
    """What is wanted of the answers of each pack, None for all."""
    if options.fields is None:
        return [None for _ in served]
    try:
        names = FIELDS["fields"].deserialize(options.fields)
    except ValueError as error:
        raise BulkUsageError(f"--fields: {error}") from None
    requested = {"drafts"} if options.drafts else set()
    loaded = [one.field_names.load(names, requested) for one in served]
    mistakes = [errors for _, errors in loaded]
    if all(mistakes):
        first = mistakes[0][0]
        told = f"--fields: '{first.got}' {first.message}"
        raise BulkUsageError(told + (f"; {first.hint}" if first.hint else ""))
    return [fields for fields, _ in loaded]
