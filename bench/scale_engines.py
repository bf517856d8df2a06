"""Measures the engines of bulk work against one process: wall time, CPU time of each worker process, and how often a pack was sent."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

import dask.bag as db
import psutil
from distributed import Client, LocalCluster
from pyspark.sql import SparkSession

from bench.figures import Section, Verdict, percent, table, times
from service.distributed.assess_texts import AssessedText, assess_texts
from service.distributed.on_dask import assess_bag, pack_counts
from service.distributed.on_spark import assess_dataframe
from service.distributed.packed_pack import PackedPack
from service.distributed.run import DistributedRun
from service.distributed.worker_packs import PackCounts, receive

PROCESSES = 2
PARTITIONS = 40
LEAST_SPEEDUP = 1.7
Processes = Callable[[], Sequence[psutil.Process]]


@dataclass(frozen=True)
class Timed:
    """Seconds of one run: on the clock, and of CPU of each worker process."""

    wall: float
    worker_cpu: tuple[float, ...]


@dataclass
class EngineRounds:
    """The rounds of an engine, each with one of the bare function in one process before it."""

    one: list[Timed] = field(default_factory=list)
    engine: list[Timed] = field(default_factory=list)

    def by_the_clock(self) -> float:
        """How many times as fast as one process."""
        return self._median(lambda one, engine: one.wall / engine.wall)

    def by_cpu(self) -> float:
        """The same if each process had a core of its own: CPU time of one process, divided by that of the busiest worker."""
        return self._median(lambda one, engine: sum(one.worker_cpu) / max(engine.worker_cpu))

    def overhead(self) -> float:
        """How much more CPU time all workers take than one process."""
        return self._median(lambda one, engine: sum(engine.worker_cpu) / sum(one.worker_cpu)) - 1

    def _median(self, compared: Callable[[Timed, Timed], float]) -> float:
        return statistics.median(map(compared, self.one, self.engine))


@dataclass(frozen=True)
class MeasuredEngines:
    """`sent` has for each worker process of Dask how often the pack arrived there and was loaded."""

    incidents: int
    pool: EngineRounds
    dask: EngineRounds
    spark: EngineRounds
    sent: Sequence[PackCounts]

    def beside_a_pool(self) -> float:
        """How much more CPU time Dask's workers take than those of a pool, for which the machine is as busy."""
        return (1 + self.dask.overhead()) / (1 + self.pool.overhead()) - 1


def measured(run: DistributedRun, texts: Sequence[str], rounds: int) -> MeasuredEngines:
    def one() -> object:
        return assess_texts(run.settings, texts)

    size = len(texts) // PARTITIONS
    parts = [texts[start : start + size] for start in range(0, len(texts), size)]
    with _pool(run) as processes:
        whole = partial(_in_pool, processes, partial(assess_texts, run.settings), parts)
        pool = _in_turns(
            one, whole, lambda: list(map(psutil.Process, processes._processes)), rounds
        )
    with _client() as client:
        bag = db.from_sequence(texts, npartitions=PARTITIONS).persist()  # on the workers
        answers = assess_bag(client, run, bag)
        client.run(os.setsid)  # as `_begin` does
        workers = [psutil.Process(pid) for pid in client.run(os.getpid).values()]
        dask = _in_turns(one, answers.compute, lambda: workers, rounds)
        sent = list(pack_counts(client, run).values())
    with _spark() as session:
        frame = session.createDataFrame([(text,) for text in texts], "incident string")
        results = assess_dataframe(run, frame.repartition(PARTITIONS).cache())
        save = results.write.format("noop").mode("overwrite").save
        spark = _in_turns(one, save, _spark_workers, rounds)
    return MeasuredEngines(len(texts), pool, dask, spark, sent)


def _in_pool(
    processes: ProcessPoolExecutor,
    assess: Callable[[Sequence[str]], list[AssessedText]],
    parts: Sequence[Sequence[str]],
) -> int:
    return sum(map(len, processes.map(assess, parts)))


def _pool(run: DistributedRun) -> ProcessPoolExecutor:
    """What two processes reach on this machine without an engine."""
    return ProcessPoolExecutor(
        PROCESSES, mp_context=get_context("spawn"), initializer=_begin, initargs=(run.pack,)
    )


def _begin(packed: PackedPack) -> None:
    """A session of its own: Linux shares a busy machine among sessions, so that two processes of one get what one would get."""
    os.setsid()
    receive(packed)


def _in_turns(
    one: Callable[[], object], engine: Callable[[], object], workers: Processes, rounds: int
) -> EngineRounds:
    """The first round warms up. An idle Python worker of Spark ends after a minute, so its rounds stand close together."""
    found = EngineRounds()
    engine()
    for _ in range(rounds):
        found.one.append(_timed(one, lambda: [psutil.Process()]))
        found.engine.append(_timed(engine, workers))
    return found


def _timed(task: Callable[[], object], processes: Processes) -> Timed:
    """Of the process that measures, only the thread counts that does so: others wait for the cluster."""
    own, before, start = time.thread_time(), _cpu(processes()), time.monotonic()
    task()
    wall, after = time.monotonic() - start, _cpu(processes())
    if list(after) == [os.getpid()]:
        return Timed(wall, (time.thread_time() - own,))
    return Timed(wall, tuple(after[pid] - before.get(pid, 0) for pid in after))


def _cpu(processes: Sequence[psutil.Process]) -> dict[int, float]:
    return {one.pid: sum(one.cpu_times()[:2]) for one in processes}


def _spark_workers() -> list[psutil.Process]:
    """The Python workers of the local Spark: the children of its daemon."""
    found = psutil.Process().children(recursive=True)
    below = [one for one in found if one.status() != psutil.STATUS_ZOMBIE]
    daemons = {one.pid for one in below if "pyspark.daemon" in " ".join(one.cmdline())}
    return [one for one in below if one.ppid() in daemons]


@contextmanager
def _client() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=PROCESSES, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _spark() -> Iterator[SparkSession]:
    builder = SparkSession.builder.master(f"local[{PROCESSES}]").appName("tocsin")
    for name, value in (
        ("spark.ui.enabled", "false"),
        ("spark.driver.host", "127.0.0.1"),
        ("spark.log.level", "ERROR"),
    ):
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def section(found: MeasuredEngines) -> Section:
    rows = [
        [name, times(one.by_the_clock()), times(one.by_cpu()), percent(one.overhead())]
        for name, one in (
            ("a pool of Python's own", found.pool),
            ("Dask", found.dask),
            ("Spark", found.spark),
        )
    ]
    lines = [
        f"{found.incidents:,} incidents, `grade,type`, both engines, in {PARTITIONS} partitions on {PROCESSES} worker processes of this machine, against the same list in one",
        f"process without an engine, in turns; the median of {len(found.dask.one)} rounds. By the clock depends on what else the machine does: the workers, the",
        "scheduler or Spark's Java, and other work share its cores. The pool shows what this machine gives two processes at all. With a core for",
        "each process is the CPU time of one process divided by that of the busiest worker; CPU time too grows while both cores are busy.",
        "",
        *table(
            [
                *(f"{PROCESSES} processes", "by the clock", "with a core for each process"),
                "more CPU time than one process",
            ],
            rows,
        ),
    ]
    return Section("Two processes", lines, [_speed(found), _sent(found.sent)])


def _speed(found: MeasuredEngines) -> Verdict:
    clock, without = found.dask.by_the_clock(), found.pool.by_the_clock()
    return Verdict(
        what="Dask, two processes",
        target=f"≥ {LEAST_SPEEDUP}× one process",
        measured=f"{times(clock)} by the clock, {percent(clock / without)} of two processes without an engine",
        reached=clock >= LEAST_SPEEDUP,
        bound=f"the cores: two processes without an engine reach {times(without)} beside the other work of this machine",
    )


def _sent(sent: Sequence[PackCounts]) -> Verdict:
    counts = [f"{one.arrived} and {one.loaded}" for one in sent]
    return Verdict(
        what="how often a worker process of Dask was sent the pack, and loaded it",
        target="1 and 1",
        measured="; ".join(counts),
        reached=set(counts) == {"1 and 1"},
    )
