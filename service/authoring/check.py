"""Checks a pack without running its cases."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from service.authoring.cases import check_facts
from service.language.collector import Collector, FullError
from service.language.declared.calendars.read import CALENDARS_FOLDER
from service.language.files.pack_files import PackFiles, read_files
from service.language.load import load_files, within_limits
from service.language.model import Pack
from service.language.problem import Problem
from service.serving.proving import check_network

PROMISED = frozenset({"missing-translation"})
"""Warnings that are errors before a release: the languages of a pack's title promise all texts in these languages."""


def before_release(problems: Iterable[Problem]) -> list[Problem]:
    """The problems with the severity that they have before a release.

    A pack with a missing translation can be served: the text in the pack's own language replaces it. But
    the pack then breaks its promise, so the missing translation is an error here.
    """
    return [
        replace(problem, severity="error") if problem.code in PROMISED else problem
        for problem in problems
    ]


MONTHS_BEFORE = 3
"""So many months before a calendar ends its author is warned."""


def check_pack(folder: Path, *, today: date | None = None) -> tuple[Pack | None, list[Problem]]:
    """The pack with its cases if its files have no error, and all problems sorted by place.

    With `today` a calendar that ends soon is reported. The rules are also compiled in a child process, so that a crash of the C library is found here and not by a server.
    """
    files = read_files(folder, with_cases=True)
    pack, problems = load_files(files)
    if pack is None:
        return None, problems
    collector = Collector(problems)
    with suppress(FullError):
        if today is not None:
            _check_calendars(pack, files, today, collector)
        within_limits(files, collector, lambda: _check_loaded(pack, files, collector))
    return pack, collector.listed()


def _check_loaded(pack: Pack, files: PackFiles, collector: Collector) -> None:
    check_facts(pack, pack.cases, collector)
    check_network(pack, collector.at(files.place()))


def _check_calendars(pack: Pack, files: PackFiles, today: date, collector: Collector) -> None:
    """Warns of each calendar that ends within three months, or has ended."""
    for name, calendar in pack.calendars.items():
        last = calendar.years[1]
        if 12 * (last - today.year) + 12 - today.month < MONTHS_BEFORE:
            message = f"the calendar '{name}' ends with {last}: later deadlines are unsure"
            hint = f"write it again: tocsin calendar {name} {today.year}..{today.year + 1}"
            at = collector.at(files.place(f"{CALENDARS_FOLDER}/{name}.yaml"))
            at.warning("calendar-ends", message, hint)
