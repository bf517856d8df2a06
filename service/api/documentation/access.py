"""Says in the OpenAPI document which operations need a token on a server that has tokens, and of which role."""

from __future__ import annotations

from schemas.strict_json import Json
from service.access.roles import OPEN, ROLES, TABLE, permission
from service.api.documentation.headers import operations, problem

_SCHEME = "bearer"
_CHALLENGE = "WWW-Authenticate"
_ABOUT = (
    "Only on a server that has tokens. An operator makes a token with `tocsin token NAME ROLE`. "
    "A token has one role: "
)


def describe_access(document: Json) -> None:
    """Adds to the document that a token can be needed, and the problems of requests without one."""
    document["security"] = [{}, {_SCHEME: []}]
    document["components"]["securitySchemes"] = {
        _SCHEME: {"type": "http", "scheme": _SCHEME, "description": _about()}
    }
    document["components"].setdefault("headers", {})[_CHALLENGE] = {
        "description": "How to authenticate (RFC 6750)",
        "required": True,
        "schema": {"type": "string"},
    }
    for path, method, operation in operations(document):
        if permission(method.upper(), path).is_open:
            operation["security"] = []
        else:
            operation["responses"] |= {str(status): _problem(status) for status in (401, 403)}


def _problem(status: int) -> Json:
    headers = {_CHALLENGE: {"$ref": f"#/components/headers/{_CHALLENGE}"}}
    return {**problem(status), "headers": headers}


def _about() -> str:
    """The roles, each with what it may do that is not open."""
    may = {
        role: [
            f"{m} {path}" for (m, path), row in TABLE.items() if role in row.roles and row != OPEN
        ]
        for role in ROLES
    }
    return _ABOUT + "; ".join(f"`{role}` for {', '.join(listed)}" for role, listed in may.items())
