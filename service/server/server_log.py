"""Writes gunicorn's messages as JSON lines, without the caller's data: a broken request may contain facts."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from gunicorn.glogging import Logger

QUOTING = {"Invalid request from": ": ", "Error handling request": " /"}
"""The beginnings of messages that quote a request, each with the mark before the quotation."""


class ServerLog(Logger):
    def _set_handler(self, log: Any, output: Any, fmt: Any, stream: Any = None) -> None:
        super()._set_handler(log, output, JSONLine(), stream)


class JSONLine(logging.Formatter):
    """Writes one record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": "server",
            "message": _without_quotation(record.getMessage()),
            "process": record.process,
            "level": record.levelname.lower(),
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _without_quotation(message: str) -> str:
    for start, mark in QUOTING.items():
        if message.startswith(start):
            return message.partition(mark)[0]
    return message
