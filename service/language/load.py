"""Loads a pack: reads its folder's files in order, collects every problem, and returns a frozen Pack if there is no error."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, TypeVar

from schemas.facts import FactsSchema
from schemas.files.brands_file import BrandFile
from schemas.files.draft_file import DraftFile
from schemas.vocabulary import ABSENT, Fact, Vocabulary
from service.language.cases import CaseContext, read_cases
from service.language.collector import BoundValue, Collector, FullError
from service.language.conditions.cost import check_costs, sizes_of
from service.language.conditions.scope import Scope
from service.language.constants import both_places, with_uses
from service.language.declarations import (
    Declarations,
    fact_names,
    read_declarations,
    read_settings,
)
from service.language.declared.alternatives.conditions import conditions_of
from service.language.declared.briefing.longest_page import check_longest_page
from service.language.declared.derived_facts import roots
from service.language.declared.drafts.check_drafts import check_draft
from service.language.declared.drafts.read_drafts import (
    DraftContext,
    is_draft,
    read_draft,
    read_draft_outputs,
)
from service.language.declared.previous_facts import check_guards
from service.language.declared.vocabulary.brands import brand_name, read_brand
from service.language.declared.whole_pack import (
    add_circle,
    check_locale,
    check_outputs_set,
    read_timezone,
)
from service.language.dependencies import CircleError, stratify
from service.language.files.active_parts import inside_part, part_of
from service.language.files.look import BRANDS_FOLDER
from service.language.files.pack_files import PackFiles, read_files
from service.language.files.read_file import LoadedFile
from service.language.model import (
    Brand,
    Calendar,
    Case,
    Draft,
    DraftSentence,
    Output,
    Pack,
    Rule,
    Sentence,
)
from service.language.problem import Problem, has_errors
from service.language.reading import PackReader
from service.language.rules.below_scale import (
    Need,
    check_below_scale,
    own_fact,
    read_calm,
    with_needs,
)
from service.language.rules.consequences import RuleContext
from service.language.rules.opposites import check_opposites
from service.language.rules.rules import RuleReader, check_rule_names, rule_names
from service.language.syntax import Node
from service.language.texts.report_texts import own_texts, read_report
from service.language.texts.translations import check_translations

Result = TypeVar("Result")
BRANDS = f"{BRANDS_FOLDER}/"


def load_pack(folder: FilePath, *, with_cases: bool = False) -> tuple[Pack | None, list[Problem]]:
    """The pack in `folder`, or None if any problem is an error; and the problems, sorted by place.

    Cases do not affect answers. They are read only if `with_cases` is true.
    """
    return load_files(read_files(folder, with_cases=with_cases))


def load_files(files: PackFiles) -> tuple[Pack | None, list[Problem]]:
    """The same for files that were read already."""
    collector = Collector()
    reader = PackReader(files, collector)
    pack = None
    with suppress(FullError):
        pack = within_limits(files, collector, _PackLoader(reader, collector).load)
    problems = both_places(collector.listed(), reader.constants)
    return (None if has_errors(problems) else pack), problems


def refusals(files: PackFiles) -> list[Problem]:
    """The problems of the files that could not be read."""
    collector = Collector()
    with suppress(FullError):
        _add_refusals(files, collector)
    return collector.listed()


def _add_refusals(files: PackFiles, collector: Collector) -> None:
    parts = (None, *files.parts)
    for name, refusal in sorted(files.refused.items()):
        if part_of(name) not in parts:
            continue
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


def _own_facts(outputs: Mapping[str, Output]) -> dict[str, Fact]:
    """The fact that a pack with a value below the scale has in addition to those of the previous answer."""
    fact = own_fact()
    return {fact.name: fact} if any(one.below_scale for one in outputs.values()) else {}


def _conditions(declared: Declarations, rules: Sequence[Rule]) -> list[Node]:
    """The conditions and expressions of rules, facts and actions."""
    actions = declared.actions
    return [
        *(rule.when for rule in rules),
        *(item.value for item in declared.derived),
        *(one.when for one in declared.applicabilities),
        *(when for action in actions.values() for when in action.conditions),
        *conditions_of(actions, rules),
    ]


def _rule_ids(files: Sequence[LoadedFile]) -> list[str]:
    return [name for file in files if file.data for name, _ in rule_names(file.data)]


@dataclass(frozen=True, slots=True)
class _PackLoader:
    """Makes a pack of what `reader` reads. Of the folders `brands`, `cases` and `parts` are read."""

    reader: PackReader
    collector: Collector

    def load(self) -> Pack | None:
        _add_refusals(self.reader.files, self.collector)
        pack = self.reader.pack()
        facts = self.reader.facts()
        actions = self.reader.actions()
        calendars = self.reader.calendars()
        rules = self.reader.rules()
        if pack is None or pack.data is None or facts is None or actions is None:
            return None
        return self._pack(pack, facts, actions, rules, calendars)

    def _pack(
        self,
        pack_file: LoadedFile,
        facts_file: LoadedFile,
        actions_file: LoadedFile,
        rules_files: Sequence[LoadedFile],
        calendars: Mapping[str, Calendar],
    ) -> Pack | None:
        about, here = pack_file.data, pack_file.here
        check_locale(about, here.at("locale"))
        timezone = read_timezone(about["timezone"], here.at("timezone"))
        declared = read_declarations(
            pack_file, facts_file, actions_file, self.reader.constants, timezone, calendars
        )
        if not declared.has_all(about["outputs"], fact_names(facts_file.data)):
            return None
        context = declared.rule_context(facts_file.source.file, timezone)
        review, contingency, verdict, brief = read_settings(about, declared, context.scope, here)
        reader = self._rules(rules_files, context)
        check_guards(reader.rules, declared.derived, declared.previous, self.collector)
        sizes = sizes_of(declared.derived, declared.previous, declared.outputs, reader.rules)
        said = read_draft_outputs(about.get("drafts", {}), declared.outputs, here.at("drafts"))
        drafts = self._drafts(
            DraftContext(context.scope, tuple(about["outputs"]), declared.actions, said)
        )
        sentences: list[Sentence | DraftSentence] = list(verdict)
        sentences += [one for draft, _ in drafts for one in draft.sentences]
        calm = self._calm(about, declared, context.scope, here)
        read = [*_conditions(declared, reader.rules), *(need.when for need in calm)]
        read += brief.conditions() if brief else []
        check_costs(read, sentences, sizes, self.collector)
        rules = reader.rules
        if not self.collector.has_errors():
            rules = with_needs(
                rules, declared.outputs, about["answer"], calm, context.scope, here.at("brief")
            )
        strata, output_stratum = self._strata(rules, declared.outputs)
        if not self.collector.has_errors():
            check_outputs_set(rules, declared.outputs, here.at("outputs"))
            at_actions = actions_file.here.at("actions")
            check_opposites(declared.actions, rules, at_actions, self.collector)
            for draft, file in drafts:
                check_draft(draft, rules, (said, declared.outputs), declared.actions, file.here)
        self.reader.check_constants(declared.posted)
        self.reader.check_grounds(pack_file, declared.posted)
        brands = self._brands(Vocabulary(declared.posted, declared.former), about["title"])
        codes = [draft.action for draft, _ in drafts]
        named = [one for name in self.reader.files.contents if (one := _brand_of(name)) is not None]
        cases = self._cases(declared.case_context(_rule_ids(rules_files), named, codes, timezone))
        for file in self.reader.texts:
            check_translations(file, tuple(about["title"]))
        pack = Pack(
            name=about["pack"],
            version=about["version"],
            title=about["title"],
            locale=about["locale"],
            timezone=timezone,
            lifted=tuple(about["answer"]),
            notices=tuple(about.get("notices", ())),
            outputs=declared.outputs,
            vocabulary=Vocabulary(declared.posted, declared.former),
            previous={**declared.previous, **_own_facts(declared.outputs)},
            derived=tuple(declared.derived),
            actions=declared.actions,
            roles=declared.roles,
            kinds=declared.kinds,
            rules=tuple(rules),
            tables=tuple(reader.tables),
            strata=strata,
            output_stratum=output_stratum,
            words={key.rstrip("_"): text for key, text in about.get("words", {}).items()},
            review=review,
            clock=tuple(about.get("clock", ())),
            trend=tuple(dict.fromkeys(about.get("trend", ()))),
            verdict=verdict,
            report=read_report(about, here),
            own_report=own_texts(about),
            help=about.get("help", {}),
            cases=tuple(cases),
            digest=self.reader.files.digest(),
            contingency=contingency,
            applicabilities=declared.applicabilities,
            parts=self.reader.files.parts,
            constants=with_uses(self.reader.constants),
            grounds=self.reader.grounds.listed(),
            places=about.get("places"),
            calm=tuple(about.get("brief", {}).get("calm", ())),
            brands=brands,
            drafts={draft.action: draft for draft, _ in drafts},
            draft_outputs=said,
            brief=brief,
            calendars=calendars,
        )
        if not self.collector.has_errors():
            check_longest_page(pack, here.at("brief"))
        return pack

    def _calm(
        self, about: Mapping[str, Any], declared: Declarations, scope: Scope, here: BoundValue
    ) -> tuple[Need, ...]:
        raw = about.get("brief", {}).get("calm")
        check_below_scale(declared.outputs, about["answer"], raw is not None, here.at("outputs"))
        always = {one.fact.name for one in declared.applicabilities}
        asked = {
            name
            for name, fact in declared.posted.items()
            if fact.assume is ABSENT and name not in always
        }
        return read_calm(raw, scope, roots(declared.derived), asked, here.at("brief", "calm"))

    def _drafts(self, context: DraftContext) -> list[tuple[Draft, LoadedFile]]:
        """The drafts in the order of the catalogue, each with its file. A part has its own."""
        found = []
        for path in self.reader.files.meaning:
            name = inside_part(path)
            file = self.reader.read(path, DraftFile) if is_draft(name) else None
            if file is not None and file.data is not None:
                draft = read_draft(name, file, context)
                found += [] if draft is None else [(draft, file)]
        order = list(context.actions)
        return sorted(found, key=lambda pair: order.index(pair[0].action))

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
            add_circle(circle, rules, self.collector)
            return (), {}

    def _brands(self, vocabulary: Vocabulary, languages: Mapping[str, str]) -> dict[str, Brand]:
        brands: dict[str, Brand] = {}
        names = [name for name in sorted(self.reader.files.contents) if name.startswith(BRANDS)]
        facts = FactsSchema(vocabulary) if names else None
        for name in names:
            brand, here = _brand_of(name), self.collector.at(self.reader.files.place(name))
            if brand is None:
                message = f"'{name}' cannot be a brand's file"
                here.error(
                    "bad-name", message, "write brands/acme.yaml: lower case, digits, _ and -"
                )
                continue
            file = self.reader.read(name, BrandFile)
            if file is not None and file.data is not None and facts is not None:
                brands[brand] = read_brand(brand, file, facts, languages)
                check_translations(file, tuple(languages))
        return brands

    def _cases(self, context: CaseContext) -> list[Case]:
        cases: list[Case] = []
        for file in self.reader.cases():
            if file.data is not None:
                cases += read_cases(file.data["cases"], context, file.here.at("cases"))
        return cases


def _brand_of(file: str) -> str | None:
    """The brand whose file it is, also where the file has a mistake: a case that names it has none."""
    return brand_name(file) if file.startswith(BRANDS) else None
