"""What every request of one application shares. Made once when it starts; views read it, none changes it."""

from __future__ import annotations

from dataclasses import dataclass
from threading import BoundedSemaphore

from flask import current_app

from service.api.disagreement_alarm import DisagreementAlarm
from service.clock import Clock, NewId
from service.serving.pack_watcher import PackWatcher
from service.serving.packs import Packs


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Two states are never equal. `batches` lets so many in that a thread is left for everything else."""

    watcher: PackWatcher
    clock: Clock
    new_id: NewId
    batches: BoundedSemaphore
    disagreements: DisagreementAlarm
    log_facts: bool

    @property
    def packs(self) -> Packs:
        """The packs that serve now. Take them once for each answer: they may be swapped meanwhile."""
        return self.watcher.packs


def state() -> State:
    """The state of the application that serves this request."""
    found: State = current_app.extensions["tocsin"]
    return found
