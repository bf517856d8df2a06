"""How gunicorn runs Tocsin. Settings come from the environment; see docs/operators.md."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from service.access.admission import admits
from service.access.token_list import TokenFileError
from service.config import (
    ConfigError,
    check_state,
    read_config,
    read_limits,
    read_server_settings,
)
from service.early_answers import early_answer
from service.log_queue import queue_standard_error
from service.logs import configure_logs
from service.metrics.ended_workers import EndedWorkers
from service.metrics.folder import open_folder
from service.metrics.log_lines import DROPPED
from service.server.listening.addresses import BindError
from service.server.listening.reach import check_reach, is_local
from service.server.listening.sockets import close_own_sockets, open_listeners, serving_on
from service.server.master import keep_running
from service.server.refused_options import OptionError, check_options
from service.serving.deployment import NoPackError
from service.serving.state_folder import StateFolder

try:
    _settings, _limits = read_server_settings(os.environ), read_limits(os.environ)
    _config = read_config(os.environ)
except ConfigError as error:
    sys.exit(f"tocsin: {error}")
_for_all = _settings.is_open or _config.tokens is not None
bind = [str(address) for address in _settings.addresses]
workers = _settings.workers
threads = _settings.threads
graceful_timeout = _settings.grace_seconds
worker_class = "service.server.worker.Worker"
timeout = 60
keepalive = _settings.keep_alive_seconds
# The control socket would be a second interface, which Tocsin does not use.
control_socket_disable = True
accesslog = None
loglevel = "warning"
logger_class = "service.server.server_log.ServerLog"
# No header of a request changes its path or scheme.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# gunicorn prints on standard error in the master too. No reader of the log, or full disk, may end it.
queue_standard_error()


SECONDS_TO_LOAD = 0.7
"""A worker accepts connections after this time, also if it still loads what the other workers serve. It then answers 503."""


def _logs_errors(hook: Callable[..., None]) -> Callable[..., None]:
    """An error of a hook would end the master, or stop a worker from starting."""

    @functools.wraps(hook)
    def guarded(*arguments: Any) -> None:
        try:
            hook(*arguments)
        except Exception as error:
            log = structlog.get_logger("tocsin")
            log.error("hook-failed", hook=hook.__name__, exc_info=error)

    return guarded


def on_starting(server: Any) -> None:
    """Loads the application and its packs before any worker starts: all workers are forked with them.

    A folder without a good pack, an unsafe folder for state, a wrong file of tokens, an address that cannot be opened or
    that others can reach, and a refused option end the start. Nothing later ends the master.
    """
    try:
        check_options(server.cfg)
        configure_logs(_config.log_level)
        _report_state(_config.deployment().good.state)
        application = server.app.wsgi()
        open_listeners(server, _for_all)
    except (BindError, ConfigError, NoPackError, OptionError, TokenFileError) as error:
        from service.authoring.render import render

        if problems := render(getattr(error, "problems", ()), "text"):
            print(problems, file=sys.stderr)
        sys.exit(f"tocsin: {error}")
    _share(application)
    keep_running(server)


def _report_state(state: StateFolder) -> None:
    """A folder for state that is full, read-only or not permitted is a warning: the server runs without. Raises ConfigError."""
    check_state(state)
    if state.fault:
        structlog.get_logger("tocsin").warning("state-not-kept", cause=state.fault)


@_logs_errors
def _share(application: Any) -> None:
    tocsin = application.extensions["tocsin"]
    tocsin.watcher.share()
    if tocsin.tokens:
        tocsin.tokens.share()


def when_ready(server: Any) -> None:
    """All sockets are open, also those that the process inherited."""
    try:
        if not _for_all:
            check_reach(server.LISTENERS)
    except BindError as error:
        sys.exit(f"tocsin: {error}")
    _announce(server)


@_logs_errors
def _announce(server: Any) -> None:
    """Prints the address as soon as it is open."""
    close_own_sockets(server)
    server.ended_workers = _ended_workers()
    print(f"tocsin: {serving_on(server.LISTENERS)}", file=sys.stderr)


def _ended_workers() -> EndedWorkers | None:
    """After SIGHUP it stays: a worker that has ended still counts. Without it each worker shows its own figures only."""
    try:
        return EndedWorkers(open_folder(), [DROPPED])
    except OSError as error:
        structlog.get_logger("tocsin").warning("metrics-not-shared", cause=str(error))
        return None


@_logs_errors
def pre_fork(server: Any, worker: Any) -> None:
    # gunicorn ends the whole server if a worker fails before it has booted. It replaces one that fails later.
    worker.booted = True
    ended: EndedWorkers | None = getattr(server, "ended_workers", None)
    worker.metrics_folder = ended and ended.folder


@_logs_errors
def post_fork(server: Any, worker: Any) -> None:
    """Runs in the worker before it accepts a connection."""
    worker.early_answer = early_answer
    worker.limits = _limits
    if not _for_all:  # after SIGHUP the addresses can be others
        worker.sockets = [one for one in worker.sockets if is_local(one)]
    tocsin = server.app.wsgi().extensions.get("tocsin")
    if tocsin is not None and tocsin.tokens:
        worker.limits = replace(_limits, admits=lambda *head: admits(tocsin.tokens.tokens, *head))


@_logs_errors
def post_worker_init(worker: Any) -> None:
    """The worker first serves what the other workers serve, then it watches the packs."""
    tocsin = worker.wsgi.extensions.get("tocsin")
    if tocsin is not None:
        if tocsin.tokens:
            tocsin.tokens.watch()
        tocsin.watcher.watch(SECONDS_TO_LOAD)
        if getattr(worker, "metrics_folder", None) is not None:
            tocsin.figures.share(worker.metrics_folder, worker.age)
    structlog.get_logger("tocsin").info(
        "worker-started",
        process=worker.pid,
        master=os.getppid(),
        **({} if tocsin is None else {"cross_check": tocsin.watcher.cross_checked_share}),
    )


@_logs_errors
def worker_exit(server: Any, worker: Any) -> None:
    """Writes the last figures. A killed worker loses those of its last quarter of a second."""
    tocsin = getattr(getattr(worker, "wsgi", None), "extensions", {}).get("tocsin")
    if tocsin is not None:
        tocsin.figures.write_now()


@_logs_errors
def child_exit(server: Any, worker: Any) -> None:
    """Runs in the master, so a killed worker is logged too."""
    ended: EndedWorkers | None = getattr(server, "ended_workers", None)
    if ended is not None:
        ended.add(worker.age)
    structlog.get_logger("tocsin").info("worker-stopped", process=worker.pid)


@_logs_errors
def on_reload(server: Any) -> None:
    """After SIGHUP the old workers end at once: the new ones are forked with what those serve."""
    server.app.wsgi().extensions["tocsin"].watcher.load_what_others_serve()


@_logs_errors
def pre_exec(server: Any) -> None:
    """After SIGUSR2 a new master starts while this one serves: both have one default pack."""
    application = server.app.wsgi()
    server.cfg.env_orig["TOCSIN_PACK"] = application.extensions["tocsin"].watcher.present.default


@_logs_errors
def on_exit(server: Any) -> None:
    """Runs in the master only: the metrics of a worker that has ended must still be summed."""
    ended: EndedWorkers | None = getattr(server, "ended_workers", None)
    if ended is not None:
        ended.close()
