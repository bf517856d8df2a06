"""gunicorn's threaded worker, except that a thread never waits for a client.

The event loop receives head and body of a request before a thread judges it. It also sends the part of an answer that a
client does not read at once. So a slow client takes a file descriptor, but no thread.
"""

from __future__ import annotations

import errno
import selectors
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import ThreadWorker

from service.server.connection import Connection
from service.server.connections import Connections, Hooks
from service.server.heartbeat import use_memory_for_heartbeats
from service.server.limits import Limits, most_connections
from service.server.listening.shares import Shares
from service.server.refusals import refusal
from service.server.seldom_log import SeldomLog
from service.server.threads.deferred import Deferred
from service.server.threads.turns import Turns

SECONDS_OF_A_TURN = 0.5
SECONDS_OF_A_LAST_TURN = 0.1
SECONDS_WITHOUT_ACCEPTING = 0.2
SECONDS_FOR_OTHERS = 0.001
"""For so long a worker with more connections than another leaves a new one to it."""
SECONDS_TO_TAKE_IT = 0.01
"""A connection that no other worker took then arrives within this time."""
SECONDS_AFTER_A_FAILED_START = 1.0
CLIENT_IS_GONE = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN)

use_memory_for_heartbeats()


def bare_answer(status: int, detail: str) -> bytes:
    return f"HTTP/1.1 {status} \r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()


class Worker(ThreadWorker):
    """gunicorn.conf.py sets `limits` and `early_answer`, which returns the whole answer to a request that does not arrive."""

    alive: bool
    limits = Limits()
    shares = Shares()
    early_answer: Callable[[int, str], bytes] = staticmethod(bare_answer)

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        if cfg.is_ssl:
            raise SystemExit("tocsin: this server speaks no TLS; put a proxy in front of it")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.method_queue = Deferred()

    def get_thread_pool(self) -> Turns:
        return Turns(self.cfg.threads, self.method_queue.wake)

    def init_process(self) -> None:
        """A worker that cannot start ends only after a pause: the master replaces it at once."""
        self.serves = False
        try:
            super().init_process()
        except Exception:
            if not self.serves:
                time.sleep(SECONDS_AFTER_A_FAILED_START)
            raise

    def run(self) -> None:
        self.serves = True
        self.poller.register(
            self.method_queue.fileno(), selectors.EVENT_READ, self.method_queue.run_callbacks
        )
        hooks = Hooks(self.enqueue_req, self.method_queue.defer, self.early_answer)
        self.connections = Connections(self.cfg, self.log, self.limits, self.poller, hooks)
        self.warnings = SeldomLog(self.log)
        self.most = most_connections(self.cfg.threads, self.cfg.worker_connections)
        self.accepts_again = self.next_look = self.left_to_others = 0.0
        try:
            while self.alive:
                seconds = self.accepts_again - time.monotonic()
                self.set_accept_enabled(seconds <= 0)
                self._turn(seconds if 0 < seconds < SECONDS_OF_A_TURN else SECONDS_OF_A_TURN)
            self._stop()
        finally:
            self.tpool.shutdown()  # the process ends only when its threads do

    def _turn(self, seconds: float) -> None:
        next_turn = self.tpool.look(time.monotonic())
        if self.method_queue.has_work():
            next_turn = (
                0.0  # a thread may have finished, and taken the last work that waited, just now
            )
        self.wait_for_and_dispatch_events(seconds if next_turn is None else min(seconds, next_turn))
        now = time.monotonic()
        self.shares.write(self.age, len(self.connections), now)
        if now < self.next_look:
            return
        self.next_look = now + (SECONDS_OF_A_TURN if self.alive else SECONDS_OF_A_LAST_TURN)
        self.notify()
        self.alive = self.alive and self.is_parent_alive()
        self.connections.close_late(now, stopping=not self.alive)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """What threads have finished comes first: a client may already send its next request."""
        events = self.poller.select(timeout)
        self.method_queue.run_all()
        for key, _ in events:
            key.data(key.fileobj)
        self.method_queue.run_all()

    def enqueue_req(self, conn: Connection) -> None:
        """Raises RuntimeError if there is no thread and none can be started."""
        self.tpool.submit(partial(self._answer, conn))

    def _answer(self, conn: Connection) -> None:
        """Runs in a thread. The loop hears of its end in any case, also if nothing can be logged."""
        keeps = False
        try:
            keeps = self.handle(conn)
        except BaseException:
            with suppress(Exception):
                self.log.exception("Error in a thread")
        finally:
            self.method_queue.leave(self.connections.answered, conn, keeps)

    def _stop(self) -> None:
        """Accepts the queued connections, closes the listening sockets, and answers what has begun within the grace time."""
        end = time.monotonic() + self.cfg.graceful_timeout
        self.set_accept_enabled(False)
        for listener in self.sockets:
            for _ in range(self.cfg.backlog):
                if not self._accept_one(listener):
                    break
            listener.close()
        while self.connections and time.monotonic() < end:
            self._turn(SECONDS_OF_A_LAST_TURN)
        self.connections.drop_all()
        self.tpool.shutdown(wait=False)
        self.poller.close()
        self.method_queue.close()

    def accept(self, listener: Any) -> None:
        """Never raises: without file descriptors the worker continues with the connections it has."""
        if not self._leaves_to_others(time.monotonic()):
            self._accept_one(listener)

    def _leaves_to_others(self, now: float) -> bool:
        """Whether another worker may take this connection. It is asked once for each: it may be busy."""
        left, self.left_to_others = self.left_to_others, 0.0
        if now - left < SECONDS_TO_TAKE_IT:
            return False
        if not self.shares.has_most(self.age, len(self.connections), now):
            return False
        self.left_to_others = now
        self.accepts_again = now + SECONDS_FOR_OTHERS
        self.set_accept_enabled(False)
        return True

    def _accept_one(self, listener: Any) -> bool:
        """Returns whether to try again."""
        if len(self.connections) >= self.most and not self._make_room():
            return False
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        except OSError as error:
            self.warnings.warn(f"A connection was not accepted: {error.strerror}")
            return self._make_room()
        self.connections.begin(client, address, listener.getsockname())
        return True

    def _make_room(self) -> bool:
        made = self.connections.make_room()
        if not made:
            self.accepts_again = time.monotonic() + SECONDS_WITHOUT_ACCEPTING
            self.set_accept_enabled(False)
        return made

    def handle(self, conn: Connection) -> bool:
        """Runs in a thread of the pool. Returns whether the connection stays open."""
        try:
            return self._judge(conn)
        finally:
            with suppress(OSError):
                conn.sock.flush()

    def _judge(self, conn: Connection) -> bool:
        reception = conn.reception
        try:
            if reception.error:
                self.handle_error(None, conn.sock, conn.client, reception.error)
                return False
            keeps: bool = self.handle_request(reception.request, conn) and reception.is_whole
            conn.sock.flush()
            return keeps
        except (NoMoreData, StopIteration) as error:
            self.log.debug("Closing connection. %s", error)
        except OSError as error:
            if error.errno not in CLIENT_IS_GONE:
                self.log.exception("Socket error processing request.")
        except Exception as error:
            self.handle_error(reception.request, conn.sock, conn.client, error)
        return False

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answers with a problem instead of gunicorn's page: nothing of the answer has been sent yet."""
        found = refusal(exc, self.cfg)
        status, detail = found or (500, "")
        if found:
            self.log.warning("Answered %s to ip=%s: %s", status, addr[0] if addr else "", detail)
        else:
            self.log.exception("Error handling request")
        with suppress(OSError):
            client.sendall(self.early_answer(status, detail))
