"""Works out what many incidents take, from measured rates: core hours, hours, bytes and cost. Prices are assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.figures import Section, table
from bench.scale_rates import Memory, Rate

COUNTS = {"10⁷": 10**7, "10⁹": 10**9}
CORES = (8, 64, 1024)
USD_A_CORE_HOUR = 0.05
USD_A_GB_MONTH = 0.023


def section(rates: Sequence[Rate], memories: Sequence[Memory], overhead: float) -> Section:
    """`overhead` is the share of CPU time that Dask needs beside that of a pool of processes."""
    most = max(one.after_ten_more for one in memories)
    hours = [f"hours on {cores:,} cores" for cores in CORES]
    lines = [
        f"Core hours are incidents × the µs of one process × {1 + max(0.0, overhead):.2f}, what Dask was measured to need beside a pool of processes. Hours are core hours ÷ cores, with all of",
        f"them busy. Assumed prices: {USD_A_CORE_HOUR} USD for a core hour of a rented machine, {USD_A_GB_MONTH} USD for a GB and month of object storage. Put your own in.",
        "",
        *table(
            [
                "incidents",
                "engine, what is asked",
                "core hours",
                *hours,
                "USD",
                "JSON",
                "Parquet, zstd",
                "USD a month to keep Parquet",
            ],
            _rows(rates, overhead),
        ),
        f"Memory does not depend on the number of incidents: {most:.0f} MiB a worker process, so {most * 8 / 1024:.1f} GiB for 8 of them, and what the engine and a partition take.",
    ]
    return Section("Ten million and a thousand million", lines)


def _rows(rates: Sequence[Rate], overhead: float) -> Iterator[list[str]]:
    for said, count in COUNTS.items():
        for one in rates:
            core_hours = count * one.timing.seconds * (1 + max(0.0, overhead)) / 3600
            parquet = count * one.parquet_bytes
            yield [
                said,
                one.name,
                _figure(core_hours),
                *(_figure(core_hours / cores) for cores in CORES),
                _figure(core_hours * USD_A_CORE_HOUR),
                _bytes(count * one.json_bytes),
                _bytes(parquet),
                _figure(parquet / 1e9 * USD_A_GB_MONTH),
            ]


def _figure(value: float) -> str:
    """Two figures are as much as an estimate has."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9)):
        if count >= size:
            return f"{_figure(count / size)} {unit}"
    return f"{_figure(count / 1e6)} MB"
