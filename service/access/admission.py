"""Says from the head of a request whether its body is worth receiving. The application then refuses the others."""

from __future__ import annotations

from collections.abc import Sequence

from service.access.roles import NONE, permission
from service.access.token_list import TokenList

SCHEME = "bearer"


def admits(tokens: TokenList, method: str, path: str, authorizations: Sequence[str]) -> bool:
    """`authorizations` are the values of all headers Authorization.

    It never refuses what the application answers. At an address without a row any token will do: the answer is 404 or 405.
    """
    scheme, _, token = ",".join(authorizations).partition(" ")
    if scheme.lower() != SCHEME:
        return False
    holder = tokens.holder(token.strip())
    if holder is None:
        return False
    found = permission(method, path.removesuffix("/") or path)
    return found is NONE or found.is_open or holder.role in found.roles
