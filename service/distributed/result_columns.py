"""The columns of a table of results: those kept of the incidents, the answer, the problem, and outputs if they are wanted.

It knows no engine. What can be wrong with the columns is found here, before any work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.types import TypeName
from service.language.model import Pack

INCIDENT, ANSWER, PROBLEM = "incident", "answer", "problem"


@dataclass(frozen=True, slots=True)
class LiftedColumn:
    """An output at the top of an answer. `values` are those that an enum can have, in the pack's order; else there are none."""

    name: str
    type: TypeName
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultColumns:
    """`incident` is the column with the JSON texts. `kept` are the columns of the input that the results have too."""

    incident: str
    kept: tuple[str, ...]
    lifted: tuple[LiftedColumn, ...] = ()

    def names(self) -> list[str]:
        return [*self.kept, ANSWER, PROBLEM, *(one.name for one in self.lifted)]


def lifted_columns(pack: Pack) -> tuple[LiftedColumn, ...]:
    types = {name: pack.outputs[name].type for name in pack.lifted}
    return tuple(LiftedColumn(name, type_.name, type_.values) for name, type_ in types.items())


def result_columns(
    present: Sequence[str],
    incident: str,
    kept: Sequence[str] | None,
    lifted: Sequence[LiftedColumn] = (),
) -> ResultColumns:
    """The columns of the results, whose incidents have the columns `present`. `kept` is None for all but the incident.

    Raises ValueError if a column is missing, or two columns would have one name.
    """
    if kept is None:
        kept = [name for name in present if name != incident]
    for name in (incident, *kept):
        if name not in present:
            raise ValueError(f"there is no column '{name}'; there are: {', '.join(present)}")
    columns = ResultColumns(incident, tuple(kept), tuple(lifted))
    names = columns.names()
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"two columns of the results would be called '{name}': rename that of the incidents, or do not keep it"
            )
    return columns
