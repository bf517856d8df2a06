"""Answers pandas data frames: one row of results for each row of incidents, with the same index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from service.distributed.assess_texts import AssessedText, IncidentText, assess_texts
from service.distributed.result_columns import ANSWER, PROBLEM, LiftedColumn, ResultColumns
from service.distributed.run import RunSettings

_TEXTS = "string[pyarrow]"
_TYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}


def assess_frame(
    incidents: pd.DataFrame, settings: RunSettings, columns: ResultColumns
) -> pd.DataFrame:
    """The results of incidents. Raises what `assess_texts` raises, and TypeError if an incident is no text."""
    rows = assess_texts(settings, _texts(incidents[columns.incident]))
    return with_results(columns, incidents, rows)


def with_results(
    columns: ResultColumns, incidents: pd.DataFrame, rows: Sequence[AssessedText]
) -> pd.DataFrame:
    """The columns that are kept, and those of the results."""
    found: dict[str, Any] = {
        ANSWER: pd.array([row.answer for row in rows], dtype=_TEXTS),
        PROBLEM: pd.array([row.problem for row in rows], dtype=_TEXTS),
    }
    for one in columns.lifted:
        values = [row.lifted.get(one.name) for row in rows]
        found[one.name] = pd.array(values, dtype=_type(one))
    return incidents[list(columns.kept)].assign(**found)


def _type(column: LiftedColumn) -> Any:
    if column.values:
        return pd.CategoricalDtype(pd.Index(column.values, dtype=object))
    return _TYPES.get(column.type, _TEXTS)


def _texts(column: pd.Series) -> list[IncidentText]:
    texts: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    for text in texts:
        if not isinstance(text, str | bytes | None):
            raise TypeError(
                f"the column '{column.name}' has a {type(text).__name__}, but it must have JSON texts"
            )
    return texts
