"""Loads a pack: reads its folder's files in order, collects every problem, and returns a frozen Pack if there is no error."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, TypeVar

from marshmallow import Schema

from schemas.pack_files import ActionsFile, CasesFile, FactsFile, PackFile, RulesFile
from schemas.vocabulary import Fact, Vocabulary
from service.language.cases import CaseContext, read_cases
from service.language.collector import Collector, FullError, ValueReporter
from service.language.conditions.scope import AS_OF, Scope
from service.language.declared.actions import check_deadlines, read_actions
from service.language.declared.contingency import read_contingency
from service.language.declared.derived_facts import read_derived
from service.language.declared.facts import check_names, read_facts
from service.language.declared.outputs import read_outputs
from service.language.declared.previous_facts import check_group, check_guards, previous_facts
from service.language.declared.review import read_review
from service.language.declared.roles import (
    check_kinds_of_actions,
    check_roles_of_actions,
    check_roles_of_facts,
    read_kinds,
    read_roles,
)
from service.language.declared.whole_pack import (
    check_clock,
    check_evidence,
    check_lifted,
    check_locale,
    check_outputs_set,
    read_timezone,
    report_circle,
)
from service.language.dependencies import CircleError, stratify
from service.language.files.compose import MAX_NODES
from service.language.files.look import ACTIONS_FILE, DECLARATIONS, FACTS_FILE, PACK_FILE
from service.language.files.pack_files import PackFiles, read_files
from service.language.files.read_file import LoadedFile, read_file
from service.language.model import (
    Action,
    ActionKind,
    Case,
    Derived,
    Output,
    Pack,
    Role,
    Rule,
)
from service.language.problem import Problem, has_errors
from service.language.rules.consequences import RuleContext
from service.language.rules.rules import RuleReader, check_rule_names, rule_names
from service.language.texts.placeholders import check_placeholders
from service.language.texts.report_texts import own_texts, read_report
from service.language.texts.translations import check_translations

Result = TypeVar("Result")


def load_pack(folder: FilePath, *, with_cases: bool = False) -> tuple[Pack | None, list[Problem]]:
    """The pack in `folder`, or None if any problem is an error; and the problems, sorted by place.

    Cases do not affect answers. They are read only if `with_cases` is true.
    """
    return load_files(read_files(folder, with_cases=with_cases))


def load_files(files: PackFiles) -> tuple[Pack | None, list[Problem]]:
    """The same for files that were read already."""
    collector = Collector()
    pack = None
    with suppress(FullError):
        pack = within_limits(files, collector, _PackLoader(files, collector).load)
    problems = collector.listed()
    return (None if has_errors(problems) else pack), problems


def refusals(files: PackFiles) -> list[Problem]:
    """The problems of the files that could not be read."""
    collector = Collector()
    with suppress(FullError):
        _report_refusals(files, collector)
    return collector.listed()


def _report_refusals(files: PackFiles, collector: Collector) -> None:
    for name, refusal in sorted(files.refused.items()):
        collector.at(files.place(name)).error(*refusal)


def within_limits(
    files: PackFiles, collector: Collector, work: Callable[[], Result]
) -> Result | None:
    """What `work` returns. None if it takes more memory, or deeper nested calls, than there are, which is reported."""
    try:
        return work()
    except (MemoryError, SystemError):  # C code without memory raises either
        lacking = "memory"
    except RecursionError:
        lacking = "nested calls"
    gc.collect()  # only now, after the `except`, nothing holds what was read
    message = f"loading the pack takes more {lacking} than there is"
    collector.at(files.place()).error("pack-too-large", message, "make the pack smaller")
    return None


@dataclass(frozen=True, slots=True)
class _PackLoader:
    """Sub-folders belong to the digest, but nothing in them is a rule."""

    files: PackFiles
    collector: Collector
    _nodes: list[int] = field(default_factory=list)

    def load(self) -> Pack | None:
        _report_refusals(self.files, self.collector)
        pack = self._read(PACK_FILE, PackFile)
        facts = self._read(FACTS_FILE, FactsFile)
        actions = self._read(ACTIONS_FILE, ActionsFile)
        rules = [self._read(name, RulesFile) for name in self._rule_files()]
        if not (pack and facts and actions):
            return None
        if pack.data is None or facts.data is None or actions.data is None:
            return None
        return self._pack(pack, facts, actions, [file for file in rules if file])

    def _rule_files(self) -> list[str]:
        return sorted(
            name for name in self.files.contents if "/" not in name and name not in DECLARATIONS
        )

    def _pack(
        self,
        pack_file: LoadedFile,
        facts_file: LoadedFile,
        actions_file: LoadedFile,
        rules_files: Sequence[LoadedFile],
    ) -> Pack:
        about, here = pack_file.data, pack_file.here
        check_locale(about, here.at("locale"))
        timezone = read_timezone(about["timezone"], here.at("timezone"))
        actions, roles, kinds = self._catalogue(actions_file.data, actions_file.here)
        outputs = read_outputs(about["outputs"], actions, here.at("outputs"))
        previous = previous_facts(outputs, about["answer"], actions)
        posted, computed, derived = self._facts(facts_file.data, previous, facts_file.here)
        facts = {**posted, **computed, **previous}
        check_roles_of_facts(posted, roles, facts_file.here.at("facts"))
        check_deadlines(actions, facts, outputs, actions_file.here.at("actions"))
        check_lifted(about["answer"], outputs, here.at("answer"))
        check_evidence(about["answer"], outputs, posted, facts_file.here.at("facts"))
        review = read_review(about.get("review"), facts, outputs, actions, here.at("review"))
        check_clock(about.get("clock", ()), facts, here.at("clock"))
        contingency = read_contingency(
            about.get("contingency"), outputs, posted, facts, here.at("contingency")
        )
        scope = Scope(facts, outputs, facts_file=facts_file.source.file)
        verdict = about.get("verdict", {})
        check_placeholders(verdict, [*facts, *about["outputs"], AS_OF], here.at("verdict"))
        reader = self._rules(
            rules_files, RuleContext(scope, posted, outputs, actions, kinds, timezone)
        )
        check_guards(reader.rules, derived, previous, self.collector)
        strata, final = self._strata(reader.rules, outputs)
        if not self.collector.has_errors():
            check_outputs_set(reader.rules, outputs, here.at("outputs"))
        ids = [name for file in rules_files if file.data for name, _ in rule_names(file.data)]
        context = CaseContext(outputs, actions, ids, timezone)
        cases = self._cases(context)
        for file in (pack_file, facts_file, actions_file, *rules_files):
            check_translations(file, tuple(about["title"]))
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
            rules=tuple(reader.rules),
            tables=tuple(reader.tables),
            strata=strata,
            output_stratum=final,
            words={key.rstrip("_"): text for key, text in about.get("words", {}).items()},
            review=review,
            clock=tuple(about.get("clock", ())),
            verdict=verdict,
            report=read_report(about, here),
            own_report=own_texts(about),
            help=about.get("help", {}),
            cases=tuple(cases),
            digest=self.files.digest(),
            contingency=contingency,
        )

    def _read(self, name: str, schema: type[Schema]) -> LoadedFile | None:
        raw = self.files.contents.get(name)
        if raw is None:
            return None  # it is refused, which is reported
        if sum(self._nodes) > MAX_NODES:
            message = f"the files before this one have more than {MAX_NODES:,} keys and values"
            self.collector.at(self.files.place(name)).error("pack-too-large", message)
            return None
        file = read_file(raw, self.files.path(name), schema, self.collector)
        self._nodes.append(len(file.source.nodes) + len(file.source.keys) if file else 0)
        return file

    def _catalogue(
        self, catalogue: Mapping[str, Any], here: ValueReporter
    ) -> tuple[dict[str, Action], dict[str, Role], dict[str, ActionKind]]:
        actions = read_actions(catalogue["actions"], here.at("actions"))
        roles = read_roles(catalogue.get("roles", {}), here.at("roles"))
        kinds = read_kinds(catalogue.get("kinds", {}))
        check_roles_of_actions(actions, roles, here.at("actions"))
        check_kinds_of_actions(actions, kinds, here.at("actions"))
        return actions, roles, kinds

    def _facts(
        self, declared: Mapping[str, Any], previous: Mapping[str, Fact], here: ValueReporter
    ) -> tuple[dict[str, Fact], dict[str, Fact], list[Derived]]:
        entries = declared.get("derived", {})
        posted = read_facts(declared["facts"], here.at("facts"))
        computed = read_facts(entries, here.at("derived"))
        sections = {"facts": declared["facts"], "derived": entries}
        check_names({*posted, *computed}, sections, here)
        check_group(posted, here.at("facts"))
        check_group(computed, here.at("derived"))
        known = {**posted, **computed, **previous}
        return posted, computed, read_derived(entries, computed, known, here.at("derived"))

    def _rules(self, files: Sequence[LoadedFile], context: RuleContext) -> RuleReader:
        reader = RuleReader(context)
        seen: dict[str, str] = {}
        for file in files:
            if file.data is not None:
                reader.read(file)
                check_rule_names(file, seen)
        return reader

    def _strata(
        self, rules: list[Rule], outputs: Mapping[str, Output]
    ) -> tuple[tuple[tuple[int, ...], ...], dict[str, int]]:
        try:
            return stratify(rules, tuple(outputs))
        except CircleError as circle:
            report_circle(circle, rules, self.collector)
            return (), {}

    def _cases(self, context: CaseContext) -> list[Case]:
        cases: list[Case] = []
        for name in self.files.cases:
            file = self._read(name, CasesFile)
            if file is not None and file.data is not None:
                cases += read_cases(file.data["cases"], context, file.here.at("cases"))
        return cases
