"""Chooses the form of an answer by the Accept header: its media type, and its profile if it has several."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from flask import Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header, parse_options_header

from service.api.responses.vary import vary_by

_BARE_FRACTION = re.compile(r";\s*q\s*=\s*\.", re.IGNORECASE)
"""Java's HttpURLConnection sends `*; q=.2, */*; q=.2`. werkzeug ignores a media type with such a number."""
ANY = {"*": "*/*"}


class Offered(NamedTuple):
    """A form in which an answer can be had: `media_type`, and `profile` where this media type has several forms."""

    media_type: str
    profile: str = ""

    def __str__(self) -> str:
        return f"{self.media_type}; profile={self.profile}" if self.profile else self.media_type


class _Range(NamedTuple):
    """A part of the Accept header. `profile` is empty where it names none."""

    media_type: str
    profile: str
    quality: float

    def specificity(self, offered: Offered, has_profiles: bool) -> int:
        """How closely it names the form that is offered; 0 if it does not mean it.

        Media type parameters other than the profile, such as charset or variant, are ignored, and so is the profile of a
        media type that has no profiles.
        """
        group, _, subtype = self.media_type.partition("/")
        if self.media_type == offered.media_type:
            if not self.profile or not has_profiles:
                return 3
            return 4 if self.profile == offered.profile else 0
        if self.profile:
            return 0
        if subtype == "*" and offered.media_type.startswith(f"{group}/"):
            return 2
        return int(self.media_type == "*/*")


def negotiated(offered: Sequence[Offered]) -> Offered:
    """The form that Accept prefers, or the first one if it prefers none. Raises 406 with all that there are.

    Of forms that are accepted equally, the one that is named more closely comes first, then the one that is offered first.
    """
    ranges = _ranges(request.headers.get("Accept", ""))
    if ranges is None:
        return offered[0]
    profiled = {one.media_type for one in offered if one.profile}
    ranked = [(*_wanted(one, ranges, profiled), one) for one in offered]
    quality, _, best = max(ranked, key=lambda one: one[:2])
    if quality <= 0:
        forms = ", ".join(map(str, offered))
        raise NotAcceptable(f"the Accept header allows none of: {forms}")
    return best


def _wanted(
    offered: Offered, ranges: Sequence[_Range], profiled: Collection[str]
) -> tuple[float, int]:
    """The quality of a form, and how closely it is named. The range that names it most closely counts."""
    has_profiles = offered.media_type in profiled
    named = [(one.specificity(offered, has_profiles), one.quality) for one in ranges]
    closeness, quality = max((one for one in named if one[0]), default=(0, 0.0))
    return quality, closeness


def _ranges(header: str) -> list[_Range] | None:
    """None if nothing is said."""
    accepted = parse_accept_header(_BARE_FRACTION.sub(";q=0.", header), MIMEAccept)
    return [_range(text, quality) for text, quality in accepted] or None


def _range(text: str, quality: float) -> _Range:
    name, parameters = parse_options_header(text)
    name = name.lower()
    return _Range(ANY.get(name, name), parameters.get("profile", "").lower(), quality)


def say_that_it_varies(response: Response) -> Response:
    """For the blueprints whose answers have several forms."""
    vary_by(response, "Accept")
    return response
