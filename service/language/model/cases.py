"""Cases, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.language.place import Place


@dataclass(frozen=True, slots=True)
class Case:
    """A worked example. `facts` and `previous` have the form in which an API caller sends them.

    If `follows` is true, the answer to the case before it is its previous answer, and `responses` are the
    actions carried out since then. `done` has the form in which a caller tells when actions were carried out. `places` has the place of each expectation and of each fact.
    """

    name: str
    source: str
    as_of: datetime
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]
    place: Place = field(compare=False)
    places: Mapping[str, Place] = field(compare=False)
    previous: Mapping[str, Any] | None = None
    follows: bool = False
    responses: tuple[str, ...] = ()
    brand: str | None = None
    done: tuple[Any, ...] = ()
