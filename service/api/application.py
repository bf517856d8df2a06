"""Builds the Flask application from settings, packs, blueprints, error pages and logs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from inspect import unwrap
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from schemas.time_zones import read_all_zones
from service.access.security_headers import CONTENT_SECURITY_POLICY, SECURITY_HEADERS
from service.access.token_watcher import TokenWatcher
from service.api import assessments, health, packs
from service.api.access import register_access
from service.api.batches import batch
from service.api.disagreement_alarm import DisagreementAlarm
from service.api.documentation.openapi import DESCRIPTION, OPENAPI_VERSION, Api
from service.api.documentation.openapi import blueprint as documentation
from service.api.metrics import blueprint as metrics
from service.api.metrics import figures
from service.api.problem_pages import register_problem_pages
from service.api.request_log import log_reload, register_request_log
from service.api.requests.parameters import register_parameters
from service.api.responses.compression import register_compression
from service.api.responses.conditional import register_conditional_requests
from service.api.responses.cross_origin import register_cross_origin
from service.api.running_batches import RunningBatches
from service.api.state import State
from service.clock import Clock, NewId, new_uuid, random_number, utc_now
from service.config import Config, read_config
from service.engine.judging.cross_check import Chance
from service.logs import configure_logs
from service.serving.pack_watcher import PackWatcher

_PROTECTING = frozenset(name.lower() for name in SECURITY_HEADERS)


class Application(Flask):
    """Flask for views and hooks of which none is asynchronous: it need not look at each of them in each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def make_app(
    config: Config | None = None,
    clock: Clock = utc_now,
    new_id: NewId = new_uuid,
    chance: Chance = random_number,
) -> Flask:
    """Raises ConfigError, NoPackError and TokenFileError."""
    config = config or read_config(os.environ)
    configure_logs(config.log_level)
    read_all_zones()
    app = Application("service.api", static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.config |= {
        "PROPAGATE_EXCEPTIONS": False,
        "API_TITLE": "Tocsin",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": OPENAPI_VERSION,
    }
    tokens = TokenWatcher(config.tokens) if config.tokens else None
    watcher = PackWatcher(config.deployment(chance), log_reload)
    app.extensions["tocsin"] = State(
        watcher,
        clock,
        new_id,
        RunningBatches(max(1, config.threads - 1)),
        DisagreementAlarm(),
        figures(watcher),
        config.log_facts,
        tokens,
    )
    _register_views(app)
    _register_hooks(app, tokens, config.cors_origins)
    return app


def _register_views(app: Flask) -> None:
    api = Api(app, spec_kwargs={"info": {"description": DESCRIPTION}})
    for blueprint in (
        assessments.blueprint,
        batch.blueprint,
        packs.blueprint,
        health.blueprint,
        metrics,
    ):
        api.register_blueprint(blueprint)
    app.register_blueprint(documentation)
    # flask-smorest's decorators only describe a view here. A request need not pass through eight of them.
    app.view_functions = {name: unwrap(view) for name, view in app.view_functions.items()}


def _register_hooks(app: Flask, tokens: TokenWatcher | None, origins: Sequence[str]) -> None:
    """What runs before and after every view. Of what changes answers, the last one registered runs first."""
    register_problem_pages(app)
    register_request_log(app)
    app.after_request(_add_security_headers)
    register_compression(app)
    register_conditional_requests(app)
    app.before_request(_check_path)
    if tokens:
        register_access(app, tokens)
    register_parameters(app)
    register_cross_origin(app, origins)


def _check_path() -> None:
    """A path with more slashes is another path. The routing would ignore those at its beginning, and a proxy might not."""
    if request.environ["PATH_INFO"].startswith("//"):
        raise NotFound


def _add_security_headers(response: Response) -> Response:
    """A page may have a policy of its own for its contents. No answer may weaken another of these headers."""
    if _PROTECTING.isdisjoint([name.lower() for name, _ in response.headers]):
        response.headers.extend(SECURITY_HEADERS)
        return response
    policy = response.headers.get(CONTENT_SECURITY_POLICY)
    response.headers.update(SECURITY_HEADERS)
    if policy:
        response.headers[CONTENT_SECURITY_POLICY] = policy
    return response
