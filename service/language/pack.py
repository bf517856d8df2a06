"""Loads a pack: reads its folder's files in order, collects every problem, and gives a frozen Pack when there is no error."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.pack_files import ActionsFile, FactsFile, PackFile, RulesFile
from schemas.vocabulary import Fact, Vocabulary
from service.language import cases as case_files
from service.language.check import check_expression
from service.language.declare import check_due, name_conflicts, read_actions, read_facts, read_outputs
from service.language.files import missing_translations, read_file
from service.language.model import Action, Case, Derived, Output, Pack, Rule
from service.language.problem import Problem, did_you_mean, has_errors
from service.language.rules import RuleReader, place_finding, yaml_trap
from service.language.scope import Scope
from service.language.source import Source
from service.language.strata import CircleError, circle_rules, order, stratify
from service.language.syntax import facts_read, outputs_read

PACK_FILE, FACTS_FILE, ACTIONS_FILE = "pack.yaml", "facts.yaml", "actions.yaml"
DECLARATIONS = (PACK_FILE, FACTS_FILE, ACTIONS_FILE)
CASES_FOLDER = "cases"


def load_pack(folder: FilePath, *, with_cases: bool = False) -> tuple[Pack | None, list[Problem]]:
    """The pack in `folder`, or None when any problem is an error; problems sorted by place.

    Cases bear no meaning for answers and are only read when asked for.
    """
    loader = _Loader(folder)
    pack = loader.load(with_cases)
    problems = sorted(set(loader.problems))
    return (None if has_errors(problems) else pack), problems


def rule_files(folder: FilePath) -> list[FilePath]:
    return sorted(p for p in folder.glob("*.yaml") if p.name not in DECLARATIONS and p.is_file())


def digest(folder: FilePath) -> str:
    """SHA-256 over the names and contents of the files that bear meaning."""
    sha = hashlib.sha256()
    for path in sorted([folder / name for name in DECLARATIONS] + rule_files(folder)):
        content = path.read_bytes() if path.exists() else b""
        sha.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return sha.hexdigest()


@dataclass(slots=True)
class _Loader:
    folder: FilePath
    problems: list[Problem] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    def load(self, with_cases: bool) -> Pack | None:
        pack_source, about = self._read(PACK_FILE, PackFile)
        facts_source, declared = self._read(FACTS_FILE, FactsFile)
        actions_source, catalogue = self._read(ACTIONS_FILE, ActionsFile)
        if about is None or declared is None or catalogue is None:
            self._check_rule_shapes()
            return None
        assert pack_source and facts_source and actions_source
        timezone = self._about(about, pack_source)
        actions = self._noting(read_actions(catalogue["actions"], actions_source))
        outputs = self._noting(read_outputs(about["outputs"], actions, pack_source))
        posted = self._noting(read_facts(declared["facts"], facts_source, "facts"))
        computed = self._noting(read_facts(declared.get("derived", {}), facts_source, "derived"))
        self.problems += name_conflicts([*posted, *computed], facts_source)
        facts = {**posted, **computed}
        derived = self._derived(declared.get("derived", {}), computed, facts, facts_source)
        self.problems += check_due(actions, facts, outputs, actions_source)
        self._answer(about["answer"], outputs, posted, pack_source, facts_source)
        rules = self._rules(facts, outputs, actions, timezone)
        strata, final = self._strata(rules, outputs)
        self._unset_outputs(rules, outputs, pack_source)
        cases = self._cases(outputs, actions, rules, timezone) if with_cases else []
        for source in self.sources:
            self.problems += missing_translations(source, tuple(about["title"]))
        return Pack(
            name=about["pack"],
            version=about["version"],
            title=about["title"],
            locale=about["locale"],
            timezone=timezone,
            answer=tuple(about["answer"]),
            outputs=outputs,
            vocabulary=Vocabulary(posted),
            derived=tuple(derived),
            actions=actions,
            rules=tuple(rules),
            strata=strata,
            output_stratum=final,
            words={key.rstrip("_"): text for key, text in about.get("words", {}).items()},
            cases=tuple(cases),
            digest=digest(self.folder),
        )

    def _shown(self, path: FilePath) -> str:
        return str(path)

    def _read(self, name: str, schema: Any) -> tuple[Source | None, Any]:
        path = self.folder / name
        source, data, problems = read_file(path, self._shown(path), schema)
        self.problems += problems
        if source is not None:
            self.sources.append(source)
        return source, data

    def _noting(self, result: tuple[dict[str, Any], list[Problem]]) -> dict[str, Any]:
        self.problems += result[1]
        return result[0]

    def _check_rule_shapes(self) -> None:
        for path in rule_files(self.folder):
            self._read(path.name, RulesFile)

    def _about(self, about: Mapping[str, Any], source: Source) -> ZoneInfo:
        if about["locale"] not in about["title"]:
            hint = f"the title is written in: {', '.join(about['title'])}"
            self.problems.append(source.problem(("locale",), "unknown-language", f"the pack does not speak '{about['locale']}'", hint))
        try:
            return ZoneInfo(about["timezone"])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.problems.append(source.problem(("timezone",), "unknown-timezone", f"'{about['timezone']}' is no time zone", "for example Asia/Shanghai"))
            return ZoneInfo("UTC")

    def _answer(self, answer: list[str], outputs: Mapping[str, Output], facts: Mapping[str, Fact], source: Source, facts_source: Source) -> None:
        for position, name in enumerate(answer):
            output = outputs.get(name)
            if output is None:
                self.problems.append(source.problem(("answer", position), "unknown-output", f"'{name}' is not an output of this pack", did_you_mean(name, outputs)))
            elif output.hit == "collect" or name == "provisional":
                self.problems.append(source.problem(("answer", position), "output-form", f"'{name}' has no single value to lift to the top of an answer"))
            else:
                self._no_verdict_facts(output, facts, facts_source)

    def _no_verdict_facts(self, output: Output, facts: Mapping[str, Fact], source: Source) -> None:
        """The poster sends evidence, never the verdict."""
        verdicts = {value.casefold() for value in output.type.values}
        for fact in facts.values():
            codes = (fact.type.item or fact.type).values
            if sum(code.casefold() in verdicts for code in codes) >= 2:
                self.problems.append(
                    source.problem(
                        ("facts", fact.name, "values"), "verdict-fact",
                        f"'{fact.name}' lists values of the answer '{output.name}': the verdict would be posted, not judged",
                        "ask for the evidence and let rules judge it", key=True,
                    )
                )

    def _derived(self, entries: Mapping[str, Any], computed: Mapping[str, Fact], facts: Mapping[str, Fact], source: Source) -> list[Derived]:
        scope = Scope(facts, facts_file=source.file)
        found: dict[str, Derived] = {}
        for name, fact in computed.items():
            path = ("derived", name, "value")
            trap = yaml_trap(source, path, flow_too=False)
            if trap:
                self.problems.append(trap)
                continue
            node, findings = check_expression(entries[name]["value"], scope)
            self.problems += [place_finding(source, path, finding) for finding in findings]
            if node is None:
                continue
            if not facts_read(node) and "as_of" not in entries[name]["value"]:
                self.problems.append(source.problem(path, "constant-condition", f"'{name}' reads no fact"))
            if node.type != fact.type and not (fact.type.kind == "string" and node.type.is_textual):
                if (fact.type.kind, node.type.kind) == ("number", "integer"):
                    hint = "declare it as integer, or make the value a double: x * 1.0"
                else:
                    hint = f"declare it as {node.type}"
                self.problems.append(source.problem(path, "type-mismatch", f"'{name}' is declared {fact.type}, its value is {node.type.with_article}", hint))
                continue
            found[name] = Derived(fact, node)
        try:
            names = order({name: facts_read(item.value) & frozenset(found) for name, item in found.items()})
        except CircleError as circle:
            self.problems.append(source.problem(("derived", circle.path[0]), "derived-circle", f"these facts are computed from each other: {circle}", key=True))
            return []
        return [found[name] for name in names]

    def _rules(self, facts: Mapping[str, Fact], outputs: Mapping[str, Output], actions: Mapping[str, Action], timezone: ZoneInfo) -> list[Rule]:
        rules: list[Rule] = []
        seen: dict[str, str] = {}
        scope = Scope(facts, outputs, facts_file=self._shown(self.folder / FACTS_FILE))
        for path in rule_files(self.folder):
            source, data = self._read(path.name, RulesFile)
            if source is None or data is None:
                continue
            reader = RuleReader(source, scope, outputs, actions, timezone)
            rules += reader.read(data["rules"])
            self.problems += reader.problems
            for number, entry in enumerate(data["rules"]):
                place = source.problem(("rules", number, "id"), "duplicate-rule", f"the rule '{entry['id']}' stands at {seen.get(entry['id'])} already", "every rule has an id of its own")
                if entry["id"] in seen:
                    self.problems.append(place)
                seen.setdefault(entry["id"], f"{place.file}:{place.line}")
        return rules

    def _strata(self, rules: list[Rule], outputs: Mapping[str, Output]) -> tuple[tuple[tuple[int, ...], ...], dict[str, int]]:
        try:
            return stratify(rules, tuple(outputs))
        except CircleError as circle:
            path = circle_rules(circle.path, rules)
            steps = "; ".join(f"{rule.id} sets {sets} by reading {read}" for rule, sets, read in zip(path, circle.path, circle.path[1:], strict=False))
            self.problems.append(
                Problem(path[0].file, path[0].line, 1, "output-circle", f"these rules wait for each other: {steps}", "let one of them read facts instead")
            )
            return (), {}

    def _unset_outputs(self, rules: list[Rule], outputs: Mapping[str, Output], source: Source) -> None:
        set_here = {given.output for rule in rules for given in rule.then}
        read_here = {name for rule in rules for name in outputs_read(rule.when)}
        for name in outputs:
            if name not in set_here and not has_errors(self.problems):
                hint = "rules read it, so they only ever see its default" if name in read_here else ""
                self.problems.append(source.problem(("outputs", name), "unset-output", f"no rule sets '{name}'", hint, key=True, severity="warning"))

    def _cases(self, outputs: Mapping[str, Output], actions: Mapping[str, Action], rules: list[Rule], timezone: ZoneInfo) -> list[Case]:
        cases: list[Case] = []
        by_id = {rule.id: rule for rule in rules}
        for path in sorted((self.folder / CASES_FOLDER).glob("*.yaml")):
            source, data = self._read(f"{CASES_FOLDER}/{path.name}", case_files.SCHEMA)
            if source is None or data is None:
                continue
            found, problems = case_files.read_cases(data["cases"], source, outputs, actions, by_id, timezone)
            cases += found
            self.problems += problems
        return cases
