"""The id of an answer: a UUIDv5 of everything that the answer depends on. The same id means the same bytes. docs/api.md defines it.

It must not list what is asked: whatever `Posted` has is part of the id, so that a new way to ask cannot be forgotten.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any
from uuid import UUID

from schemas.incident import sent_keys
from service.asking.canonical import canonical
from service.asking.posted import Posted
from service.asking.software import version_of

NAMESPACE = UUID("7c4b8d6e-93f5-4a1b-8a53-6f0d4c2e91b7")
VERSION = version_of("tocsin")
_READ_APART = ("body", "now")
"""The body counts without the keys that are left out, and our moment only as the resolved moment."""
_DEFAULTS = {field.name: field.default for field in fields(Posted) if field.name not in _READ_APART}


def assessment_id(posted: Posted, moment: datetime, digest: str, version: str = VERSION) -> str:
    """`moment` is the one that the answer is about: `as_of`, or the present moment."""
    name = canonical_form(posted, moment, digest, version)
    # uuid.uuid5 takes no bytes before Python 3.12. UUIDv5 is defined with SHA-1; nothing secret depends on it.
    hashed = sha1(NAMESPACE.bytes + name, usedforsecurity=False).digest()
    return str(UUID(bytes=hashed[:16], version=5))


def canonical_form(posted: Posted, moment: datetime, digest: str, version: str) -> bytes:
    """The same bytes for all requests that ask the same of the same version at the same moment."""
    return canonical(
        {
            "asked": {"body": sent_keys(posted.body), **_outside_the_body(posted)},
            "digest": digest,
            "moment": moment.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "tocsin": version,
        }
    )


def _outside_the_body(posted: Posted) -> dict[str, Any]:
    said = {name: getattr(posted, name) for name in _DEFAULTS}
    return {name: value for name, value in said.items() if value != _DEFAULTS[name]}
