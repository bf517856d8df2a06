"""Checks a pack without running its cases."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from service.authoring.cases import check_facts
from service.language.collector import Collector, FullError
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


def check_pack(folder: Path) -> tuple[Pack | None, list[Problem]]:
    """The pack with its cases if its files have no error, and all problems sorted by place.

    The rules are also compiled in a child process, so that a crash of the C library is found here and not by a server.
    """
    files = read_files(folder, with_cases=True)
    pack, problems = load_files(files)
    if pack is None:
        return None, problems
    collector = Collector(problems)
    with suppress(FullError):
        within_limits(files, collector, lambda: _check_loaded(pack, files, collector))
    return pack, collector.listed()


def _check_loaded(pack: Pack, files: PackFiles, collector: Collector) -> None:
    check_facts(pack, pack.cases, collector)
    check_network(pack, collector.at(files.place()))
