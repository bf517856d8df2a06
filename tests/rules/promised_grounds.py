"""Whose law an answer cites: of no other place than those that are known, or that an unknown fact may still bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.language.model import RegisteredGround

Grounds = Mapping[str, RegisteredGround]
PLACES: Mapping[str, Mapping[str, str]] = {
    "identity.jurisdiction": {},
    "identity.operates_in": {},
    "identity.persons_in": {},
    "identity.listed_in": {"mainland": "cn", "us_domestic": "us", "us_foreign": "us"},
}
"""Facts that name places, each with the places that its values mean, where they are called otherwise."""
CITING = ("actions", "blocked", "held")


def foreign_grounds(
    grounds: Grounds, facts: Mapping[str, Any], answer: Mapping[str, Any]
) -> Iterator[str]:
    """A sentence for each ground of a place that no known fact names. A duty in doubt may have those that are still possible."""
    known = {place for name in PLACES for place in places(name, facts.get(name) or ())}
    for entry in (entry for where in CITING for entry in answer[where]):
        doubt = (entry.get("if") or {}).get("facts", ())
        if any(name in PLACES and facts.get(name) is None for name in doubt):
            continue
        if foreign := cited(grounds, entry["ground"]) - known:
            yield f"{entry['code']} cites the law of {sorted(foreign)}, known: {sorted(known)}"


def places(name: str, values: tuple[str, ...]) -> set[str]:
    return {PLACES[name].get(value, value) for value in values}


def cited(grounds: Grounds, ground: str | None) -> set[str]:
    """The places of the entries of the register that this text prints, in any language.

    The text of one entry can be within that of another (GDPR, UK GDPR), so the longest are looked for first.
    """
    rest, found = ground or "", set[str]()
    texts = [(text, entry.place) for entry in grounds.values() for text in entry.text.values()]
    for text, place in sorted(texts, key=lambda one: -len(one[0])):
        if text in rest:
            rest = rest.replace(text, "")
            found |= {place} if place is not None else set()
    return found
