"""One entry of the register of laws and conventions that a pack cites, as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from schemas.files.names import HowRead
from schemas.vocabulary import Text
from service.language.place import Place


@dataclass(frozen=True, slots=True)
class RegisteredGround:
    """A law or convention. `text` is what an answer prints. One without `place` is a principle, which is cited anywhere.

    `read` says whether its text was read, only a summary, or neither; `checked` when. `cited_by` has the codes of the
    actions and the ids of the rules that cite it. `at` is where it is declared.
    """

    name: str
    text: Text
    says: Text
    source: Text
    checked: date
    read: HowRead
    at: Place = field(compare=False)
    place: str | None = None
    clock: Text = field(default_factory=dict)
    deadline: Text = field(default_factory=dict)
    binds: Text = field(default_factory=dict)
    to: Text = field(default_factory=dict)
    in_force: date | None = None
    cited_by: tuple[str, ...] = ()
