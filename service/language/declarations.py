"""Reads what a pack declares before its rules: facts, outputs, actions, roles, and the settings that name them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from schemas.former_names import NO_FORMER_NAMES, FormerNames
from schemas.vocabulary import Fact
from service.language.cases import CaseContext
from service.language.collector import BoundValue
from service.language.conditions.scope import Scope
from service.language.declared.actions import check_deadlines, read_actions
from service.language.declared.alternatives.actions import with_alternatives
from service.language.declared.briefing.brief import read_brief
from service.language.declared.completion.read import with_completion
from service.language.declared.contingency import read_contingency
from service.language.declared.derived_facts import read_derived
from service.language.declared.facts import check_names, read_facts
from service.language.declared.outputs import read_outputs
from service.language.declared.previous_facts import check_group, previous_facts
from service.language.declared.review import read_review
from service.language.declared.roles import (
    check_kinds_of_actions,
    check_roles_of_actions,
    check_roles_of_alternatives,
    check_roles_of_facts,
    read_kinds,
    read_roles,
)
from service.language.declared.verdict import read_verdict
from service.language.declared.vocabulary.applicability import read_applicabilities
from service.language.declared.vocabulary.calm import check_calm, of_all_posted, read_calm_facts
from service.language.declared.vocabulary.former_names import (
    former_actions,
    former_facts,
    former_values,
)
from service.language.declared.whole_pack import (
    check_clock,
    check_evidence,
    check_lifted,
    check_notices,
    check_trend,
)
from service.language.files.read_file import LoadedFile
from service.language.model import (
    Action,
    ActionKind,
    Applicability,
    Brief,
    Calendar,
    Constants,
    Contingency,
    Derived,
    Output,
    Review,
    Role,
    Sentence,
)
from service.language.rules.consequences import RuleContext


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a pack declares before its rules are read. `computed` are the facts of `derived`."""

    actions: Mapping[str, Action]
    roles: Mapping[str, Role]
    kinds: Mapping[str, ActionKind]
    outputs: Mapping[str, Output]
    previous: Mapping[str, Fact]
    posted: Mapping[str, Fact]
    computed: Mapping[str, Fact]
    derived: Sequence[Derived]
    constants: Constants
    calendars: Mapping[str, Calendar]
    applicabilities: tuple[Applicability, ...] = ()
    former: FormerNames = NO_FORMER_NAMES

    def has_all(self, outputs: Collection[str], facts: Collection[str]) -> bool:
        """Whether all of these could be declared. One with a contradiction is missing: each use of it would be a problem too."""
        return self.outputs.keys() >= set(outputs) and {*self.posted, *self.computed} >= set(facts)

    @property
    def facts(self) -> dict[str, Fact]:
        """All facts that rules can read."""
        return {**self.posted, **self.computed, **self.previous}

    def rule_context(self, facts_file: str, timezone: ZoneInfo) -> RuleContext:
        scope = Scope(self.facts, self.outputs, facts_file=facts_file, constants=self.constants)
        return RuleContext(
            scope,
            self.posted,
            self.outputs,
            self.actions,
            self.kinds,
            timezone,
            self.calendars,
        )

    def case_context(
        self,
        rule_ids: Sequence[str],
        brands: Collection[str],
        drafts: Collection[str],
        timezone: ZoneInfo,
    ) -> CaseContext:
        return CaseContext(self.outputs, self.actions, rule_ids, brands, drafts, timezone)


def read_declarations(
    pack_file: LoadedFile,
    facts_file: LoadedFile,
    actions_file: LoadedFile,
    constants: Constants,
    timezone: ZoneInfo,
    calendars: Mapping[str, Calendar],
) -> Declarations:
    """Reads the declarations. Checks the names in them if nothing is missing because of a contradiction."""
    about, here, facts_here = pack_file.data, pack_file.here, facts_file.here
    actions, roles, kinds = _catalogue(actions_file.data, actions_file.here)
    outputs = read_outputs(about["outputs"], actions, here.at("outputs"))
    previous = previous_facts(outputs, about["answer"], actions)
    posted, computed, derived = _facts(facts_file.data, previous, constants, timezone, facts_here)
    declared = Declarations(
        actions, roles, kinds, outputs, previous, posted, computed, derived, constants, calendars
    )
    if not declared.has_all(about["outputs"], fact_names(facts_file.data)):
        return declared
    names = Scope(declared.facts, outputs, facts_file=facts_file.source.file, constants=constants)
    entries, at_facts = facts_file.data["facts"], facts_here.at("facts")
    applicabilities = read_applicabilities(entries, posted, names, at_facts)
    declared = _with_calm(declared, facts_file, names)
    names = replace(names, facts=declared.facts)
    written, actions_at = actions_file.data["actions"], actions_file.here.at("actions")
    actions = with_alternatives(actions, written, names, actions_at)
    check_roles_of_alternatives(actions, roles, actions_at)
    former = _former(about, here, facts_file, actions_file, declared)
    declared = replace(declared, actions=actions, applicabilities=applicabilities, former=former)
    check_roles_of_facts(posted, roles, facts_here.at("facts"))
    check_deadlines(actions, declared.facts, outputs, calendars, actions_at)
    lifted, notices = about["answer"], about.get("notices", ())
    check_lifted(lifted, outputs, here.at("answer"))
    check_notices(notices, lifted, outputs, here.at("notices"))
    check_evidence([*lifted, *notices], outputs, posted, facts_here.at("facts"))
    scope = Scope(declared.facts, outputs, facts_file=facts_file.source.file)
    entries, actions_here = actions_file.data["actions"], actions_file.here.at("actions")
    return replace(declared, actions=with_completion(actions, entries, scope, actions_here))


def _with_calm(declared: Declarations, facts_file: LoadedFile, names: Scope) -> Declarations:
    """With the facts that say whether all posted facts are calm, if an output has a value below the scale."""
    is_scaled = any(output.below_scale for output in declared.outputs.values())
    entries, here = facts_file.data["facts"], facts_file.here
    scope = replace(names, facts={**declared.posted, **declared.computed})
    calm = read_calm_facts(entries, declared.posted, scope, here.at("facts"))
    check_calm(calm, declared.posted, is_scaled, here)
    if not is_scaled:
        return declared
    own = of_all_posted(declared.posted, calm)
    computed = {**declared.computed, **{one.fact.name: one.fact for one in own}}
    return replace(declared, computed=computed, derived=[*declared.derived, *own])


def fact_names(declared: Mapping[str, Any]) -> list[str]:
    """The names of all facts in facts.yaml, posted and derived."""
    return [*declared["facts"], *declared.get("derived", ())]


def _former(
    about: Mapping[str, Any],
    here: BoundValue,
    facts_file: LoadedFile,
    actions_file: LoadedFile,
    declared: Declarations,
) -> FormerNames:
    entries, at_facts = facts_file.data["facts"], facts_file.here.at("facts")
    actions = actions_file.data["actions"]
    return FormerNames(
        former_facts(entries, declared.facts, at_facts),
        _former_values(entries, at_facts),
        _former_values(about["outputs"], here.at("outputs")),
        former_actions(actions, actions_file.here.at("actions")),
    )


def _former_values(entries: Mapping[str, Any], here: BoundValue) -> dict[str, dict[str, str]]:
    found = {name: former_values(entry, here.at(name)) for name, entry in entries.items()}
    return {name: codes for name, codes in found.items() if codes}


def _catalogue(
    catalogue: Mapping[str, Any], here: BoundValue
) -> tuple[dict[str, Action], dict[str, Role], dict[str, ActionKind]]:
    actions = read_actions(catalogue["actions"], here.at("actions"))
    roles = read_roles(catalogue.get("roles", {}), here.at("roles"))
    kinds = read_kinds(catalogue.get("kinds", {}))
    check_roles_of_actions(actions, roles, here.at("actions"))
    check_kinds_of_actions(actions, kinds, here.at("actions"))
    return actions, roles, kinds


def _facts(
    declared: Mapping[str, Any],
    previous: Mapping[str, Fact],
    constants: Constants,
    timezone: ZoneInfo,
    here: BoundValue,
) -> tuple[dict[str, Fact], dict[str, Fact], list[Derived]]:
    entries = declared.get("derived", {})
    posted = read_facts(declared["facts"], timezone, here.at("facts"))
    computed = read_facts(entries, timezone, here.at("derived"))
    sections = {"facts": declared["facts"], "derived": entries}
    check_names({*posted, *computed}, sections, here)
    check_group(posted, here.at("facts"))
    check_group(computed, here.at("derived"))
    known = {**posted, **computed, **previous}
    derived = read_derived(entries, computed, known, constants, here.at("derived"))
    return posted, computed, derived


def read_settings(
    about: Mapping[str, Any], declared: Declarations, scope: Scope, here: BoundValue
) -> tuple[Review | None, Contingency | None, tuple[Sentence, ...], Brief | None]:
    """Reads and checks the sections of pack.yaml that name facts, outputs and actions."""
    facts, outputs = declared.facts, declared.outputs
    review = read_review(about.get("review"), facts, outputs, declared.actions, here.at("review"))
    check_clock(about.get("clock", ()), facts, here.at("clock"))
    check_trend(about.get("trend", ()), declared.posted, here.at("trend"))
    contingency = read_contingency(
        about.get("contingency"), outputs, declared.posted, facts, here.at("contingency")
    )
    verdict = read_verdict(about.get("verdict", ()), scope, about["outputs"], here.at("verdict"))
    brief = read_brief(
        about.get("brief"),
        scope,
        declared.posted,
        declared.actions,
        declared.kinds,
        here.at("brief"),
    )
    return review, contingency, verdict, brief
