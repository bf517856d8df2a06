"""The suites that `make conformance` runs: where each comes from, and how its tests are judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conformance import cel, decision_tables, json_texts, yaml_documents
from tests.conformance.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Suite:
    """`title` is its heading in docs/conformance.md. `commit` is the one that was run."""

    title: str
    repository: str
    commit: str
    outcomes: Callable[[Path], Iterator[Outcome]]

    @property
    def folder(self) -> str:
        return self.repository.rpartition("/")[2]


def _cel(folder: Path) -> Iterator[Outcome]:
    from tests.conformance.textprotos import read_tests  # only its own environment has the packages

    return map(cel.judged, read_tests(folder))


SUITES = (
    Suite(
        "The CEL specification",
        "https://github.com/google/cel-spec",
        "508bd98efda47d85bcf1b9930dd5f35fa37e9a18",
        _cel,
    ),
    Suite(
        "The DMN TCK",
        "https://github.com/dmn-tck/tck",
        "0dbcaf9b98bc3af4e36d44a7aed95e9e85703a13",
        decision_tables.outcomes,
    ),
    Suite(
        "JSONTestSuite",
        "https://github.com/nst/JSONTestSuite",
        "1ef36fa01286573e846ac449e8683f8833c5b26a",
        json_texts.outcomes,
    ),
    Suite(
        "yaml-test-suite",
        "https://github.com/yaml/yaml-test-suite",
        "ccfa74e56afb53da960847ff6e6976c0a0825709",
        yaml_documents.outcomes,
    ),
)
