"""Finds the end of a head, and the moments at which gunicorn's parser should look at an unfinished one. It does not interpret the head."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from gunicorn.http.message import (
    DEFAULT_MAX_HEADERFIELD_SIZE,
    MAX_HEADERS,
    MAX_REQUEST_LINE,
)

_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")


@cache
def _longest(cfg: Any) -> tuple[int, int]:
    """The longest request line and the longest head, by gunicorn's settings."""
    line, fields, size = (
        int(limit) if 0 < limit <= most else most
        for limit, most in (
            (cfg.limit_request_line, MAX_REQUEST_LINE),
            (cfg.limit_request_fields, MAX_HEADERS),
            (cfg.limit_request_field_size, DEFAULT_MAX_HEADERFIELD_SIZE),
        )
    )
    return line, line + fields * (size + 2) + 4


class HeadSearch:
    """It searches each byte once, however many pieces a head arrives in."""

    def __init__(self, cfg: Any) -> None:
        self._longest_line, self._longest = _longest(cfg)
        self._searched = 0
        self._asked: set[str] = set()

    def end(self, head: bytearray) -> int:
        """The index after the head; 0 if its end has not arrived. One empty line may come first (RFC 9112, section 2.2)."""
        first = 2 if head.startswith(b"\r\n") else 0
        if head.startswith(b"\r\n", first):
            return first + 2
        found = head.find(b"\r\n\r\n", max(first, self._searched - 3))
        return found + 4 if found >= 0 else 0

    def may_be_wrong(self, head: bytearray) -> bool:
        """Whether an unfinished head has a new sign of an error. gunicorn's parser then decides. A first line is such a sign."""
        signs = set()
        first = 2 if head.startswith(b"\r\n") else 0
        if "line" not in self._asked:
            if head.find(b"\r\n", first) >= 0:
                signs.add("line")
            elif len(head) - first - 2 > self._longest_line:
                signs.add("long line")
        if _BARE_LINE_FEED.search(head, self._searched):
            signs.add("bare line feed")
        if self.is_too_long(head):
            signs.add("long head")
        self._searched = len(head)
        new = signs - self._asked
        self._asked |= signs
        return bool(new)

    def is_too_long(self, head: bytearray) -> bool:
        return len(head) > self._longest
