"""Tocsin's settings, read once from the environment. docs/operators.md describes each."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from service.engine.judging.cross_check import (
    ENGINES,
    Chance,
    EngineName,
    Sampling,
    always,
)
from service.server.limits import Limits
from service.server.listening.addresses import Address, BindError, read_bind
from service.serving.deployment import Deployment
from service.serving.good_packs import GoodPacks
from service.serving.proving import is_available
from service.serving.state_folder import StateFolder, first_state, named_state

SYSTEM_STATE = "/var/lib/tocsin"
BODY_BYTES = 1024 * 1024
BATCH_BYTES = 32 * 1024 * 1024
BATCH_PATH = "/v1/assessments/batch"
OneOf = TypeVar("OneOf", bound=str)
_ORIGIN = re.compile(r"\*|https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
_DEFAULT_PORT = re.compile(r"http://.*:80|https://.*:443", re.IGNORECASE)
_SHARE = re.compile(r"[01](?:\.[0-9]{1,9})?")
LOG_LEVELS = ("debug", "info", "warning", "error")


class ConfigError(ValueError):
    """A setting is wrong; the message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Config:
    """`packs` is the folder of packs. `pack` is the default pack; None means the first one by name.

    `cross_check` is the share of answers that both matchers judge, above 0 and at most 1, if `engine` is "both".
    `threads` is the number of threads of each worker. `log_facts` puts the posted facts into the log.
    `cors_origins` are the origins whose pages may call the API from a browser; "*" means all.
    `state` is the folder for good versions of packs. Without it, it is one of `default_states`, the first that can be used.
    `tokens` is the file that says who may. Without it everyone may who can reach the server.
    """

    packs: Path = Path("rules")
    pack: str | None = None
    engine: EngineName = "both"
    cross_check: float = 1.0
    log_level: str = "info"
    log_facts: bool = False
    threads: int = 4
    state: Path | None = None
    default_states: tuple[Path, ...] = ()
    cors_origins: tuple[str, ...] = ()
    tokens: Path | None = None

    def deployment(self, chance: Chance = always) -> Deployment:
        """Each folder of packs has its own good versions for each engine, so several deployments can share `state`.

        `chance` draws the answers that are cross-checked; without it every one is.
        """
        key = os.fsencode(self.packs.absolute()) + f"\0{self.engine}".encode()
        good = GoodPacks(self._state(), hashlib.sha256(key).hexdigest()[:16])
        return Deployment(self.packs, self.pack, self.engine, good, self.sampling(chance))

    def sampling(self, chance: Chance) -> Sampling:
        return Sampling(self.cross_check, chance)

    def _state(self) -> StateFolder:
        return named_state(self.state) if self.state else first_state(self.default_states)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What gunicorn is told: where to listen, how many processes and threads answer, and for how many seconds a connection
    may be silent between two requests.

    Unless `is_open` or callers need tokens, it listens only where this machine alone can connect.
    """

    addresses: tuple[Address, ...]
    workers: int
    threads: int
    grace_seconds: int
    keep_alive_seconds: int
    is_open: bool


def read_config(environment: Mapping[str, str]) -> Config:
    """Raises ConfigError."""
    return Config(
        packs=Path(_text(environment, "TOCSIN_PACKS", "rules")),
        pack=_text(environment, "TOCSIN_PACK") or None,
        engine=_engine(environment),
        cross_check=_share(environment, "TOCSIN_CROSS_CHECK"),
        log_level=_choice(environment, "TOCSIN_LOG_LEVEL", LOG_LEVELS, "info"),
        log_facts=_choice(environment, "TOCSIN_LOG_FACTS", ("0", "1"), "0") == "1",
        state=Path(found) if (found := _text(environment, "TOCSIN_STATE")) else None,
        default_states=_default_states(environment),
        threads=_whole_number(environment, "TOCSIN_THREADS", 4, 256),
        cors_origins=_origins(environment),
        tokens=Path(found) if (found := _text(environment, "TOCSIN_TOKENS")) else None,
    )


def read_server_settings(environment: Mapping[str, str]) -> ServerSettings:
    """Raises ConfigError."""
    is_open = _choice(environment, "TOCSIN_OPEN", ("0", "1"), "0") == "1"
    if is_open and _text(environment, "TOCSIN_TOKENS"):
        raise ConfigError(
            "TOCSIN_OPEN is '1', but must be '0' or empty with TOCSIN_TOKENS: with tokens the server is not open"
        )
    return ServerSettings(
        addresses=read_addresses(environment),
        workers=_whole_number(environment, "TOCSIN_WORKERS", 2, 256),
        threads=_whole_number(environment, "TOCSIN_THREADS", 4, 256),
        grace_seconds=_whole_number(environment, "TOCSIN_GRACE_SECONDS", 30, 3600),
        keep_alive_seconds=_whole_number(environment, "TOCSIN_KEEP_ALIVE_SECONDS", 75, 3600),
        is_open=is_open,
    )


def read_addresses(environment: Mapping[str, str]) -> tuple[Address, ...]:
    """Where the server listens. Raises ConfigError."""
    try:
        return read_bind(_text(environment, "TOCSIN_BIND", "127.0.0.1:8000"), "TOCSIN_BIND")
    except BindError as error:
        raise ConfigError(str(error)) from None


def check_state(state: StateFolder) -> None:
    """For the first start only: later no fault of state ends the server. Raises ConfigError."""
    if state.refusal:
        raise ConfigError(state.refusal)


def read_limits(environment: Mapping[str, str]) -> Limits:
    """The limits of gunicorn's worker for slow clients. Raises ConfigError."""

    def number(name: str, default: int, most: int) -> int:
        return _whole_number(environment, name, default, most)

    default = Limits()
    return Limits(
        head_seconds=number("TOCSIN_HEAD_SECONDS", default.head_seconds, 3600),
        body_seconds=number("TOCSIN_BODY_SECONDS", default.body_seconds, 86_400),
        body_rate=number("TOCSIN_BODY_RATE", default.body_rate, 10**8),
        answer_rate=number("TOCSIN_ANSWER_RATE", default.answer_rate, 10**8),
        rate_seconds=number("TOCSIN_RATE_SECONDS", default.rate_seconds, 3600),
        spool_bytes=number("TOCSIN_SPOOL_MEGABYTES", default.spool_bytes // 2**20, 10**6) * 2**20,
        body_bytes=BODY_BYTES,
        bodies_of_paths={BATCH_PATH: BATCH_BYTES, f"{BATCH_PATH}/": BATCH_BYTES},
    )


def _default_states(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """systemd may name several folders. Relative paths of the XDG base directories are ignored, as their specification says."""
    found = environment.get("STATE_DIRECTORY", "").split(":")
    for name, below in (("XDG_STATE_HOME", "tocsin"), ("HOME", ".local/state/tocsin")):
        found.append(os.path.join(environment.get(name, ""), below))
    absolute = [Path(one) for one in (*found, SYSTEM_STATE) if os.path.isabs(one)]
    return tuple(dict.fromkeys(absolute))


def _text(environment: Mapping[str, str], name: str, default: str = "") -> str:
    """A setting that is empty has its default, as if it were not there."""
    return environment.get(name) or default


def _engine(environment: Mapping[str, str]) -> EngineName:
    """Raises ConfigError."""
    found = _choice(environment, "TOCSIN_ENGINE", ENGINES, "both")
    if not is_available(found):
        raise ConfigError(
            f"TOCSIN_ENGINE is {found!r}, but must be 'reference' here: this Python has no durable_rules"
        )
    return found


def _origins(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Raises ConfigError. A browser sends an origin without a path and a default port: with one it would never be the same."""
    origins = _text(environment, "TOCSIN_CORS_ORIGINS").replace(",", " ").split()
    for origin in origins:
        if not _ORIGIN.fullmatch(origin) or _DEFAULT_PORT.fullmatch(origin):
            raise ConfigError(
                f"TOCSIN_CORS_ORIGINS has {origin!r}, but each origin must be * or like https://desk.example.com, "
                "without a path, :80 of http and :443 of https"
            )
    return tuple(origins)


def _choice(
    environment: Mapping[str, str], name: str, allowed: Sequence[OneOf], default: OneOf
) -> OneOf:
    """Raises ConfigError."""
    text = _text(environment, name, default)
    for choice in allowed:
        if choice == text:
            return choice
    raise ConfigError(f"{name} is {text!r}, but must be one of: {', '.join(allowed)}")


def _share(environment: Mapping[str, str], name: str) -> float:
    """A setting above 0 and up to 1, the default. None at all is what engine "reference" says. Raises ConfigError."""
    text = _text(environment, name, "1")
    if not _SHARE.fullmatch(text) or not 0 < float(text) <= 1:
        raise ConfigError(
            f"{name} is {text!r}, but must be a number above 0 and at most 1, such as 0.1; "
            "to check no answer, set TOCSIN_ENGINE=reference"
        )
    return float(text)


def _whole_number(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A setting from 1 to `most`. Raises ConfigError."""
    text = _text(environment, name, str(default))
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise ConfigError(f"{name} is {text!r}, but must be a whole number from 1 to {most}")
    return int(text)
