"""A brand, as a frozen value: what does not change from one of its incidents to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from schemas.facts import LoadedFacts
from schemas.reported import Reported
from schemas.vocabulary import Text


@dataclass(frozen=True, slots=True)
class Brand:
    """`written` are its facts as its author wrote them, `values` the same by dotted name.

    `reported` has all of them with the name of the brand, so that provenance says where they come from.
    """

    name: str
    text: Text
    timezone: ZoneInfo | None
    locale: str | None
    written: Mapping[str, Any]
    values: Mapping[str, Any]
    reported: Mapping[str, Reported]

    def under(self, posted: LoadedFacts) -> LoadedFacts:
        """The posted facts, and those of the brand that were not posted. A fact that was posted as null, or wrong, stays null."""
        own = {name: one for name, one in self.reported.items() if name not in posted.values}
        return posted._replace(
            values={**self.values, **posted.values},
            reported={**own, **posted.reported},
        )
