"""Options of gunicorn that Tocsin refuses: with them a log would block or fail answers, or contain what callers sent."""

from __future__ import annotations

from typing import Any

_OF_THE_LOG: dict[str, Any] = {
    "errorlog": "-",
    "accesslog": None,
    "capture_output": False,
    "syslog": False,
    "logconfig": None,
    "logconfig_dict": {},
    "logconfig_json": None,
    "logger_class": "service.server.server_log.ServerLog",
}
"""The options that would give the log another way than its queue, each with the value that Tocsin leaves it."""


class OptionError(ValueError):
    """An option of gunicorn cannot be used. The message is one line for the operator."""


def check_options(cfg: Any) -> None:
    """Raises OptionError."""
    for name, allowed in _OF_THE_LOG.items():
        option = cfg.settings[name]
        if option.get() != allowed:
            flag = (option.cli or [name])[0]
            raise OptionError(
                f"gunicorn's option {flag} is not allowed: the log goes to standard error only"
            )
