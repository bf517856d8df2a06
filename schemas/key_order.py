"""Puts the keys of objects in one order, so that what is said about them does not depend on the order in which they were posted."""

from __future__ import annotations

from typing import Any


def in_one_order(data: Any) -> Any:
    """The same JSON data, with the keys of each object in the order of their code points, as in the canonical form of a request."""
    if isinstance(data, dict):
        return {key: in_one_order(data[key]) for key in sorted(data)}
    return [in_one_order(one) for one in data] if isinstance(data, list) else data
