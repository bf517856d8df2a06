"""Reads what a request says about its incidents outside of their bodies. A single request and a batch ask in the same ways."""

from __future__ import annotations

from typing import Any

from service.api.requests.parameters import parameters, with_parameters
from service.api.requests.prefer import is_lenient
from service.api.state import state
from service.asking.posted import Post, Posted


def posting() -> Post:
    """Call this while the request is handled: what it returns needs the request no more, and may be called for many bodies."""
    clock, said, lenient = state().clock, parameters(), is_lenient()

    def post(body: Any) -> Posted:
        return Posted(with_parameters(body, said), clock(), lenient)

    return post
