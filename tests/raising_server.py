"""Tocsin with more URLs whose views raise HTTP errors, as code added to it could. For tests only."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Blueprint, Flask, Response, abort, redirect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    HTTPException,
    RequestedRangeNotSatisfiable,
    TooManyRequests,
    Unauthorized,
)

from service import create_app as create_quiet_app

SECRET = "db-7.internal"
KEPT = [
    ("Retry-After", "120"),
    ("Allow", "GET"),
    ("Set-Cookie", "a=1"),
    ("Set-Cookie", "b=2"),
    ("Cache-Control", "max-age=60"),
    ("ETag", '"state-3"'),
]
OF_THE_BODY = [
    ("Content-Type", "text/plain"),
    ("Content-Length", "3"),
    ("Content-Encoding", "gzip"),
    ("Content-Language", "fr"),
    ("Content-MD5", "rL0Y20zC+Fzt72VPzMSk2A=="),
    ("Content-Digest", "sha-256=:AAAA:"),
    ("Repr-Digest", "sha-256=:AAAA:"),
    ("Transfer-Encoding", "gzip"),
]
UNSENDABLE = [
    ("X-Break", "a\r\nX-Injected: 1"),
    ("X-Wide", "危"),
    ("X-Control", "a\x00b"),
    ("X Space", "a"),
    ("X-Colon: 1\r\nX-Injected", "a"),
]
OVERRULED = [("X-Request-Id", SECRET), ("X-Content-Type-Options", "sniff")]

blueprint = Blueprint("raising", __name__)


class Raised(HTTPException):
    """An error with any status, with headers. werkzeug has classes for some statuses only."""

    def __init__(
        self,
        status: int | None,
        headers: list[tuple[str, Any]] | None = None,
        description: str | None = None,
    ) -> None:
        super().__init__(description)
        self.code = status
        self.headers = headers or []

    def get_headers(self, environ: object = None, scope: object = None) -> list[tuple[str, Any]]:
        return self.headers


@blueprint.get("/raised/<int:status>")
def raised(status: int) -> NoReturn:
    raise Raised(status, KEPT + OF_THE_BODY)


@blueprint.get("/aborted/<int:status>")
def aborted(status: int) -> NoReturn:
    abort(Response(f"asked {SECRET} in vain", status, KEPT + OF_THE_BODY))


@blueprint.get("/unauthorized")
def unauthorized() -> NoReturn:
    schemes = [WWWAuthenticate("basic", {"realm": "the desk"}), WWWAuthenticate("bearer")]
    raise Unauthorized(www_authenticate=schemes)


@blueprint.get("/too-many")
def too_many() -> NoReturn:
    raise TooManyRequests("ten requests a second are allowed", retry_after=7)


@blueprint.get("/range")
def out_of_range() -> NoReturn:
    raise RequestedRangeNotSatisfiable(length=100)


@blueprint.get("/class-and-response")
def class_and_response() -> NoReturn:
    abort(404, response=Response("x", 410, {"Retry-After": "9"}))


@blueprint.get("/data-for-words")
def data_for_words() -> NoReturn:
    abort(400, {"key": SECRET})


@blueprint.get("/without-status")
def without_status() -> NoReturn:
    raise Raised(None, KEPT, f"asked {SECRET} in vain")


@blueprint.get("/redirected")
def redirected() -> NoReturn:
    abort(redirect("/v1/packs", 307))


@blueprint.get("/finished")
def finished() -> NoReturn:
    abort(Response("done", 200))


@blueprint.get("/unsendable")
def unsendable() -> NoReturn:
    raise Raised(403, [*UNSENDABLE, *OVERRULED, ("X-Good", "é"), ("X-Number", 5)])


def create_app() -> Flask:
    app = create_quiet_app()
    app.register_blueprint(blueprint)
    return app
