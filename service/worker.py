"""gunicorn's threaded worker, but when it stops it takes in who already waits at the door, and shuts the door at once."""

from __future__ import annotations

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """gunicorn's own keeps its listening sockets until the last request is answered: whoever connects
    meanwhile waits in the kernel's queue and is cut off in the end.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                while self._took_in(listener):
                    pass
                listener.close()

    def _took_in(self, listener: object) -> bool:
        before: int = self.nr_conns
        self.accept(listener)
        return bool(self.nr_conns > before)
