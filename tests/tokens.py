"""A file of tokens for tests, and the headers with which its holders ask."""

from __future__ import annotations

import hashlib
from pathlib import Path

TOKENS = {role: f"tocsin_{role:0>43}" for role in ("post", "read", "operate")}
UNKNOWN = f"tocsin_{'unknown':0>43}"


def line(name: str, role: str, token: str) -> str:
    """The form of a line, written down a second time."""
    return f"{name} {role} {hashlib.sha256(token.encode()).hexdigest()}\n"


def file_of_tokens(path: Path) -> Path:
    """One token for each role. Its name is the role's with `-desk`."""
    path.write_text("".join(line(f"{role}-desk", role, token) for role, token in TOKENS.items()))
    return path


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
