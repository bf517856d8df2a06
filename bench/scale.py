"""`make scale ARGS=--bench`: measures bulk work, and writes the figures into docs/scale.md between its two marks."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import scale_engines, scale_estimate, scale_rates
from bench.figures import Section, table
from bench.scale_page import with_figures
from tests.server import ROOT

PAGE = ROOT / "docs" / "scale.md"
PACK = ROOT / "rules" / "pr_crisis"
PACKAGES = ("durable-rules", "orjson", "pyarrow", "pandas", "dask", "distributed", "pyspark")
INCIDENTS = 20_000


def measure(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make scale ARGS=--bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: about a minute")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write into")
    options = parser.parse_args(arguments)
    from bench.machine import described

    machine, began = described(_java(), PACKAGES), time.monotonic()
    sections = list(_sections(options.quick))
    machine.append(f"- the run took {time.monotonic() - began:,.0f} s")
    page = options.page.read_text("utf-8")
    options.page.write_text(with_figures(page, [*machine, "", *_lines(sections)]), "utf-8")
    verdicts = [one for section in sections for one in section.verdicts]
    for one in verdicts:
        print(f"{'yes' if one.reached else 'NO '}  {one.what}: {one.measured} ({one.target})")
    return 0


def _sections(quick: bool) -> Iterator[Section]:
    texts = scale_rates.incident_texts(PACK)
    _say("one process")
    rates = scale_rates.measured(PACK, texts, 3 if quick else 15)
    memories = scale_rates.memory(PACK, texts)
    yield scale_rates.section(rates, memories, texts)
    _say("engines")
    count = INCIDENTS // (10 if quick else 1)
    many = (texts * (count // len(texts) + 1))[:count]
    run = scale_rates.runs(PACK)[f"both, `{scale_rates.LEAN}`"]
    found = scale_engines.measured(run, many, 1 if quick else 5)
    yield scale_engines.section(found)
    yield scale_estimate.section(rates, memories, found.beside_a_pool())


def _lines(sections: Sequence[Section]) -> Iterator[str]:
    rows = [
        [one.what, one.target, one.measured, "yes" if one.reached else "**no**", one.bound]
        for section in sections
        for one in section.verdicts
    ]
    yield from table(["figure", "target", "measured", "reached", "limited by"], rows)
    for section in sections:
        yield from (f"### {section.title}", "", *section.lines)


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else "java"
    done = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)
    found = re.search(r'version "([^"]+)"', done.stderr)
    return f"Java {found[1] if found else 'of unknown version'}"


def _say(what: str) -> None:
    print(f"bench: {what} …", file=sys.stderr, flush=True)
