"""The facts that rules read from the previous answer, and since when each lifted output has had its value."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from schemas.carried_out import CarriedOutReader
from schemas.previous import Previous
from schemas.previous_reader import PreviousReader
from schemas.vocabulary import Fact
from service.language.declared.previous_facts import (
    ACTIONS,
    AS_OF,
    GIVEN,
    GROUP,
    RESPONSES,
    SINCE,
    is_told,
)
from service.language.model import ACTION_OUTPUTS, Pack


def previous_values(
    pack: Pack, previous: Previous | None, carried_out: Collection[str] = ()
) -> Iterator[tuple[str, Any]]:
    """The `previous.*` facts. An output that the previous answer leaves out has its default there.

    One that was sent with a value which this version of the pack does not have is unknown: a default could be milder.
    """
    yield GIVEN, previous is not None
    if previous is None:
        return
    yield AS_OF, previous.as_of
    asked = [code for code in previous.actions or () if code not in previous.conditional]
    yield ACTIONS, tuple(code for code in asked if code in pack.actions)
    yield RESPONSES, tuple(dict.fromkeys((*previous.responses, *carried_out)))
    for name, output in pack.outputs.items():
        if is_told(output):
            yield f"{GROUP}{name}", _before(pack, previous, name)
    for name in pack.lifted:
        yield f"{GROUP}{name}{SINCE}", previous.since.get(name, previous.as_of)


def _before(pack: Pack, previous: Previous, name: str) -> Any:
    """The value of an output in the previous answer, None if it is unknown."""
    if name in previous.unread:
        return None
    return previous.outputs.get(name, pack.outputs[name].default)


def previous_reader(pack: Pack) -> PreviousReader:
    """Reads the outputs in a previous answer like facts: those that rules read, and collected ones, whose changes are told."""
    outputs = {
        name: pack.previous[f"{GROUP}{name}"]
        if is_told(output)
        else Fact(name, output.value_type, output.text)
        for name, output in pack.outputs.items()
        if name not in ACTION_OUTPUTS
    }
    figures = {name: pack.vocabulary.facts[name] for name in pack.trend}
    former = pack.vocabulary.former
    return PreviousReader.of(
        outputs, ACTION_OUTPUTS, pack.lifted, pack.actions, pack.digest, figures, former
    )


def carried_out_reader(pack: Pack) -> CarriedOutReader:
    """Reads what a request tells of actions that were carried out."""
    forbidden = frozenset(code for code, action in pack.actions.items() if action.forbidden)
    return CarriedOutReader(pack.actions, forbidden)


def since(
    pack: Pack, values: dict[str, Any], previous: Previous | None, as_of: datetime
) -> dict[str, datetime]:
    """For each lifted output the moment since which it has had its present value without interruption."""
    if previous is None:
        return dict.fromkeys(pack.lifted, as_of)
    return {
        name: previous.since.get(name, previous.as_of)
        if _before(pack, previous, name) == values[name]
        else as_of
        for name in pack.lifted
    }
