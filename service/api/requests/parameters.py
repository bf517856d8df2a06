"""Checks the query parameters of a request under /v1: a parameter that its address does not know could be meant to change the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flask import Flask, current_app, request

from schemas.closest import did_you_mean
from schemas.field_error import MAX_ERRORS, FieldError, shortened
from service.serving.served_pack import RefusedIncident

View = TypeVar("View", bound=Callable[..., Any])
CHECKED = "/v1/"
_PARAMETERS = "query_parameters"
_BOOLEANS = {"drafts": {"true": True, "false": False}}
"""Keys of a body that are booleans, with what the query writes for them."""
OF_INCIDENTS = {
    "locale": "The language of the answer, as the key `locale` of the body",
    "pack": "The pack that assesses, as the key `pack` of the body",
    "timezone": "The time zone of the moments in the answer, as the key `timezone` of the body",
    "drafts": "`true` adds words ready to send, as the key `drafts` of the body",
    "fields": "The keys of the answer that are wanted, with commas between them, as the key `fields` of the body",
}
"""Keys of a body that the query may have instead, with their descriptions. In a batch they are meant for every line."""


def described(parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """For the OpenAPI document."""
    return [
        {"name": name, "in": "query", "schema": _schema(name), "description": description}
        for name, description in parameters.items()
    ]


def _schema(name: str) -> dict[str, str]:
    return {"type": "boolean" if name in _BOOLEANS else "string"}


def takes(names: Iterable[str]) -> Callable[[View], View]:
    """The query parameters of a view. A view without this decorator has none."""

    def decorate(view: View) -> View:
        setattr(view, _PARAMETERS, tuple(names))
        return view

    return decorate


def register_parameters(app: Flask) -> None:
    app.before_request(_check)


def parameters() -> Mapping[str, str]:
    """The query parameters of this request, each given once."""
    return request.args.to_dict() if request.query_string else {}


def with_parameters(body: Any, said: Mapping[str, str]) -> Any:
    """The body with what the query says too. Raises RefusedIncident where both say something different.

    A key that is null counts as left out. A body that is not an object is refused later.
    """
    if not said or not isinstance(body, dict):
        return body
    meant = {name: _BOOLEANS.get(name, {}).get(value, value) for name, value in said.items()}
    errors = [
        _differs(name, body[name], said[name])
        for name, value in meant.items()
        if body.get(name) is not None and not _is_same(body[name], value)
    ]
    if errors:
        raise RefusedIncident(errors)
    return {**body, **meant}


def _is_same(in_body: Any, in_query: Any) -> bool:
    """Whether both say the same: 1 is not true."""
    return type(in_body) is type(in_query) and bool(in_body == in_query)


def _check() -> None:
    """Raises RefusedIncident for a parameter that is unknown or given twice. An address that does not exist is 404 first.

    A browser shows a page no answer to a request whose preflight (OPTIONS) was refused.
    """
    if not request.query_string or request.method == "OPTIONS" or request.endpoint is None:
        return
    if not request.path.startswith(CHECKED):
        return
    view = current_app.view_functions[request.endpoint]
    known = getattr(view, _PARAMETERS, ())
    errors = [_twice(name) for name in known if len(set(request.args.getlist(name))) > 1]
    unknown = [name for name in request.args if name not in known]
    errors += [_unknown(name, known) for name in unknown[: MAX_ERRORS - len(errors)]]
    if errors:
        raise RefusedIncident(errors)


def _unknown(name: str, known: tuple[str, ...]) -> FieldError:
    allowed = "one of " + ", ".join(known) if known else "no parameters"
    hint = did_you_mean(name, known)
    message = "is not a query parameter of this address"
    return FieldError(f"?{name[:80]}", "unknown-parameter", message, None, allowed, hint)


def _twice(name: str) -> FieldError:
    given = shortened(request.args.getlist(name))
    return FieldError(f"?{name}", "parameter-twice", "is given with different values", given)


def _differs(name: str, in_body: Any, in_query: str) -> FieldError:
    message = f"is something else than the query parameter {name}={shortened(in_query)}"
    hint = "send it in the body or in the query, not in both"
    return FieldError(name, "parameter-differs", message, shortened(in_body), "", hint)
