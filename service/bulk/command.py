"""The command line of a bulk run: its options, and what its errors are there. It must not run anything itself."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from service.bulk.errors import BulkUsageError, NoWorkerError, PlaceError, Stopped
from service.bulk.forms.form import FORM_NAMES
from service.bulk.options import MOST_JOBS, SUMMARY_AS_TEXT, BulkOptions
from service.clock import Clock
from service.serving.packs import Packs

CommandFunction = TypeVar("CommandFunction", bound=Callable[..., Any])


class AssessCommand(click.Command):
    """`--summary` takes a name only if it ends in .json: so a name of another file that follows is still an input."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        told = [
            f"{one}={SUMMARY_AS_TEXT}"
            if one == "--summary" and not following.endswith(".json")
            else one
            for one, following in zip(args, [*args[1:], ""], strict=False)
        ]
        return super().parse_args(ctx, told)


_OPTIONS = (
    click.option(
        "--jobs",
        type=click.IntRange(1, MOST_JOBS),
        help="Assess in so many processes. Default for files: one for each core.",
    ),
    click.option(
        "--as-of",
        metavar="MOMENT",
        help="The moment of lines that have no as_of, such as 2026-01-01T09:30:00+08:00. Default: now, or none with "
        "--jobs or --resume.",
    ),
    click.option(
        "--to",
        type=click.Choice(FORM_NAMES),
        help="JSON lines, CSV, or Parquet (a folder of parts). Default: what the name of --out says, else ndjson.",
    ),
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        metavar="PLACE",
        help="Write there and not to standard output: a file, compressed if it ends in .gz or .zst, or a folder for Parquet.",
    ),
    click.option(
        "--resume",
        is_flag=True,
        help="Go on with a run to the same --out that was cut, by its journal.",
    ),
    click.option(
        "--summary",
        metavar="[FILE.json]",
        help="Tell what was found: values of the outputs at the top of an answer, problems, rules that fired and that never did. "
        "As a text, or as JSON in the file.",
    ),
)


def with_bulk_options(command: CommandFunction) -> CommandFunction:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def assess_in_blocks(options: BulkOptions, packs: Packs, clock: Clock) -> NoReturn:
    """Ends the process with the status of the run: 0, 1 if there were problems, 2 for wrong usage, 128 and the signal that stopped it."""
    from service.bulk.run import run_bulk

    try:
        counts = run_bulk(options, packs, clock)
    except BulkUsageError as error:
        raise click.UsageError(str(error)) from None
    except (PlaceError, NoWorkerError) as error:
        raise click.ClickException(str(error)) from None
    except Stopped as stopped:
        went_on = "; --resume goes on" if options.out else ""
        click.echo(f"tocsin: stopped by {signal.Signals(stopped.signal).name}{went_on}", err=True)
        sys.exit(128 + stopped.signal)
    sys.exit(1 if counts.problems else 0)
