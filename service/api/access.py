"""Refuses requests whose token is missing, unknown or of another role. The table of `service.access.roles` says who may.

Without TOCSIN_TOKENS nothing here is registered: every request is answered.
"""

from __future__ import annotations

import re
from typing import NoReturn

from flask import Flask, Response, g, request
from flask_httpauth import HTTPTokenAuth
from werkzeug.exceptions import Forbidden, Unauthorized

from service.access.roles import permission
from service.access.token_list import Holder
from service.access.token_watcher import TokenWatcher
from service.api.metrics import count_refused_caller
from service.api.state import state

REALM = "tocsin"
NO_TOKEN = "send the header Authorization: Bearer TOKEN, with a token from the operator"  # noqa: S105
UNKNOWN_TOKEN = "this token is not, or no longer, in the list; ask the operator for another"  # noqa: S105
_VARIABLE = re.compile(r"<(?:[^:>]+:)?(\w+)>")


def register_access(app: Flask, watcher: TokenWatcher) -> None:
    """Every request is checked before its view runs, and before its body is read."""
    authority = HTTPTokenAuth("Bearer", REALM)

    @authority.verify_token
    def verify(token: str) -> Holder | None:
        holder = watcher.tokens.holder(token)
        if holder:
            g.holder, g.log["token"] = holder, holder.name
        return holder

    @authority.get_user_roles
    def roles(holder: Holder) -> str:
        return holder.role

    authority.error_handler(_refuse)

    @app.before_request
    def check() -> None:
        """An address that does not exist, or not with this method, is 404 or 405 for every caller."""
        if request.url_rule is None or request.method == "OPTIONS":
            return
        g.holder = None
        g.permission = permission(request.method, _VARIABLE.sub(r"{\1}", request.url_rule.rule))
        authority.login_required(role=_needed(), optional=g.permission.is_open)(_go_on)()


def sees_all() -> bool:
    """Whether the caller gets the whole answer of an address that is open in part."""
    if state().tokens is None:
        return True
    return g.holder is not None and g.holder.role in g.permission.roles


def _go_on() -> None:
    """The view runs next."""


def _needed() -> list[str]:
    return sorted(g.permission.roles)


def _refuse(status: int) -> NoReturn:
    """Raises 401 or 403."""
    if status == 403:
        count_refused_caller("role")
        needed = " or ".join(f"'{role}'" for role in _needed()) or "that no token has"
        challenge = _challenge(403, error="insufficient_scope", scope=" ".join(_needed()))
        raise Forbidden(f"this needs the role {needed}; the token has '{g.holder.role}'", challenge)
    if "Authorization" in request.headers:
        count_refused_caller("unknown-token")
        raise Unauthorized(UNKNOWN_TOKEN, _challenge(401, error="invalid_token"))
    count_refused_caller("no-token")
    raise Unauthorized(NO_TOKEN, _challenge(401))


def _challenge(status: int, **values: str) -> Response:
    """The header of a refusal, as RFC 6750, section 3, writes it. `problem_pages` adds the rest."""
    parts = [f'{name}="{value}"' for name, value in {"realm": REALM, **values}.items()]
    return Response(status=status, headers={"WWW-Authenticate": f"Bearer {', '.join(parts)}"})
