"""Reads what a request says about its incidents outside of their bodies. A single request and a batch ask in the same ways."""

from __future__ import annotations

from service.api.requests.parameters import parameters, with_parameters
from service.api.requests.prefer import is_lenient
from service.api.state import state
from service.asking.posted import Post


def posting() -> Post:
    """Call this while the request is handled: what it returns needs the request no more, and may be called for many bodies."""
    said = parameters()
    return Post(state().clock, is_lenient(), lambda body: with_parameters(body, said))
