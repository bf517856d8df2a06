"""Tocsin: grades a reputation crisis by declarative rules and says what to do, with reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.config import Config


def create_app(config: Config | None = None) -> Flask:
    """The WSGI application. Without `config` the settings come from the environment.

    Flask is imported here only: the command and the engine's child processes start without it.
    Raises ConfigError and NoPackError.
    """
    from service.api.application import make_app

    return make_app(config)
