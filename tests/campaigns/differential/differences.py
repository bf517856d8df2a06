"""A difference that a comparison found, with everything needed to reproduce it, and how its sample is made small."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar

from schemas.scalars import format_datetime
from tests.campaigns.differential.shrink import Pick, shrunk, smaller_facts, smaller_files
from tests.oracles.texts import Expression
from tests.semantics.random_packs import text_of

Files = Mapping[str, Any]


class Sample(Protocol):
    """Input on which two judges differ."""

    def smaller(self, pick: Pick) -> Sample: ...

    def __str__(self) -> str: ...


S = TypeVar("S", bound=Sample)


@dataclass(frozen=True)
class PackSample:
    """A pack, as the data of its files, and an incident."""

    files: Files
    facts: Mapping[str, Any]
    as_of: datetime

    def smaller(self, pick: Pick) -> PackSample:
        return replace(
            self, files=smaller_files(self.files, pick), facts=smaller_facts(self.facts, pick)
        )

    def write(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        for name, data in self.files.items():
            (folder / name).write_text(text_of(data), "utf-8")

    def __str__(self) -> str:
        files = "\n".join(f"# {name}\n{text_of(data)}" for name, data in self.files.items())
        return f"{files}\n{_incident(self.facts, self.as_of)}"


@dataclass(frozen=True)
class ConditionSample:
    """A condition in both spellings, and an incident."""

    expression: Expression
    facts: Mapping[str, Any]
    as_of: datetime

    def smaller(self, pick: Pick) -> ConditionSample:
        return replace(
            self,
            expression=_smaller_expression(self.expression, pick),
            facts=smaller_facts(self.facts, pick),
        )

    def __str__(self) -> str:
        condition = {"when": self.expression.tocsin, "plain CEL": self.expression.cel}
        return f"# condition\n{text_of(condition)}\n{_incident(self.facts, self.as_of)}"


def _smaller_expression(expression: Expression, pick: Pick) -> Expression:
    """The expression or one of its parts. Parts are not combined again, because the two spellings must keep one meaning."""
    choice = pick(len(expression.parts))
    return (*expression.parts, expression)[choice]


def _incident(facts: Mapping[str, Any], as_of: datetime) -> str:
    plain = {name: _as_posted(value) for name, value in facts.items()}
    return "# incident\n" + text_of({"as_of": format_datetime(as_of), "facts": plain})


def _as_posted(value: Any) -> Any:
    match value:
        case datetime():
            return format_datetime(value)
        case timedelta():
            return f"{value // timedelta(microseconds=1)}us"
        case tuple():
            return list(value)
    return value


@dataclass(frozen=True)
class Difference:
    """`comparison` names the judges, `said` has their results for the sample."""

    comparison: str
    said: str
    sample: Sample

    def __str__(self) -> str:
        return f"{self.comparison}: {self.said}\n{self.sample}"


def small(
    comparison: str, sample: S, differs: Callable[[S, Path], str | None], folder: Path
) -> Difference:
    """The difference on the smallest sample found that still shows one."""

    def still(candidate: S) -> bool:
        with TemporaryDirectory(dir=folder) as aside:
            return differs(candidate, Path(aside) / "pack") is not None

    smallest = shrunk(sample, still)
    with TemporaryDirectory(dir=folder) as aside:
        said = differs(smallest, Path(aside) / "pack")
    return Difference(
        comparison, said or "not reproduced: the results of the judges vary", smallest
    )
