"""Tocsin with a short timeout for slow clients instead of a minute. For tests only."""

from __future__ import annotations

from flask import Flask

from service import create_app as create_patient_app
from service.api import body

SECONDS = 2


def create_app() -> Flask:
    body.SECONDS_TO_MOVE = SECONDS
    return create_patient_app()
