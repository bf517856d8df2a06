"""The facts that rules read from the previous answer, and since when each lifted output has had its value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schemas.previous import Previous, PreviousReader
from service.language.declared.previous_facts import (
    ACTIONS,
    AS_OF,
    GIVEN,
    GROUP,
    RESPONSES,
    SINCE,
    is_told,
)
from service.language.model import Pack


def previous_values(pack: Pack, previous: Previous | None) -> Iterator[tuple[str, Any]]:
    """The known `previous.*` facts. An output that the previous answer leaves out has its default there."""
    yield GIVEN, previous is not None
    if previous is None:
        return
    yield AS_OF, previous.as_of
    yield ACTIONS, tuple(code for code in previous.actions if code in pack.actions)
    yield RESPONSES, previous.responses
    for name, output in pack.outputs.items():
        if is_told(output):
            yield f"{GROUP}{name}", previous.outputs.get(name, output.default)
    for name in pack.lifted:
        yield f"{GROUP}{name}{SINCE}", previous.since.get(name, previous.as_of)


def previous_reader(pack: Pack) -> PreviousReader:
    """Reads the outputs in a previous answer the same way as facts."""
    told = {
        name: pack.previous[f"{GROUP}{name}"]
        for name, output in pack.outputs.items()
        if is_told(output)
    }
    return PreviousReader(told, pack.actions)


def since(
    pack: Pack, values: dict[str, Any], previous: Previous | None, as_of: datetime
) -> dict[str, datetime]:
    """For each lifted output the moment since which it has had its present value without interruption."""
    if previous is None:
        return dict.fromkeys(pack.lifted, as_of)
    return {
        name: previous.since.get(name, previous.as_of)
        if previous.outputs.get(name, pack.outputs[name].default) == values[name]
        else as_of
        for name in pack.lifted
    }
