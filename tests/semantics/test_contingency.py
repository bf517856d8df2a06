"""Each change of a contingency leads to its value, no smaller change does, and a value without a change cannot be reached."""

from __future__ import annotations

import itertools
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.vocabulary import ABSENT
from service.engine.assess import Assessor
from service.engine.contingency.cone import compile_cone
from service.engine.contingency.levers import tried
from service.engine.contingency.turning_points import compile_levers
from service.engine.errors import RuleConflict
from service.engine.judging.compile_pack import compile_pack
from service.language.model import Pack
from tests.semantics.completions import NOW, random_incident
from tests.semantics.promises import codes
from tests.semantics.random_outputs import COLOURS
from tests.semantics.random_packs import CODES, TAGS, RandomPack, random_pack, text_of

PACKS = int(os.environ.get("TOCSIN_RANDOM_PACKS", "300")) // 3
FIRST_SEED = int(os.environ.get("TOCSIN_FIRST_SEED", "0"))
INCIDENTS = 2
ENUMS = ("grade", "pick", "only", "agreed")
Facts = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """An incident of a random pack, its answer with contingency, and all values worth trying for each known fact: to be aimed at or not."""

    name: str
    pack: Pack
    assessor: Assessor
    facts: Facts
    known: Facts
    answer: dict[str, Any]
    values: Mapping[str, tuple[Any, ...]]
    not_aimed_at: Mapping[str, tuple[Any, ...]]

    @property
    def contingency(self) -> dict[str, Any]:
        found: dict[str, Any] = self.answer["contingency"]
        return found

    @property
    def ways(self) -> list[dict[str, Any]]:
        return [*self.contingency["worse"], *self.contingency["better"]]

    def assess(self, changes: Mapping[str, Any], hours: int = 0) -> dict[str, Any] | None:
        """The answer after these changes, `hours` hours later; None if rules conflict."""
        read = {name: as_loaded(value) for name, value in changes.items()}
        try:
            as_of = NOW + timedelta(hours=hours)
            return self.assessor.assess({**self.facts, **read}, as_of, "en")
        except RuleConflict:
            return None

    def size(self, changes: Mapping[str, Any]) -> float:
        """The size of a change as docs/rules.md defines it, for the types that random packs have."""
        return sum(self._size(name, value) for name, value in changes.items())

    def _size(self, name: str, value: Any) -> float:
        kind, before = self.pack.vocabulary.facts[name].type, self.known[name]
        if kind.name in ("boolean", "string", "list"):
            return 1
        if kind.name == "enum":
            return abs(kind.values.index(value) - kind.values.index(before))
        return float(abs(value - before) / max(1, abs(before)))

    def smallest(self, facts: int) -> dict[Any, float]:
        """By value: the size of the smallest change of this number of facts that leads to it. It tries all changes.

        A change does not count if one of its facts alone leads further.
        """
        found: dict[Any, float] = {}
        for names in itertools.combinations(self.values, facts):
            for values in itertools.product(*(self.values[name] for name in names)):
                changes = dict(zip(names, values, strict=True))
                value = self.value(changes)
                if value is None or (facts > 1 and self._overshoots(value, changes)):
                    continue
                found[value] = min(self.size(changes), found.get(value, 1e99))
        return found

    def value(self, changes: Mapping[str, Any]) -> Any:
        """The output's value after the changes; None if rules conflict."""
        answer = self.assess(changes)
        return answer and answer["outputs"][self.contingency["output"]]["value"]

    def can_be(self, output: str, changes: Mapping[str, Any]) -> Any:
        answer = self.assess(changes)
        return answer and answer["outputs"][output]["can_be"]

    def _overshoots(self, value: Any, changes: Mapping[str, Any]) -> bool:
        ways = [[way["value"] for way in self.contingency[side]] for side in ("worse", "better")]
        further = [side[side.index(value) + 1 :] for side in ways if value in side]
        return any(
            self.value({name: to}) in beyond for beyond in further for name, to in changes.items()
        )


def as_loaded(value: Any) -> Any:
    """A JSON value as the loader of facts gives it."""
    return tuple(value) if isinstance(value, list) else value


def declared(source: RandomPack, bounded: bool) -> RandomPack:
    """The random pack with a contingency. With `bounded`, an integer fact can be only the values of its domain."""
    chance = random.Random(source.seed)
    about, facts = (yaml.safe_load(source.files[name]) for name in ("pack.yaml", "facts.yaml"))
    output = chance.choice([name for name in ENUMS if name in about["outputs"]])
    whole = [name for name, fact in facts["facts"].items() if fact["type"] == "integer"]
    about["contingency"] = {"output": output}
    if whole:
        growth = {"rate": chance.choice(whole), "of": whole, "hours": [1, 30]}
        about["contingency"]["growth"] = growth
    for name in whole if bounded else ():
        facts["facts"][name] |= {"min": 0, "max": 2}
    for fact in facts["facts"].values():
        directions = [False] if fact["type"] == "string" else [False, "up", "down"]
        if chance.random() < 0.4:
            fact["lever"] = chance.choice(directions)
    written = {"pack.yaml": text_of(about), "facts.yaml": text_of(facts)}
    if about["outputs"][output]["hit"] in ("priority", "first"):
        written["30_more.yaml"] = text_of({"rules": list(more_rules(output, facts, chance))})
    return replace(source, files={**source.files, **written})


def more_rules(output: str, facts: Facts, chance: random.Random) -> Iterator[Facts]:
    """Rules of two facts each, for every value, so that the search can find more changes."""
    for number, colour in enumerate(COLOURS * 2):
        names = chance.sample(list(facts["facts"]), 2)
        atoms = [atom(name, facts["facts"][name]["type"], chance) for name in names]
        then, because = {output: colour}, {"en": "more"}
        when = " && ".join(atoms)
        yield {"id": f"more.n{number}", "when": when, "then": then, "because": because}


def atom(name: str, kind: str, chance: random.Random) -> str:
    if kind == "integer":
        return f"{name} {chance.choice(['>=', '<', '=='])} {chance.randint(1, 2)}"
    if kind == "enum":
        return f'{name} == "{chance.choice(CODES)}"'
    if kind == "number":
        return f"{name} {chance.choice(['>=', '<'])} {chance.choice([0.25, 0.5, 0.75])}"
    if kind == "string":
        return f'{name} == "{chance.choice(["危机", "平安"])}"'
    if kind == "list":
        return f'"{chance.choice(TAGS)}" in {name}'
    return chance.choice([name, f"!{name}"])


def incident(source: RandomPack, chance: random.Random) -> Facts:
    """A random incident. In about half of them most facts are known."""
    facts = random_incident(source, chance)
    if chance.random() < 0.5:
        return facts
    more = {name: chance.choice(domain) for name, domain in source.domains.items()}
    return {name: value for name, value in more.items() if chance.random() < 0.9}


def cases(seed: int, folder: Path) -> Iterator[Case]:
    bounded = seed % 3 > 0
    source = declared(random_pack(seed), bounded)
    pack = source.loaded(folder / str(seed))
    if pack is None:
        return
    assessor, chance = Assessor(pack, engine="reference"), random.Random(seed)
    for number in range(INCIDENTS):
        facts = incident(source, chance)
        known = {
            name: facts.get(name, fact.assume)
            for name, fact in pack.vocabulary.facts.items()
            if facts.get(name) is not None or (name not in facts and fact.assume is not ABSENT)
        }
        try:
            answer = assessor.assess(facts, NOW, "en", contingency=True)
        except RuleConflict:
            continue
        values = worth_trying(pack, facts)
        if bounded:
            values |= {name: domain for name, domain in source.domains.items() if is_whole(domain)}
        aimed_at: dict[str, list[Any]] = {name: [] for name in known}
        others: dict[str, list[Any]] = {name: [] for name in known}
        for name, before in known.items():
            for value in values.get(name, ()):
                if value != before:
                    aims = may_be_aimed_at(source, name, before, value)
                    (aimed_at if aims else others)[name].append(value)
        tries = ({name: tuple(some[name]) for name in some} for some in (aimed_at, others))
        yield Case(f"seed {seed}, {number}", pack, assessor, facts, known, answer, *tries)


def may_be_aimed_at(source: RandomPack, name: str, before: Any, after: Any) -> bool:
    """As docs/rules.md defines it, from the file as it was written."""
    fact = yaml.safe_load(source.files["facts.yaml"])["facts"][name]
    wanted = fact.get("lever", True)
    if isinstance(wanted, bool):
        return wanted
    if fact["type"] == "enum":
        is_up = CODES.index(after) < CODES.index(before)
    elif fact["type"] == "list":
        is_up = set(after) > set(before)
    else:
        is_up = bool(after > before)
    return is_up is (wanted == "up")


def is_whole(domain: tuple[Any, ...]) -> bool:
    """Whether these are all the values that a bounded fact can have."""
    return all(type(value) in (bool, int) or value in CODES for value in domain)


def worth_trying(pack: Pack, facts: Facts) -> dict[str, tuple[Any, ...]]:
    """By fact: the values that the search itself tries. A fact without bounds can have any value."""
    program = compile_pack(pack)
    assert pack.contingency
    part = compile_cone(program, pack.outputs[pack.contingency.output])
    levers = compile_levers(part)
    judged = Assessor(pack, engine="reference")._check.judge(program.environment(facts, NOW)[0])
    return {
        lever.fact.name: tuple(move.value for move in tried(part, lever, judged.environment))
        for lever in levers
        if judged.environment[lever.slot] is not None
    }


def leads_where_it_says(case: Case) -> Iterator[str]:
    for way in case.ways:
        if way["changes"] is None:
            continue
        changes = {change["fact"]: change["to"] for change in way["changes"]}
        answer = case.assess(changes)
        if answer is None or answer["outputs"][case.contingency["output"]]["value"] != way["value"]:
            yield f"{way} is not so"
        elif way["actions"] != difference(case.answer, answer):
            yield f"{way['actions']}, not {difference(case.answer, answer)}"
        if any(
            as_loaded(change["from"]) != case.known[change["fact"]] for change in way["changes"]
        ):
            yield f"{way} changes what was not so"


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    old, new = codes(before["actions"]), codes(after["actions"])
    return {"added": sorted(new - old), "dropped": sorted(old - new)}


def is_the_smallest(case: Case) -> Iterator[str]:
    """A change has one fact if one is enough, and no other such change is smaller. Without a change, no two facts are enough."""
    singles = case.smallest(1)
    lacking = any(way["value"] not in singles for way in case.ways)
    pairs = case.smallest(2) if lacking else {}
    for way in case.ways:
        least = singles.get(way["value"], pairs.get(way["value"]))
        if way["changes"] is None:
            if least is not None:
                yield f"{way['value']} has no change, but there is one of size {least}"
            continue
        if len(way["changes"]) != (1 if way["value"] in singles else 2):
            yield f"{way} takes more facts than it must"
        size = case.size({change["fact"]: change["to"] for change in way["changes"]})
        if least is None or size > least + 1e-9:
            yield f"{way} is of size {size}; there is one of {least}"


def what_would_not_bring_it_down_is_so(case: Case) -> Iterator[str]:
    """No change of such a fact, at which somebody may aim, leads to another value. Each fact listed counts."""
    output = case.pack.outputs[case.contingency["output"]]
    worst = case.answer["outputs"][output.name]["value"]
    kept_up, without = (
        [one["fact"] for one in case.contingency[key]] for key in ("kept_up_by", "without_effect")
    )
    if worst != output.type.values[0] and kept_up + without:
        yield f"{kept_up}, {without} at {worst}"
    for name in [*kept_up, *without]:
        for value in case.values[name]:
            if case.value({name: value}) not in (worst, None):
                yield f"{name} = {value} brings it down"
    for name in kept_up:
        alone = any(
            case.value({name: value}) not in (worst, None) for value in case.not_aimed_at[name]
        )
        unknown = {other: None for other in case.known if other != name}
        if not alone and case.can_be(output.name, unknown) != [worst]:
            yield f"{name} does not keep it up"
    if worst == output.type.values[0]:
        for name, values in case.not_aimed_at.items():
            better = any(case.value({name: value}) not in (worst, None) for value in values)
            aimed = any(
                case.value({name: value}) not in (worst, None) for value in case.values[name]
            )
            if better and not aimed and name not in kept_up:
                yield f"{name} keeps it up and is not listed"


def every_other_value_has_its_place(case: Case) -> Iterator[str]:
    output = case.pack.outputs[case.contingency["output"]]
    value = case.answer["outputs"][output.name]["value"]
    worse, better = (
        [way["value"] for way in case.contingency[side]] for side in ("worse", "better")
    )
    if (*worse[::-1], value, *better) != output.type.values:
        yield f"{worse}, {value}, {better}"


def bounds_are_kept(case: Case) -> Iterator[str]:
    changed = [(c["fact"], c["to"]) for way in case.ways for c in way["changes"] or ()]
    ahead = [item for one in case.contingency["forecast"] for item in one["facts"].items()]
    for name, value in [*changed, *ahead]:
        fact = case.pack.vocabulary.facts[name]
        if fact.maximum is not None and not fact.minimum <= value <= fact.maximum:
            yield f"{name} = {value}"


def the_forecast_is_the_answer_if_its_facts_are_posted(case: Case) -> Iterator[str]:
    name = case.contingency["output"]
    for ahead in case.contingency["forecast"]:
        answer = case.assess(ahead["facts"], ahead["hours"])
        if answer is None:
            if ahead["value"] is not None:
                yield f"{ahead} although rules conflict"
        elif ahead["value"] != answer["outputs"][name]["value"]:
            yield f"{ahead}, not {answer['outputs'][name]['value']}"
        elif ahead["actions"] != difference(case.answer, answer):
            yield f"{ahead}, not {difference(case.answer, answer)}"


def is_the_same_each_time(case: Case) -> Iterator[str]:
    again = Assessor(case.pack, engine="reference")
    if again.assess(case.facts, NOW, "en", contingency=True) != case.answer:
        yield "another answer"


PROMISES = (
    leads_where_it_says,
    is_the_smallest,
    what_would_not_bring_it_down_is_so,
    every_other_value_has_its_place,
    bounds_are_kept,
    the_forecast_is_the_answer_if_its_facts_are_posted,
    is_the_same_each_time,
)


@dataclass
class Survey:
    breaches: dict[str, list[str]] = field(
        default_factory=lambda: {promise.__name__: [] for promise in PROMISES}
    )
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case) -> None:
        for promise in PROMISES:
            found = [f"{case.name}, {case.facts}: {breach}" for breach in promise(case)]
            self.breaches[promise.__name__] += found
        self.seen["cases"] += 1
        self.seen["forecasts"] += len(case.contingency["forecast"])
        for way in case.ways:
            self.seen[f"changes of {len(way['changes'] or ())}"] += 1
            self.seen["kept up"] += bool(case.contingency["kept_up_by"])
            self.seen["without effect"] += bool(case.contingency["without_effect"])
            self.seen["other actions"] += way["actions"] != {"added": [], "dropped": []}


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    folder, survey = tmp_path_factory.mktemp("packs"), Survey()
    for seed in range(FIRST_SEED, FIRST_SEED + PACKS):
        for case in cases(seed, folder):
            survey.add(case)
    return survey


@pytest.mark.parametrize("promise", [promise.__name__ for promise in PROMISES])
def test_every_contingency_keeps_the_promise(survey: Survey, promise: str) -> None:
    breaches = survey.breaches[promise]
    assert not breaches, f"{len(breaches)} breaches:\n" + "\n".join(breaches[:5])


@pytest.mark.parametrize(
    ("what", "share"),
    [
        ("cases", 1.0),
        ("forecasts", 0.2),
        ("changes of 1", 0.5),
        ("changes of 2", 0.1),
        ("changes of 0", 0.5),
        ("other actions", 0.1),
        ("kept up", 0.05),
        ("without effect", 0.05),
    ],
)
def test_every_kind_of_contingency_occurred_often(survey: Survey, what: str, share: float) -> None:
    assert survey.seen[what] > share * PACKS
