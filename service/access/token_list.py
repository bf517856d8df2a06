"""Reads the file of TOCSIN_TOKENS: who holds a token, in which role. Its messages must not contain a part of the file."""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.access.roles import ROLES, CallerRole

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME_FORM = "1 to 64 letters, digits, dots, underscores and hyphens, the first a letter or digit"
MOST_TOKENS = 1000
MOST_BYTES = 256 * 1024
_SHA256 = re.compile("[0-9a-f]{64}")
_READABLE = "It must be a file that this user can read; 'tocsin token NAME ROLE >> FILE' makes it"
_FORM = "a line must be: name role sha256, as 'tocsin token NAME ROLE' prints it"


class TokenFileError(ValueError):
    """The file cannot be used. The message says why, without its path and without any part of its content."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a token. The name is for the log."""

    name: str
    role: CallerRole


@dataclass(frozen=True, slots=True)
class TokenList:
    """The holders by the SHA-256 of their tokens."""

    holders: Mapping[bytes, Holder]

    def holder(self, token: str) -> Holder | None:
        """Takes the same time for every token: each digest is compared as a whole, also after one was found."""
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        found = None
        for known, holder in self.holders.items():
            if hmac.compare_digest(known, digest):
                found = holder
        return found


def read_file(path: Path) -> bytes:
    """The bytes of the file, which may be a link. Raises TokenFileError."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            data = _read(opened)
        finally:
            os.close(opened)
    except (OSError, ValueError) as error:  # ValueError: a path that can be no path
        why = getattr(error, "strerror", None) or str(error)
        raise TokenFileError(f"cannot be read: {why}. {_READABLE}") from None
    if len(data) > MOST_BYTES:
        raise TokenFileError(f"has more than {MOST_BYTES // 1024} KiB")
    return data


def _read(opened: int) -> bytes:
    """Raises OSError, also for what is no regular file: a pipe can be read only once."""
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    with open(opened, "rb", closefd=False) as file:
        return file.read(MOST_BYTES + 1)


def read_tokens(data: bytes) -> TokenList:
    """The list in the bytes of a file. Raises TokenFileError for the first mistake."""
    holders: dict[bytes, Holder] = {}
    lines: dict[str, int] = {}
    for number, line in _lines(data):
        name, digest, holder = _read_line(number, line)
        if name in lines:
            raise _wrong(number, f"the name of line {lines[name]} again: each token needs its own")
        if digest in holders:
            same = lines[holders[digest].name]
            raise _wrong(number, f"the token of line {same} again: make another for each name")
        lines[name], holders[digest] = number, holder
    if not holders:
        raise TokenFileError(f"has no token; {_FORM}")
    if len(holders) > MOST_TOKENS:
        raise TokenFileError(f"has more than {MOST_TOKENS} tokens")
    return TokenList(holders)


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    """The lines that are neither empty nor a comment, each with its number from 1."""
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith(b"#"):
            yield number, stripped.decode("utf-8", "replace")


def _read_line(number: int, line: str) -> tuple[str, bytes, Holder]:
    """Raises TokenFileError."""
    fields = line.split()
    if len(fields) != 3:
        raise _wrong(number, f"{len(fields)} instead of 3 fields; {_FORM}")
    name, role, digest = fields
    if not NAME.fullmatch(name):
        raise _wrong(number, f"the name is wrong: it has {NAME_FORM}")
    if not _SHA256.fullmatch(digest.lower()):
        raise _wrong(number, "the third field is no SHA-256 of 64 hexadecimal digits")
    return name, bytes.fromhex(digest), Holder(name, _role(number, role))


def _role(number: int, text: str) -> CallerRole:
    for role in ROLES:
        if role == text:
            return role
    raise _wrong(number, f"the role is wrong: it is one of {', '.join(ROLES)}")


def _wrong(number: int, what: str) -> TokenFileError:
    return TokenFileError(f"has a mistake in line {number}: {what}")
