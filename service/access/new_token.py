"""Makes tokens. A token is not kept: the file of TOCSIN_TOKENS has its SHA-256 only."""

from __future__ import annotations

import hashlib
import secrets

from service.access.roles import CallerRole
from service.log_queue import TOKEN_PREFIX

BYTES = 32


def new_token() -> str:
    """A token of 256 random bits. By its beginning the log knows what it must not write."""
    return TOKEN_PREFIX + secrets.token_urlsafe(BYTES)


def line_of(token: str, name: str, role: CallerRole) -> str:
    """The line of the file for this token."""
    return f"{name} {role} {hashlib.sha256(token.encode()).hexdigest()}"
