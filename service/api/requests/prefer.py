"""Reads from the Prefer header how wrong facts are handled (RFC 7240, `handling`), and answers which handling was applied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

from flask import Response, g, request

from service.api.responses.vary import vary_by

Handling = Literal["strict", "lenient"]

HANDLINGS = ("strict", "lenient")
PREFER = "Prefer"
PREFERENCE_APPLIED = "Preference-Applied"
PREFER_PARAMETER: Mapping[str, Any] = {
    "name": PREFER,
    "in": "header",
    "description": "`handling=lenient` (RFC 7240): a wrong fact counts as null and is listed under `ignored`. "
    "`handling=strict`, the default: it is an error. Other preferences are ignored.",
    "schema": {"type": "string", "examples": [f"handling={one}" for one in HANDLINGS]},
}
"""The header in the OpenAPI document."""

_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_ELEMENT = re.compile(
    rf'(?:{_QUOTED}?|[^",])++', re.DOTALL
)  # a quote that is never closed ends with the header
_PREFERENCE = re.compile(rf"\s*({_WORD})(?:\s*=\s*({_WORD}|{_QUOTED}))?\s*(?:;.*)?", re.DOTALL)


def is_lenient() -> bool:
    """Whether the caller prefers lenient handling. Strict handling is the default."""
    if PREFER not in request.headers:
        return False
    g.handling = preferred_handling(request.headers.getlist(PREFER))
    return bool(g.handling == "lenient")


def preferred_handling(headers: list[str]) -> Handling | None:
    """The handling that these headers prefer. The first `handling` counts. Every other preference, and another value of it, is ignored."""
    for name, value in _preferences(",".join(headers)):
        if name == "handling":
            return cast(Handling, value) if value in HANDLINGS else None
    return None


def _preferences(header: str) -> Iterator[tuple[str, str]]:
    """The names and values in lower case, without parameters. A part that is not a preference is passed over."""
    for element in _ELEMENT.findall(header):
        if found := _PREFERENCE.fullmatch(element):
            name, value = found.groups(default="")
            yield name.lower(), _unquoted(value).lower()


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL) if word[:1] == '"' else word


def say_what_was_applied(response: Response) -> Response:
    """Answers are never stored, so only a response that Prefer could change says that it varies by it."""
    if PREFER in request.headers:
        vary_by(response, PREFER)
    if handling := g.get("handling"):
        response.headers[PREFERENCE_APPLIED] = f"handling={handling}"
    return response
