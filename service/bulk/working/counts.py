"""Counts what a run finds: answers, problems by code, values of lifted outputs, rules that fired. Counts of blocks add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from service.answering import Observer
from service.problem_details import details_of
from service.serving.served_pack import Assessment

LiftedValues = tuple[str, ...]
"""The value of each lifted output that is counted, in the order of the pack."""


@dataclass(slots=True)
class CountsOfPack:
    """Counts of one pack's answers: by the values of its lifted outputs together, and by rule that fired."""

    lifted: Counter[LiftedValues] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Counts:
    """`problems` is by code, `packs` by the name of the pack that answered."""

    answers: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    packs: dict[str, CountsOfPack] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        return self.answers + self.problems.total()

    def add(self, other: Counts) -> None:
        self.answers += other.answers
        self.problems.update(other.problems)
        for name, counts in other.packs.items():
            mine = self.packs.setdefault(name, CountsOfPack())
            mine.lifted.update(counts.lifted)
            mine.fired.update(counts.fired)

    def as_json(self) -> dict[str, Any]:
        """For the journal."""
        return {
            "answers": self.answers,
            "problems": dict(self.problems),
            "packs": {
                name: {"lifted": [[*key, count] for key, count in one.lifted.items()]}
                | {"fired": dict(one.fired)}
                for name, one in self.packs.items()
            },
        }

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> Counts:
        """Raises KeyError, TypeError and ValueError for other data."""
        packs = {
            name: CountsOfPack(
                Counter({tuple(key): count for *key, count in one["lifted"]}),
                Counter(one["fired"]),
            )
            for name, one in data["packs"].items()
        }
        return cls(data["answers"], Counter(data["problems"]), packs)


@dataclass(slots=True)
class CountingObserver(Observer):
    """Counts from the values that observers get, so that it makes no difference which keys of the answers are written.

    `counted` has by pack the lifted outputs whose values are counted. Without it neither values nor rules are.
    """

    counted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    def assessed(self, assessment: Assessment) -> None:
        self.counts.answers += 1
        summary = assessment.summary
        names = self.counted.get(summary.pack)
        if names is None:
            return
        pack = self.counts.packs.setdefault(summary.pack, CountsOfPack())
        pack.lifted[tuple([_named(summary.lifted[name]) for name in names])] += 1
        pack.fired.update(summary.fired)

    def refused(self, error: Exception) -> None:
        self.counts.problems[details_of(error)["code"]] += 1


def _named(value: Any) -> str:
    """A value of an enum, or a boolean as JSON has it."""
    return value if isinstance(value, str) else str(value).lower()
