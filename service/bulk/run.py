"""Runs a command: assesses what is left of its inputs, writes the answers in order, and tells what was found."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import click
import orjson

from schemas.strict_json import StrictJSONError, read_json
from service.bulk import summary
from service.bulk.errors import BulkUsageError, PlaceError, Stopped
from service.bulk.journal import Checkpoint
from service.bulk.options import SUMMARY_AS_TEXT, BulkOptions
from service.bulk.places import FilePlace, FolderPlace, OutputPlace, StandardOutputPlace
from service.bulk.prepared_run import PreparedRun, prepare
from service.bulk.progress import Reached, RunPace, progress_on_standard_error
from service.bulk.reading.blocks import LineBlock, read_blocks
from service.bulk.working.assess_block import LineAssessor, named_lines
from service.bulk.working.counts import Counts
from service.bulk.working.pipeline import Written, in_order
from service.bulk.working.workers import STOPPING, GivenUp
from service.clock import Clock
from service.lines import without_moment
from service.serving.packs import Packs


def run_bulk(options: BulkOptions, packs: Packs, clock: Clock) -> Counts:
    """Assesses the files. The counts are of the whole run, also if it was cut and goes on.

    Raises BulkUsageError, PlaceError, NoWorkerError, Stopped, and the errors of standard output.
    """
    run = prepare(options, packs, clock)
    if options.summary not in (None, SUMMARY_AS_TEXT):
        _check_summary_file(Path(options.summary or ""))
    with _stopped_by_signals():
        blocks = _blocks(run)
        with closing(_place(run)) as place:
            _begin(run, place)
            finished = run.checkpoint.finished
            counts = run.checkpoint.counts if finished else _assess(run, blocks, place)
    if options.summary is not None:
        _summarise(run, counts)
    return counts


def _blocks(run: PreparedRun) -> Iterator[LineBlock]:
    """What is left of the inputs. Raises BulkUsageError if their lines need moments: before anything is written."""
    reached = run.checkpoint
    blocks = read_blocks(run.inputs, run.form.block_size, reached.blocks, reached.position)
    if reached.blocks == 0 and run.now is None and run.options.as_of is None:
        return _with_moments(blocks, run)
    return blocks


def _begin(run: PreparedRun, place: OutputPlace) -> None:
    """From then on what is there is of this run. Raises PlaceError, and BulkUsageError before anything is changed."""
    place.check()
    if run.outdated is not None:
        run.outdated.remove()
    if run.checkpoint.blocks == 0 and run.journal is not None:
        run.journal.write(run.identity, run.checkpoint)
    place.begin()


def _assess(run: PreparedRun, blocks: Iterator[LineBlock], place: OutputPlace) -> Counts:
    reached = run.checkpoint
    if reached.blocks == 0 and (head := run.form.head()):
        place.write(0, head)
    gc.collect()
    gc.freeze()  # so that the memory of the packs stays shared with the workers
    pace = RunPace(_stored_bytes(run), _told(reached))
    with progress_on_standard_error(
        pace, run.options.out is None and sys.stdout.isatty()
    ) as progress:
        answered = in_order(
            blocks, _assessor(run), run.options.processes, partial(_tell, run), progress.show
        )
        with closing(answered):
            for written in answered:
                reached = _write(run, place, reached, written)
                pace.now = _told(reached)
    _keep(run, place, replace(reached, finished=True))
    return reached.counts


def _write(
    run: PreparedRun, place: OutputPlace, before: Checkpoint, written: Written
) -> Checkpoint:
    """Writes the answers to blocks that are ready together, and then that they are written."""
    counts = before.counts
    for block, answer in written:
        place.write(block.number, answer.data)
        counts.add(answer.counts)
    last = written[-1][0]
    reached = Checkpoint(last.number + 1, place.size(), last.after, last.read_bytes, counts)
    _keep(run, place, reached)
    return reached


def _keep(run: PreparedRun, place: OutputPlace, reached: Checkpoint) -> None:
    """A block counts as written once it is on the disk."""
    place.sync()
    if run.journal is not None:
        run.journal.write(run.identity, reached)


def _place(run: PreparedRun) -> OutputPlace:
    """Raises PlaceError, and BulkUsageError if another run writes there."""
    out, reached = run.options.out, run.checkpoint
    if out is None:
        return StandardOutputPlace()
    if run.form.name == "parquet":
        return FolderPlace(out, reached.blocks)
    return FilePlace(out, reached.size if reached.blocks else 0)


def _assessor(run: PreparedRun) -> LineAssessor:
    packs = {name: served.pack for name, served in run.packs.served.items()}
    counted = {name: summary.counted_outputs(pack) for name, pack in packs.items()}
    return LineAssessor(
        run.packs,
        run.options.lenient,
        run.options.more,
        run.now,
        run.options.as_of is None and run.now is None,
        [one.name for one in run.inputs],
        counted if run.options.summary else {},
        run.form,
    )


def _with_moments(blocks: Iterator[LineBlock], run: PreparedRun) -> Iterator[LineBlock]:
    """The same blocks. Raises BulkUsageError if a line of the first one has no moment: then most have none."""
    first = next(blocks)
    for line in first.lines:
        with suppress(StrictJSONError):
            if without_moment(read_json(line.text, lenient=True)):
                raise BulkUsageError(
                    f"line {line.number} of {run.inputs[line.source].name} has no as_of: add --as-of MOMENT, "
                    "since with --jobs or --resume one run has one moment"
                )
    return chain([first], blocks)


def _stored_bytes(run: PreparedRun) -> int | None:
    sizes = [one.size for one in run.inputs]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _told(reached: Checkpoint) -> Reached:
    return Reached(reached.read_bytes, reached.counts.lines, reached.counts.problems.total())


def _tell(run: PreparedRun, lost: GivenUp) -> None:
    lines = named_lines(lost.block.lines, [one.name for one in run.inputs])
    click.echo(
        f"tocsin: {lines} have no answer: two processes died over them; the second {lost.how}",
        err=True,
    )


def _summarise(run: PreparedRun, counts: Counts) -> None:
    packs = {name: served.pack for name, served in run.packs.served.items()}
    name = run.options.summary
    if name != SUMMARY_AS_TEXT:
        _write_summary(Path(name or ""), summary.as_json(counts, packs))
        return
    beside_answers = run.options.out is None
    stream = sys.stderr if beside_answers else sys.stdout
    bar = _bar(stream.encoding) if stream.isatty() else None
    click.echo(summary.as_text(counts, packs, bar), nl=False, err=beside_answers)


def _bar(encoding: str) -> summary.Bar:
    return summary.drawn_bar if encoding.lower().startswith("utf") else summary.plain_bar


def _check_summary_file(path: Path) -> None:
    """Raises BulkUsageError if the file has anything but a summary: it may be an input that was written in the wrong place."""
    if not path.absolute().parent.is_dir():
        raise BulkUsageError(f"there is no folder '{path.parent}' for --summary")
    try:
        is_summary = "summary" in orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError):
        is_summary = False
    if not is_summary:
        raise BulkUsageError(f"'{path}' is there and is no summary: --summary would write over it")


def _write_summary(path: Path, data: dict[str, Any]) -> None:
    """Raises PlaceError."""
    try:
        path.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise PlaceError(f"'{path}' cannot be written: {error.strerror}") from None


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """A signal that asks to stop ends the run between two steps, by Stopped. What is written stays."""

    def stop(number: int, frame: object) -> NoReturn:
        raise Stopped(number)

    before = {one: signal.signal(one, stop) for one in STOPPING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
