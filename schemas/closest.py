"""Hints for typing mistakes: the closest known name or value."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """A hint naming the closest allowed word, or "" when none is close. Long words are not compared."""
    if len(word) > 100:
        return ""
    close = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""
