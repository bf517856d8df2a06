"""Two comparisons of conditions: rete with the reference on the whole language, and both with the oracles on the shared part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import yaml

from schemas.vocabulary import Vocabulary
from service.language.load import load_pack
from service.language.model import Pack
from tests.campaigns.differential.differences import ConditionSample, Difference, PackSample, small
from tests.campaigns.differential.matchers import TwoMatchers, posted, reads_the_moment
from tests.campaigns.differential.tally import Tally
from tests.oracles import vocabulary
from tests.oracles.generate import Conditions as SharedConditions
from tests.oracles.judges import Judge, compiled, nested, tocsin
from tests.oracles.texts import COMMON, Expression
from tests.packs import PLAIN_ACTIONS, PLAIN_PACK
from tests.semantics import random_conditions

MATCHERS = "rete and reference"
ORACLES = "reference and oracles"
RULES, INCIDENTS = 60, 60
SHARED_RULES, SHARED_INCIDENTS = 40, 25
UNKNOWN = 0.17
Facts = Mapping[str, Any]


def flat_files(texts: Sequence[str], facts: Any) -> dict[str, Any]:
    """The files of a pack of one stratum, with a rule for each condition."""
    rules = [
        {"id": f"r.n{n}", "when": text, "then": {"score": 1}, "because": {"en": "r"}}
        for n, text in enumerate(texts)
    ]
    return {
        "pack.yaml": yaml.safe_load(PLAIN_PACK),
        "facts.yaml": facts,
        "actions.yaml": yaml.safe_load(PLAIN_ACTIONS),
        "rules.yaml": {"rules": rules},
    }


def load(sample: PackSample, folder: Path) -> Pack | None:
    """The pack; None if the loader refuses it."""
    sample.write(folder)
    return load_pack(folder, with_cases=False)[0]


def compare_matchers(chance: Random, folder: Path, tally: Tally) -> Iterator[Difference]:
    """Random conditions over every kind of fact, each on every one of the incidents."""
    conditions = random_conditions.Conditions(chance)
    texts = list(dict.fromkeys(conditions.condition() for _ in range(RULES)))
    incidents = [
        (random_conditions.random_incident(chance, conditions.constants), random_conditions.NOW)
        for _ in range(INCIDENTS)
    ]
    files = flat_files(texts, random_conditions.facts_file())
    yield from _two_matchers(files, texts, incidents, folder, tally)


def _two_matchers(
    files: dict[str, Any],
    texts: Sequence[str],
    incidents: Sequence[tuple[Facts, datetime]],
    folder: Path,
    tally: Tally,
) -> Iterator[Difference]:
    pack = load(PackSample(files, {}, random_conditions.NOW), folder / "flat")
    assert pack is not None, files
    both = TwoMatchers(pack)
    read = [(posted(both.program, r.when), reads_the_moment(r.when)) for r in pack.rules]
    for facts, as_of in incidents:
        judgement, wrong = both.judged(facts, as_of)
        if wrong:
            yield small(MATCHERS, PackSample(files, facts, as_of), matchers_differ, folder)
            return
        for text, (names, timed), truth in zip(texts, read, judgement.truths, strict=True):
            values = [facts.get(name) for name in names]
            tally.add((text, values, as_of if timed else None), truth)
        tally.compared[MATCHERS] += len(texts)
    both.close()


def matchers_differ(sample: PackSample, folder: Path) -> str | None:
    """The rules on which the matchers differ; None if there are none or the pack does not load."""
    pack = load(sample, folder)
    known = pack.vocabulary.facts if pack else {}
    if pack is None or not pack.rules:
        return None
    both = TwoMatchers(pack)
    facts = {name: value for name, value in sample.facts.items() if name in known}
    _, wrong = both.judged(facts, sample.as_of)
    both.close()
    return f"they differ on {', '.join(wrong)}" if wrong else None


def compare_oracles(chance: Random, folder: Path, tally: Tally) -> Iterator[Difference]:
    """Conditions of the shared language, judged by rete, the reference and every oracle without a known deviation on them."""
    made = SharedConditions(chance)
    found = (made.condition(chance.choice((0, 1, 1, 2, 2, 3))) for _ in range(SHARED_RULES))
    expressions = list({e.tocsin: e for e in found if e.judges()}.values())
    known = vocabulary.vocabulary(folder / "shared")
    incidents = [
        (
            vocabulary.random_incident(
                chance, tuple(known.facts), chance.choice((0, UNKNOWN, 0.4))
            ),
            chance.choice(vocabulary.MOMENTS),
        )
        for _ in range(SHARED_INCIDENTS)
    ]
    files = flat_files([e.tocsin for e in expressions], yaml.safe_load(vocabulary.FACTS))
    texts = [e.tocsin for e in expressions]
    yield from _two_matchers(files, texts, incidents, folder, tally)
    pack = load(PackSample(files, {}, incidents[0][1]), folder / "flat")
    assert pack is not None
    yield from _reference_and_oracles(expressions, pack, incidents, folder, tally)


def _reference_and_oracles(
    expressions: Sequence[Expression],
    pack: Pack,
    incidents: Sequence[tuple[Facts, datetime]],
    folder: Path,
    tally: Tally,
) -> Iterator[Difference]:
    both = TwoMatchers(pack)
    judges = [{name: compiled(name, e.cel) for name in e.judges()} for e in expressions]
    for facts, as_of in incidents:
        judgement, _ = both.judged(facts, as_of)
        variables = nested(facts, as_of, groups(pack.vocabulary))
        for e, compiled_judges, ours in zip(expressions, judges, judgement.truths, strict=True):
            wrong = _judged_otherwise(e, compiled_judges, facts, variables, ours, tally)
            if wrong:
                sample = ConditionSample(e, facts, as_of)
                differs = ConditionDiffers(pack.vocabulary)
                yield small(ORACLES, sample, differs, folder)
                both.close()
                return
    both.close()


def groups(known: Vocabulary) -> set[str]:
    return {name.split(".")[0] for name in known.facts}


def _judged_otherwise(
    expression: Expression,
    judges: Mapping[str, Judge],
    facts: Facts,
    variables: dict[str, Any],
    ours: bool | None,
    tally: Tally,
) -> list[str]:
    wrong = []
    for name, judge in judges.items():
        if name == COMMON and not expression.inner <= facts.keys():
            continue  # docs/conformance.md: it gives an error before the deciding element
        said = judge(variables)
        tally.compared[name] += 1
        if said is not ours:
            wrong.append(f"{name} says {said}, we say {ours}")
    return wrong


class ConditionDiffers:
    """The results of the judges for a condition if an oracle differs from the reference; else None."""

    def __init__(self, known: Vocabulary) -> None:
        self.known = known

    def __call__(self, sample: ConditionSample, folder: Path) -> str | None:
        expression, facts, as_of = sample.expression, sample.facts, sample.as_of
        try:
            ours = tocsin(expression.tocsin, facts, as_of, self.known)
        except AssertionError:  # the part is not a condition
            return None
        judges = {name: compiled(name, expression.cel) for name in expression.judges()}
        variables = nested(facts, as_of, groups(self.known))
        wrong = _judged_otherwise(expression, judges, facts, variables, ours, Tally())
        return "; ".join(wrong) or None
