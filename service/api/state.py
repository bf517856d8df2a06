"""The state that all requests of one application share. It is made once at the start. Views must not assign to it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from service.access.token_watcher import TokenWatcher
from service.api.disagreement_alarm import DisagreementAlarm
from service.api.running_batches import RunningBatches
from service.clock import Clock, NewId
from service.metrics.sharing import SharedFigures
from service.serving.pack_watcher import PackWatcher
from service.serving.packs import Packs


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """`batches` limits how many batches run at once, so that one thread stays free for other requests. Without
    `tokens` callers need none. Two states are never equal.
    """

    watcher: PackWatcher
    clock: Clock
    new_id: NewId
    batches: RunningBatches
    disagreements: DisagreementAlarm
    figures: SharedFigures
    log_facts: bool
    tokens: TokenWatcher | None

    @property
    def packs(self) -> Packs:
        """The packs that serve now. Read this once per answer, because packs can be swapped at any time."""
        return self.watcher.packs


def state() -> State:
    """The state of the application that serves this request."""
    found: State = current_app.extensions["tocsin"]
    return found
