"""What a caller asks, wherever it was said, and the present moment: one value from the edge to the pack. It must not read or check anything.

Nothing that can change an answer may go beside this value: the id of an answer is computed from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Posted:
    """The body, the present moment, and what was said outside of the body. `now` is used if the body has no as_of.

    `lenient` asks for an answer also if facts are wrong: they count as null.

    A field that is added for another way to ask has a default: what it is if a caller does not ask in that way.
    """

    body: Any
    now: datetime
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """Makes this value from a body: adds the present moment, and what the request says outside of its bodies.

    `extend` adds to a body the keys that were said outside of it.
    """

    clock: Callable[[], datetime]
    lenient: bool = False
    extend: Callable[[Any], Any] = lambda body: body

    def __call__(self, body: Any) -> Posted:
        return Posted(self.extend(body), self.clock(), self.lenient)
