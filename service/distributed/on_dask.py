"""Assesses the incidents of a Dask bag or data frame on a cluster. Each worker process is sent the pack once, by a plugin.

A worker that dies is replaced by Dask, which does its partitions again. The new process is sent the pack too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dask.bag as db
import dask.dataframe as dd
from distributed import Client, Worker, WorkerPlugin

from service.distributed.assess_texts import IncidentText, assess_texts
from service.distributed.data_frames import assess_frame, with_results
from service.distributed.packed_pack import PackedPack, PackKey
from service.distributed.result_columns import INCIDENT, result_columns
from service.distributed.run import DistributedRun, RunSettings
from service.distributed.worker_packs import PROCESS_PACKS, PackCounts, receive


class PackPlugin(WorkerPlugin):
    """Brings the bytes of a pack into each worker process, those that join later too.

    Dask sends a plugin of the same name once. `client.unregister_worker_plugin(str(run.settings.pack))` takes the pack back.
    """

    idempotent = True

    def __init__(self, packed: PackedPack) -> None:
        self.packed = packed
        self.name = str(packed.key)

    def setup(self, worker: Worker) -> None:
        receive(self.packed)

    def teardown(self, worker: Worker) -> None:
        PROCESS_PACKS.forget(self.packed.key)


def send(client: Client, run: DistributedRun) -> None:
    """Sends the pack to the workers, and loads it in those that are there: what is wrong there fails before any work.

    Raises OtherSoftware and PackRefused.
    """
    client.register_plugin(PackPlugin(run.pack))
    client.run(_load, run.settings.pack)


def assess_bag(client: Client, run: DistributedRun, incidents: db.Bag) -> db.Bag:
    """A bag of JSON texts, each the answer to an incident or its problem, in the same order and partitions.

    `incidents` has JSON texts too. Raises what `send` raises.
    """
    send(client, run)
    return incidents.map_partitions(_assess_partition, run.settings)


def assess_dataframe(
    client: Client,
    run: DistributedRun,
    incidents: dd.DataFrame,
    *,
    column: str = INCIDENT,
    keep: Sequence[str] | None = None,
    lifted: bool = False,
) -> dd.DataFrame:
    """A data frame of results, in the same order and partitions: the columns to `keep`, None for all but the incident;
    answer and problem, of which one is a JSON text and the other is missing; with `lifted` the outputs at the top of answers.

    `column` has the incidents as JSON texts. Raises what `send` raises, and ValueError for wrong columns.
    """
    outputs = run.lifted if lifted else ()
    columns = result_columns(list(incidents.columns), column, keep, outputs)
    send(client, run)
    return incidents.map_partitions(
        assess_frame, run.settings, columns, meta=with_results(columns, incidents._meta, [])
    )


def pack_counts(client: Client, run: DistributedRun) -> dict[str, PackCounts]:
    """By the address of each worker process: how many times it was sent the pack, and loaded it."""
    found: dict[str, PackCounts] = client.run(_counts, run.settings.pack)
    return found


def _load(key: PackKey) -> None:
    PROCESS_PACKS.find(key)


def _counts(key: PackKey) -> PackCounts:
    return PROCESS_PACKS.counts(key)


def _assess_partition(incidents: Iterable[IncidentText], settings: RunSettings) -> list[str]:
    return [one.text for one in assess_texts(settings, incidents)]
