"""The one table of who may: a row for each address and method. It must not know how a caller proves who it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

CallerRole = Literal["post", "read", "operate"]
ROLES: tuple[CallerRole, ...] = get_args(CallerRole)


@dataclass(frozen=True, slots=True)
class Permission:
    """`roles` may. If it `is_open`, requests without a token are answered too; then only `roles` see all of the answer."""

    roles: frozenset[CallerRole]
    is_open: bool = False
    less: str = ""
    """What an open answer then lacks."""


OPEN = Permission(frozenset(ROLES), is_open=True)
POST = Permission(frozenset({"post"}))
ANY = Permission(frozenset(ROLES))
OPERATE = Permission(frozenset({"operate"}))
NONE = Permission(frozenset())

TABLE: Mapping[tuple[str, str], Permission] = {
    ("POST", "/v1/assessments"): POST,
    ("POST", "/v1/assessments/batch"): POST,
    ("GET", "/v1/packs"): ANY,
    ("GET", "/v1/packs/{name}"): ANY,
    ("GET", "/v1/packs/{name}/facts"): ANY,
    ("GET", "/v1/packs/{name}/actions"): ANY,
    ("GET", "/v1/packs/{name}/outputs"): ANY,
    ("GET", "/v1/packs/{name}/rules"): ANY,
    ("GET", "/v1/packs/{name}/brands"): ANY,
    ("GET", "/v1/packs/{name}/brands/{brand}"): ANY,
    ("GET", "/openapi.json"): ANY,
    ("GET", "/metrics"): OPERATE,
    ("GET", "/readyz"): Permission(
        frozenset({"operate"}),
        is_open=True,
        less="only `status`",
    ),
    ("GET", "/healthz"): OPEN,
    ("GET", "/"): OPEN,
    ("GET", "/docs"): OPEN,
    ("GET", "/docs/{name}"): OPEN,
}
"""An address without a row answers with no role. HEAD is as GET, and OPTIONS is open: a browser sends it without a token."""


def permission(method: str, path: str) -> Permission:
    """`path` has its variable parts in braces, as in OpenAPI."""
    return TABLE.get(("GET" if method == "HEAD" else method, path), NONE)
