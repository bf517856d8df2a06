"""How gunicorn runs Tocsin. Settings come from the environment; see docs/operators.md."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from typing import Any

import structlog

from service.config import ConfigError, read_config, read_limits, whole_number
from service.early_answers import early_answer
from service.logs import configure_logs
from service.serving.deployment import NoPackError, load_packs


def _count(name: str, default: int, most: int) -> int:
    try:
        return whole_number(os.environ, name, default, most)
    except ConfigError as error:
        sys.exit(f"tocsin: {error}")


bind = os.environ.get("TOCSIN_BIND", "127.0.0.1:8000")
workers = _count("TOCSIN_WORKERS", 2, 256)
threads = _count("TOCSIN_THREADS", 4, 256)
graceful_timeout = _count("TOCSIN_GRACE_SECONDS", 30, 3600)
worker_class = "service.server.worker.Worker"
timeout = 60
keepalive = 5
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

# All workers write their metrics into files of this folder; prometheus_client reads the setting when it is imported.
# After SIGHUP gunicorn reads this file again in the same process: the folder and its counts stay.
_prefix = f"tocsin-metrics-{os.getpid()}-"
_numbers = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if not os.path.basename(_numbers).startswith(_prefix):
    _numbers = tempfile.mkdtemp(prefix=_prefix)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _numbers


def on_starting(server: Any) -> None:
    """Runs before any worker starts: wrong settings and a folder without a good pack are reported once."""
    try:
        config = read_config(os.environ)
        read_limits(os.environ)
        configure_logs(config.log_level)
        load_packs(config.deployment()).close()
    except (ConfigError, NoPackError) as error:
        from service.authoring.render import render

        shutil.rmtree(_numbers, ignore_errors=True)
        print(render(getattr(error, "problems", ()), "text"), file=sys.stderr)
        sys.exit(f"tocsin: {error}")


def when_ready(server: Any) -> None:
    """Prints the address as soon as it is open."""
    print(
        f"tocsin: serving on http://{bind}, a page to try it on http://{bind}/docs", file=sys.stderr
    )


def post_fork(server: Any, worker: Any) -> None:
    """Runs in the worker before it accepts a connection."""
    worker.limits = read_limits(os.environ)
    worker.early_answer = early_answer


def post_worker_init(worker: Any) -> None:
    """The worker loads changed packs if the files changed after the first load. With --preload that may be long ago."""
    tocsin = worker.wsgi.extensions.get("tocsin")
    if tocsin is not None:
        tocsin.watcher.watch()
    structlog.get_logger("tocsin").info("worker-started", process=worker.pid, master=os.getppid())


def child_exit(server: Any, worker: Any) -> None:
    """Runs in the master, so a killed worker is logged too."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)
    structlog.get_logger("tocsin").info("worker-stopped", process=worker.pid)


def on_exit(server: Any) -> None:
    """Runs in the master only: the metrics of a worker that has ended must still be summed."""
    shutil.rmtree(_numbers, ignore_errors=True)
