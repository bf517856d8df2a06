"""Measures bulk runs of the command: two processes against one, one against the bare engine, bytes, and memory. `python -m bench.bulk` prints them."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from bench.contest import AS_OF
from bench.decide import ENGINES, pack_with_cases
from bench.figures import Section, Verdict, microseconds, rate, table, times
from bench.incidents import case_bodies
from bench.rounds import Task, side_by_side
from schemas.incident import load_incident
from schemas.strict_json import read_json
from service.engine.answer.parts import answer
from service.engine.judging.cross_check import EngineName
from service.language.model import Pack
from service.serving.served_pack import ServedPack

FIELDS = "grade,type"
TOCSIN = Path(sys.prefix) / "bin" / "tocsin"
LEAST_TIMES = 1.8
LEAST_OF_BARE = 0.9
MOST_OF_BYTES = 0.01
MOST_MORE_MEGABYTES = 50
SECONDS_BETWEEN_LOOKS = 0.05
WHOLE_LINES = 400


@dataclass(frozen=True)
class Spent:
    """Of one run: wall seconds, CPU seconds of all its processes, and the most memory that they had together, in bytes."""

    wall: float
    cpu: float
    memory: int


@dataclass(frozen=True)
class BulkFigures:
    """Seconds of a line by engine: wall with one and two processes, CPU with one, and CPU of the bare engine.

    `memory` has by number of lines the most bytes of a run; `lean` and `whole` are the bytes of one answer.
    """

    one: dict[str, float]
    two: dict[str, float]
    cpu: dict[str, float]
    bare: dict[str, float]
    memory: dict[int, int]
    lean: float
    whole: float


def measured(
    folder: Path, place: Path, lines: int, memory: Sequence[int], rounds: int
) -> BulkFigures:
    """`folder` is the pack. The rounds of one and two processes take turns; the fastest counts, since others use the machine too."""
    pack = pack_with_cases(folder)
    first, file = place / "one.ndjson", place / f"{lines}.ndjson"
    write_corpus(pack, 1, first)
    write_corpus(pack, lines, file)
    one, two, cpu = {}, {}, {}
    for name, engine in ENGINES.items():
        runs = [
            [run(folder, engine, each, jobs) for each in (first, file) for jobs in (1, 2)]
            for _ in range(rounds)
        ]
        start_1, start_2, with_1, with_2 = zip(*runs, strict=True)
        one[name] = (_wall(with_1) - _wall(start_1)) / lines
        two[name] = (_wall(with_2) - _wall(start_2)) / lines
        cpu[name] = (min(each.cpu for each in with_1) - min(each.cpu for each in start_1)) / lines
    bare = side_by_side({name: _lean(pack, engine) for name, engine in ENGINES.items()}, rounds)
    found = {}
    for count in memory:
        write_corpus(pack, count, place / "memory.ndjson")
        found[count] = run(folder, "reference", place / "memory.ndjson", 2, watched=True).memory
    lean, whole = (_bytes(folder, place, fields) for fields in (["--fields", FIELDS], []))
    seconds = {name: timing.seconds for name, timing in bare.items()}
    return BulkFigures(one, two, cpu, seconds, found, lean, whole)


def write_corpus(pack: Pack, lines: int, place: Path) -> None:
    """The cases of the pack again and again, each with a name of its own."""
    bodies = [json.loads(body) for body in case_bodies(pack)]
    with place.open("wb") as file:
        for number, body in enumerate(islice(cycle(bodies), lines)):
            named = {"incident_id": f"i-{number}", **body}
            file.write(json.dumps(named, ensure_ascii=False).encode() + b"\n")


def run(folder: Path, engine: EngineName, file: Path, jobs: int, *, watched: bool = False) -> Spent:
    """Memory is looked at only if it is `watched`: looking takes time of a core."""
    before, began, most = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0
    given: list[str | Path] = [
        "--pack",
        folder,
        "--engine",
        engine,
        "--fields",
        FIELDS,
        "--jobs",
        str(jobs),
    ]
    with subprocess.Popen(
        [TOCSIN, "assess", file, *given], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while watched and process.poll() is None:
            most = max(most, _memory(process.pid))
            time.sleep(SECONDS_BETWEEN_LOOKS)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode == 0
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu, most)


def _memory(process: int) -> int:
    """Of a process and of those that it started; memory that they share counts once."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0
    return sum(_own_share(Path(f"/proc/{one}/smaps_rollup")) for one in (process, *children))


def _own_share(rollup: Path) -> int:
    try:
        lines = rollup.read_text().splitlines()
    except OSError:  # it ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _wall(runs: Sequence[Spent]) -> float:
    return min(each.wall for each in runs)


def _lean(pack: Pack, engine: EngineName) -> Task:
    """The bare engine: from facts that are read and checked to the few keys of the answer, as data."""
    served = ServedPack.of(pack, engine)
    fields, _ = served.field_names.load(FIELDS.split(","), ())
    read = [load_incident(read_json(body))[0] for body in case_bodies(pack)]
    ready = [(served.facts.load(one.facts).values, one.as_of or AS_OF) for one in read]
    assessor = served.assessor

    def decide() -> int:
        for facts, as_of in ready:
            answer(assessor.parts, assessor.find(facts, as_of, pack.locale), (), fields)
        return len(ready)

    return decide


def _bytes(folder: Path, place: Path, fields: Sequence[str]) -> float:
    file, out = place / "some.ndjson", place / "out.ndjson"
    write_corpus(pack_with_cases(folder), WHOLE_LINES, file)
    given: list[str | Path] = [
        "assess",
        file,
        "--pack",
        folder,
        "--engine",
        "reference",
        "--out",
        out,
        *fields,
    ]
    subprocess.run([TOCSIN, *given], check=True, stderr=subprocess.DEVNULL)
    return out.stat().st_size / WHOLE_LINES


def section(found: BulkFigures) -> Section:
    rows = [
        [
            name,
            rate(1 / found.one[name]),
            rate(1 / found.two[name]),
            times(found.one[name] / found.two[name]),
            microseconds(found.cpu[name]),
            microseconds(found.bare[name]),
            f"{found.bare[name] / found.cpu[name]:.2f}",
        ]
        for name in found.one
    ]
    lines = [
        f"`tocsin assess FILE --fields {FIELDS}` on the public cases, again and again, without the time of its start. Rates are of the",
        "fastest of several rounds, in which one and two processes take turns. The bare engine decides and makes these keys from facts",
        "that are read and checked already; CPU time is that of all processes of the run. Memory is that of all processes of a run with",
        "two, sampled; what they share counts once.",
        "",
        *table(
            [
                *("default pack", "a second, 1 process", "a second, 2 processes", "2 ÷ 1"),
                *("CPU µs a line", "bare engine, µs", "bare ÷ line"),
            ],
            rows,
        ),
        *table(
            ["lines of the input", "memory, MB"],
            [[f"{count:,}", f"{most / 1e6:.0f}"] for count, most in found.memory.items()],
        ),
        f"An answer has {found.lean:,.0f} bytes with these fields and {found.whole:,.0f} with all.",
        "",
    ]
    return Section("Bulk runs", lines, list(_verdicts(found)))


def _verdicts(found: BulkFigures) -> Sequence[Verdict]:
    twice = [found.one[name] / found.two[name] for name in found.one]
    shares = {name: found.bare[name] / found.cpu[name] for name in found.bare}
    over = {name: found.cpu[name] - found.bare[name] for name in found.bare}
    grown = (max(found.memory.values()) - min(found.memory.values())) / 1e6
    share = found.lean / found.whole
    return (
        Verdict(
            "bulk, 2 processes against 1",
            f"≥ {LEAST_TIMES}×",
            ", ".join(f"{times(one)} ({name})" for one, name in zip(twice, found.one, strict=True)),
            min(twice) >= LEAST_TIMES,
            "two cores, which also run the process that reads and writes",
        ),
        Verdict(
            "bulk, 1 process against the bare engine",
            f"≥ {LEAST_OF_BARE}",
            ", ".join(f"{one:.2f} ({name})" for name, one in shares.items()),
            min(shares.values()) >= LEAST_OF_BARE,
            "reading, checking and naming an incident take "
            f"{microseconds(statistics.mean(over.values()))} µs a line, which the bare engine does not do",
        ),
        Verdict(
            "bulk, bytes of lean answers",
            f"≤ {MOST_OF_BYTES * 100:.0f} % of all",
            f"{share * 100:.2f} %",
            share <= MOST_OF_BYTES,
        ),
        Verdict(
            f"bulk, memory of {max(found.memory):,} lines",
            f"≤ {MOST_MORE_MEGABYTES} MB more than of {min(found.memory):,}",
            f"{grown:.0f} MB",
            grown <= MOST_MORE_MEGABYTES,
        ),
    )


def main() -> int:
    from bench.__main__ import PACK

    parser = argparse.ArgumentParser(prog="python -m bench.bulk", description=__doc__)
    parser.add_argument("--lines", type=int, default=20_000, help="of each run that is timed")
    parser.add_argument("--most", type=int, default=1_000_000, help="of the run for memory")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as place:
        memory = (10_000, options.most)
        found = measured(PACK, Path(place), options.lines, memory, options.rounds)
    made = section(found)
    print("\n".join(made.lines))
    for one in made.verdicts:
        print(f"{'yes' if one.reached else 'NO '}  {one.what}: {one.measured} ({one.target})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
