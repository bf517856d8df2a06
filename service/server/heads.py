"""When gunicorn's parser has enough of a head to decide about it. What the head says is not read here."""

from __future__ import annotations

import re
from typing import Any

from gunicorn.http.message import (
    DEFAULT_MAX_HEADERFIELD_SIZE,
    MAX_HEADERS,
    MAX_REQUEST_LINE,
)

_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")


class HeadSearch:
    """Each byte is searched once, however many pieces a head arrives in."""

    def __init__(self, cfg: Any) -> None:
        line, fields, size = (
            int(limit) if 0 < limit <= most else most
            for limit, most in (
                (cfg.limit_request_line, MAX_REQUEST_LINE),
                (cfg.limit_request_fields, MAX_HEADERS),
                (cfg.limit_request_field_size, DEFAULT_MAX_HEADERFIELD_SIZE),
            )
        )
        self._longest_line = line
        self._longest = line + fields * (size + 2) + 4
        self._searched = 0
        self._asked: set[str] = set()

    def end(self, head: bytearray) -> int:
        """The index after its last line; 0 if that is not here. One empty line may come first (RFC 9112, 2.2)."""
        first = 2 if head.startswith(b"\r\n") else 0
        if head.startswith(b"\r\n", first):
            return first + 2
        found = head.find(b"\r\n\r\n", max(first, self._searched - 3))
        return found + 4 if found >= 0 else 0

    def may_be_wrong(self, head: bytearray) -> bool:
        """Whether an unfinished head has something new that may be an error already."""
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
