"""Loads a pack: reads its folder's files in order, collects every problem, and gives a frozen Pack when there is no error."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from marshmallow import Schema

from schemas.pack_files import ActionsFile, CasesFile, FactsFile, PackFile, RulesFile
from schemas.vocabulary import Fact, Vocabulary
from service.language.cases import CaseContext, read_cases
from service.language.collector import Collector
from service.language.conditions.scope import AS_OF, Scope
from service.language.declared.actions import check_due, read_actions
from service.language.declared.contingency import read_contingency
from service.language.declared.derived_facts import read_derived
from service.language.declared.facts import name_conflicts, read_facts
from service.language.declared.outputs import read_outputs
from service.language.declared.previous_facts import previous_facts, reserved_names, unguarded
from service.language.declared.review import read_review
from service.language.declared.roles import (
    asked_roles,
    named_kinds,
    named_roles,
    read_kinds,
    read_roles,
)
from service.language.declared.whole_pack import (
    answer_problems,
    circle_problem,
    clock_problems,
    locale_problems,
    read_timezone,
    unset_outputs,
)
from service.language.dependencies import CircleError, stratify
from service.language.files.read_file import read_file
from service.language.files.source import Source
from service.language.model import (
    Action,
    ActionKind,
    Case,
    Derived,
    Output,
    Pack,
    Role,
    Rule,
    Table,
)
from service.language.problem import Problem, has_errors
from service.language.rules.consequences import RuleContext
from service.language.rules.rules import RuleReader, duplicate_rules, rule_names
from service.language.texts.placeholders import placeholder_problems
from service.language.texts.report_texts import own_texts, read_report
from service.language.texts.translations import missing_translations

Loaded = TypeVar("Loaded")

PACK_FILE, FACTS_FILE, ACTIONS_FILE = "pack.yaml", "facts.yaml", "actions.yaml"
DECLARATIONS = (PACK_FILE, FACTS_FILE, ACTIONS_FILE)
CASES_FOLDER = "cases"


def load_pack(folder: FilePath, *, with_cases: bool = False) -> tuple[Pack | None, list[Problem]]:
    """The pack in `folder`, or None when any problem is an error; problems sorted by place.

    Cases bear no meaning for answers and are only read when asked for.
    """
    loader = _PackLoader(folder)
    pack = loader.load(with_cases)
    problems = sorted(set(loader.problems))
    return (None if has_errors(problems) else pack), problems


def rule_files(folder: FilePath) -> list[FilePath]:
    return sorted(p for p in folder.glob("*.yaml") if p.name not in DECLARATIONS and p.is_file())


def meaning_files(folder: FilePath) -> list[FilePath]:
    """The files that bear meaning: all but the cases. A declaration that is missing is among them."""
    return sorted([folder / name for name in DECLARATIONS] + rule_files(folder))


def digest(folder: FilePath) -> str:
    """SHA-256 over the names and contents of the files that bear meaning."""
    sha = hashlib.sha256()
    for path in meaning_files(folder):
        content = path.read_bytes() if path.exists() else b""
        sha.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return sha.hexdigest()


@dataclass(slots=True)
class _PackLoader:
    folder: FilePath
    collector: Collector = field(default_factory=Collector)
    problems: list[Problem] = field(init=False)
    sources: list[tuple[Source, type[Schema]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.problems = self.collector.problems

    def load(self, with_cases: bool) -> Pack | None:
        pack_source, about = self._read(PACK_FILE, PackFile)
        facts_source, declared = self._read(FACTS_FILE, FactsFile)
        actions_source, catalogue = self._read(ACTIONS_FILE, ActionsFile)
        rule_sources = [self._read(path.name, RulesFile) for path in rule_files(self.folder)]
        if not (pack_source and facts_source and actions_source):
            return None
        if about is None or declared is None or catalogue is None:
            return None
        self.problems += locale_problems(about, pack_source)
        timezone = self._noting(read_timezone(about["timezone"], pack_source))
        actions, roles, kinds = self._catalogue(catalogue, actions_source)
        outputs = self._noting(read_outputs(about["outputs"], actions, pack_source))
        previous = previous_facts(outputs, about["answer"], actions)
        posted, computed, derived = self._facts(declared, previous, facts_source)
        facts = {**posted, **computed, **previous}
        self.problems += asked_roles(posted, roles, facts_source)
        self.problems += check_due(actions, facts, outputs, actions_source)
        self.problems += answer_problems(
            about["answer"], outputs, posted, pack_source, facts_source
        )
        review = self._noting(
            read_review(about.get("review"), facts, outputs, actions, pack_source)
        )
        self.problems += clock_problems(about.get("clock", ()), facts, pack_source)
        contingency = self._noting(
            read_contingency(about.get("contingency"), outputs, posted, facts, pack_source)
        )
        scope = Scope(facts, outputs, facts_file=facts_source.file)
        verdict = about.get("verdict", {})
        names = [*facts, *about["outputs"], AS_OF]
        self.problems += placeholder_problems(pack_source, verdict, ("verdict",), names)
        context = RuleContext(scope, posted, outputs, actions, kinds, timezone)
        rules, tables = self._rules(rule_sources, context)
        self.problems += unguarded(rules, derived, previous)
        strata, final = self._strata(rules, outputs)
        if not has_errors(self.problems):
            self.problems += unset_outputs(rules, outputs, pack_source)
        ids = [name for _, data in rule_sources if data for name, _ in rule_names(data)]
        cases = self._cases(outputs, actions, ids, timezone) if with_cases else []
        for source, schema in self.sources:
            if schema is not CasesFile:  # what cases say is in no answer
                self.problems += missing_translations(source, schema(), tuple(about["title"]))
        return Pack(
            name=about["pack"],
            version=about["version"],
            title=about["title"],
            locale=about["locale"],
            timezone=timezone,
            lifted=tuple(about["answer"]),
            outputs=outputs,
            vocabulary=Vocabulary(posted),
            previous=previous,
            derived=tuple(derived),
            actions=actions,
            roles=roles,
            kinds=kinds,
            rules=tuple(rules),
            tables=tuple(tables),
            strata=strata,
            output_stratum=final,
            words={key.rstrip("_"): text for key, text in about.get("words", {}).items()},
            review=review,
            clock=tuple(about.get("clock", ())),
            verdict=verdict,
            report=self._noting(read_report(about, pack_source)),
            own_report=own_texts(about),
            help=about.get("help", {}),
            cases=tuple(cases),
            digest=digest(self.folder),
            contingency=contingency,
        )

    def _read(self, name: str, schema: type[Schema]) -> tuple[Source | None, Any]:
        read = read_file(self.folder / name, schema, self.collector)
        if read is None:
            return None, None
        self.sources.append((read.source, schema))
        return read.source, read.data

    def _noting(self, result: tuple[Loaded, list[Problem]]) -> Loaded:
        self.problems += result[1]
        return result[0]

    def _catalogue(
        self, catalogue: Mapping[str, Any], source: Source
    ) -> tuple[dict[str, Action], dict[str, Role], dict[str, ActionKind]]:
        actions = self._noting(read_actions(catalogue["actions"], source))
        roles = self._noting(read_roles(catalogue.get("roles", {}), source))
        kinds = read_kinds(catalogue.get("kinds", {}))
        self.problems += named_roles(actions, roles, source)
        self.problems += named_kinds(actions, kinds, source)
        return actions, roles, kinds

    def _facts(
        self, declared: Mapping[str, Any], previous: Mapping[str, Fact], source: Source
    ) -> tuple[dict[str, Fact], dict[str, Fact], list[Derived]]:
        entries = declared.get("derived", {})
        posted = self._noting(read_facts(declared["facts"], source, "facts"))
        computed = self._noting(read_facts(entries, source, "derived"))
        self.problems += name_conflicts([*posted, *computed], source)
        self.problems += reserved_names(posted, source, "facts")
        self.problems += reserved_names(computed, source, "derived")
        known = {**posted, **computed, **previous}
        derived = self._noting(read_derived(entries, computed, known, source))
        return posted, computed, derived

    def _rules(
        self, sources: Sequence[tuple[Source | None, Any]], context: RuleContext
    ) -> tuple[list[Rule], list[Table]]:
        rules: list[Rule] = []
        tables: list[Table] = []
        seen: dict[str, str] = {}
        for source, data in sources:
            if source is None or data is None:
                continue
            reader = RuleReader(source, context)
            rules += reader.read(data)
            tables += reader.tables
            self.problems += reader.problems
            self.problems += duplicate_rules(source, data, seen)
        return rules, tables

    def _strata(
        self, rules: list[Rule], outputs: Mapping[str, Output]
    ) -> tuple[tuple[tuple[int, ...], ...], dict[str, int]]:
        try:
            return stratify(rules, tuple(outputs))
        except CircleError as circle:
            self.problems.append(circle_problem(circle, rules))
            return (), {}

    def _cases(
        self,
        outputs: Mapping[str, Output],
        actions: Mapping[str, Action],
        rules: Sequence[str],
        timezone: ZoneInfo,
    ) -> list[Case]:
        cases: list[Case] = []
        for path in sorted((self.folder / CASES_FOLDER).glob("*.yaml")):
            source, data = self._read(f"{CASES_FOLDER}/{path.name}", CasesFile)
            if source is None or data is None:
                continue
            context = CaseContext(source, outputs, actions, rules, timezone)
            cases += self._noting(read_cases(data["cases"], context))
        return cases
