"""Measures one process of bulk work: CPU time, bytes of results and memory, for whole and lean answers and both engines."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

import pyarrow as pa
import pyarrow.parquet as pq

from bench.figures import Section, rate, table
from bench.incidents import case_bodies
from bench.rounds import Task, Timing, side_by_side
from service.distributed.assess_texts import assess_texts
from service.distributed.record_batches import assess_batches, result_schema
from service.distributed.result_columns import result_columns
from service.distributed.run import DistributedRun, prepare
from service.engine.judging.cross_check import ENGINES
from tests.packs import loaded

LEAN = "grade,type"
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
IN_A_NEW_PROCESS = """
import json, resource, sys
from datetime import datetime
from service.distributed.assess_texts import assess_texts
from service.distributed.run import prepare
def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 ** 2)
folder, as_of, fields, texts = json.load(sys.stdin)
run = prepare(folder, as_of=datetime.fromisoformat(as_of), fields=fields)
found = [most()]
for times in (1, 10):
    for _ in range(times):
        assess_texts(run.settings, texts)
    found.append(most())
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Rate:
    """One way to assess: its CPU time an incident, and the bytes of a result: as JSON, and in a Parquet file with zstd."""

    name: str
    timing: Timing
    json_bytes: float
    parquet_bytes: float


@dataclass(frozen=True)
class Memory:
    """MiB of a process at most: with the pack loaded, after a list of incidents, and after ten more such lists."""

    name: str
    with_the_pack: float
    after_a_list: float
    after_ten_more: float


def incident_texts(folder: Path) -> list[str]:
    """The public cases of a pack."""
    return [body.decode() for body in case_bodies(loaded(folder, with_cases=True))]


def runs(folder: Path) -> dict[str, DistributedRun]:
    return {
        f"{engine}, {name}": prepare(folder, as_of=AS_OF, engine=engine, fields=fields)
        for engine in ENGINES
        for name, fields in (("whole answers", None), (f"`{LEAN}`", LEAN))
    }


def measured(folder: Path, texts: Sequence[str], rounds: int) -> list[Rate]:
    by_name = runs(folder)
    timings = side_by_side({name: _task(run, texts) for name, run in by_name.items()}, rounds)
    return [
        Rate(name, timings[name], _json_bytes(run, texts), _parquet_bytes(run, texts))
        for name, run in by_name.items()
    ]


def _task(run: DistributedRun, texts: Sequence[str]) -> Task:
    return lambda: len(assess_texts(run.settings, texts))


def _json_bytes(run: DistributedRun, texts: Sequence[str]) -> float:
    return mean(len(one.text.encode()) + 1 for one in assess_texts(run.settings, texts))


def _parquet_bytes(run: DistributedRun, texts: Sequence[str]) -> float:
    """With the outputs as columns, and a number as the key of each incident."""
    batch = pa.RecordBatch.from_pydict({"id": range(len(texts)), "incident": list(texts)})
    columns = result_columns(batch.schema.names, "incident", None, run.lifted)
    file = io.BytesIO()
    with pq.ParquetWriter(file, result_schema(batch.schema, columns), compression="zstd") as out:
        for results in assess_batches([batch], run.settings, columns):
            out.write_batch(results)
    return len(file.getvalue()) / len(texts)


def memory(folder: Path, texts: Sequence[str]) -> list[Memory]:
    """Each in a process of its own, with both engines."""
    found = []
    for name, fields in (("whole answers", None), (f"`{LEAN}`", LEAN)):
        asked = json.dumps([str(folder), AS_OF.isoformat(), fields, list(texts)])
        done = subprocess.run(
            [sys.executable, "-c", IN_A_NEW_PROCESS],
            input=asked.encode(),
            capture_output=True,
            check=True,
        )
        found.append(Memory(name, *json.loads(done.stdout)))
    return found


def section(rates: Sequence[Rate], memories: Sequence[Memory], texts: Sequence[str]) -> Section:
    rows = [
        [
            one.name,
            f"{one.timing.seconds * 1e6:,.0f}",
            f"{one.timing.spread:.0%}",
            rate(1 / one.timing.seconds),
            rate(one.json_bytes),
            rate(one.parquet_bytes),
        ]
        for one in rates
    ]
    lines = [
        f"From JSON text to JSON text by `assess_texts`, over the {len(texts)} public cases of the default pack: real incidents in which most",
        "facts are unknown. CPU time of the process: waiting for a core does not count, but other work on the machine makes it longer.",
        "",
        *table(
            [
                *("engine, what is asked", "µs an incident", "± spread", "a second and core"),
                *("bytes as JSON", "bytes as Parquet, zstd"),
            ],
            rows,
        ),
        "MiB of one process at most, Python and both engines included:",
        "",
        *table(
            [
                "what is asked",
                "the pack loaded",
                f"after {len(texts)}",
                f"after {11 * len(texts):,}",
            ],
            [
                [
                    one.name,
                    *(
                        f"{value:.0f}"
                        for value in (one.with_the_pack, one.after_a_list, one.after_ten_more)
                    ),
                ]
                for one in memories
            ],
        ),
    ]
    return Section("One process", lines)
