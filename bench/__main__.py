"""`python -m bench`: measures everything and writes docs/benchmarks.md. It reports missing packages and programs first."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import (
    bulk,
    decide,
    growth,
    http_load,
    large_packs,
    looking_ahead,
    match,
    request_parts,
    start_reload,
)
from bench.contestant import Entry
from bench.figures import Section
from bench.incidents import case_bodies
from bench.page import page
from bench.synthetic import Shape
from tests.server import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
PACK = ROOT / "rules" / "pr_crisis"
SIZES = (60, 300, 1_000, 10_000)
PEERS = {
    "bench.peers.zen_engine": ("table", "expression"),
    "bench.peers.clips_rules": ("run", "agenda"),
    "bench.peers.rule_engine_rules": ("rules", "expression"),
}
CONDITIONS = {"bench.peers.cel_conditions": ("common", "google")}
"""They take conditions and no rules, and are slow: they take part in matching with the smaller packs alone."""
MOST_RULES_OF_CONDITIONS = 300


@dataclass(frozen=True)
class Effort:
    """The number of rounds of each measurement, the seconds of one HTTP run, and the lines of bulk runs."""

    rounds: int
    growth_rounds: int
    http_rounds: int
    http_seconds: int
    starts: int
    repeats: int
    bulk_lines: int
    bulk_most_lines: int


FULL = Effort(
    rounds=15,
    growth_rounds=5,
    http_rounds=4,
    http_seconds=3,
    starts=5,
    repeats=5,
    bulk_lines=20_000,
    bulk_most_lines=1_000_000,
)
QUICK = Effort(
    rounds=3,
    growth_rounds=1,
    http_rounds=1,
    http_seconds=1,
    starts=1,
    repeats=1,
    bulk_lines=2_000,
    bulk_most_lines=30_000,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: about a minute")
    parser.add_argument("--page", type=Path, default=PAGE, help="the file to write")
    options = parser.parse_args()
    if missing := list(_missing()):
        print("\n".join(f"bench: {line}" for line in missing), file=sys.stderr)
        return 1
    from bench.machine import described

    machine = described(http_load.generator_version())
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        sections = list(measured(QUICK if options.quick else FULL, Path(folder)))
    command = "make bench ARGS=--quick" if options.quick else "make bench"
    machine.append(f"- the run took {time.monotonic() - began:,.0f} s")
    options.page.write_text(page(command, machine, sections), "utf-8")
    for verdict in (verdict for section in sections for verdict in section.verdicts):
        print(
            f"{'yes' if verdict.reached else 'NO '}  {verdict.what}: {verdict.measured} ({verdict.target})"
        )
    return 0


def _missing() -> Iterator[str]:
    for module in {**PEERS, **CONDITIONS}:
        try:
            importlib.import_module(module)
        except ImportError as error:
            yield f"{error.name} is not installed. make bench installs it; or pip install -r bench/requirements.txt"
    if line := http_load.missing():
        yield line


def measured(effort: Effort, folder: Path) -> Iterator[Section]:
    entries = [*match.OURS, *_peers(PEERS)]
    _say("match")
    results = [
        match.hold(match.default_contest(PACK), [*entries, *_peers(CONDITIONS)], effort.rounds)
    ]
    for rules in SIZES:
        few = rules <= MOST_RULES_OF_CONDITIONS
        contest = match.synthetic_contest(Shape(rules), folder / f"{rules}")
        taking_part = [*entries, *_peers(CONDITIONS)] if few else entries
        results.append(
            match.hold(contest, taking_part, effort.rounds if few else effort.growth_rounds)
        )
    yield match.section(results)
    _say("decide")
    pack = decide.pack_with_cases(PACK)
    decided = decide.measured(pack, effort.rounds)
    yield decide.section(decided, results[0])
    _say("contingency and explanation")
    yield looking_ahead.section(looking_ahead.measured(pack, effort.repeats))
    _say("growth")
    yield growth.section(growth.measured(entries, effort.growth_rounds, folder / "growth"))
    _say("HTTP")
    (folder / "http").mkdir()
    rated = http_load.measured(
        case_bodies(pack), effort.http_rounds, effort.http_seconds, folder / "http"
    )
    yield http_load.section(rated, decided[decide.BOTH_CASES].seconds)
    _say("parts of a request")
    yield request_parts.section(request_parts.measured(effort.rounds), rated)
    _say("bulk runs")
    (folder / "bulk").mkdir()
    memory = (10_000, effort.bulk_most_lines)
    yield bulk.section(
        bulk.measured(PACK, folder / "bulk", effort.bulk_lines, memory, effort.starts)
    )
    _say("start and reload")
    (folder / "start").mkdir()
    yield start_reload.section(start_reload.measured(effort.starts, folder / "start"))
    _say("large packs")
    yield large_packs.section(large_packs.measured(folder / "large"))


def _peers(modules: Mapping[str, Sequence[str]]) -> list[Entry]:
    return [
        getattr(importlib.import_module(module), name)
        for module, names in modules.items()
        for name in names
    ]


def _say(what: str) -> None:
    print(f"bench: {what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
