"""The id of an answer: a UUIDv5 of everything that the answer depends on. The same id means the same bytes. docs/api.md defines it.

It must not list what is asked: whatever `Posted` has is part of the id, so that a new way to ask cannot be forgotten.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from schemas.incident import sent_keys
from service.asking.posted import Posted
from service.asking.software import version_of

NAMESPACE = UUID("7c4b8d6e-93f5-4a1b-8a53-6f0d4c2e91b7")
VERSION = version_of("tocsin")
_READ_APART = ("body", "now")
"""The body counts without the keys that are left out, and our moment only as the resolved moment."""
_DEFAULTS = {field.name: field.default for field in fields(Posted) if field.name not in _READ_APART}


def assessment_id(posted: Posted, moment: datetime, digest: str, version: str = VERSION) -> str:
    """`moment` is the one that the answer is about: `as_of`, or the present moment."""
    return str(uuid5(NAMESPACE, canonical_form(posted, moment, digest, version)))


def canonical_form(posted: Posted, moment: datetime, digest: str, version: str) -> str:
    """One text for all requests that ask the same of the same version at the same moment."""
    return _write(
        {
            "tocsin": version,
            "digest": digest,
            "moment": moment.astimezone(UTC).isoformat(),
            "asked": {"body": sent_keys(posted.body), **_outside_the_body(posted)},
        }
    )


def _outside_the_body(posted: Posted) -> dict[str, Any]:
    said = {name: getattr(posted, name) for name in _DEFAULTS}
    return {name: value for name, value in said.items() if value != _DEFAULTS[name]}


_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
