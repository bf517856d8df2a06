"""The near misses are the same as by brute force: each atom of each false rule is negated, one at a time."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from schemas.types import BOOLEAN
from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from service.engine.expressions.closures import compile_condition
from service.engine.judging.judge import Judgement, judge
from service.engine.judging.program import Program
from service.engine.why.near_misses import NearMiss, compile_conditions, near_misses
from service.language.syntax import And, Literal, Node, Not, Or
from tests.semantics.completions import NOW, random_incident
from tests.semantics.random_packs import random_pack

PACKS = int(os.environ.get("TOCSIN_RANDOM_PACKS", "150"))
FIRST_SEED = int(os.environ.get("TOCSIN_FIRST_SEED", "0"))
INCIDENTS = 4
Found = set[tuple[int, str]]


@dataclass
class Survey:
    wrong: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)


def atoms(node: Node) -> Iterator[Node]:
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from atoms(part)
        case Not(operand=operand):
            yield from atoms(operand)
        case _:
            yield node


def with_atom(node: Node, atom: Node, truth: bool) -> Node:
    """The condition with every occurrence of the atom replaced by its truth value."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return replace(node, parts=tuple(with_atom(part, atom, truth) for part in parts))
        case Not(operand=operand):
            return replace(node, operand=with_atom(operand, atom, truth))
    return Literal(value=truth, type=BOOLEAN) if node == atom else node


def truth_of(node: Node, program: Program, judgement: Judgement) -> bool | None:
    evaluate = compile_condition(node, program.layout)
    room = [None] * (program.layout.size - len(judgement.environment))
    found: bool | None = evaluate([*judgement.environment, *room])
    return found


def tried(program: Program, judgement: Judgement) -> Found:
    """By rule and text: every atom that makes a false rule true if it is negated."""
    found: Found = set()
    for position, rule in enumerate(program.pack.rules):
        if judgement.truths[position] is not False:
            continue
        start, end = rule.effective_from, rule.effective_until
        if (start and start > NOW) or (end and end <= NOW):
            continue  # a rule that is not in force does not fire, whatever its atoms are
        for atom in dict.fromkeys(atoms(rule.when)):
            truth = truth_of(atom, program, judgement)
            if truth is None or isinstance(atom, Literal):
                continue
            if truth_of(with_atom(rule.when, atom, not truth), program, judgement) is True:
                found.add((position, rule.written[atom.span.start : atom.span.end]))
    return found


def judgements(seed: int, folder: Path) -> Iterator[tuple[Assessor, Judgement]]:
    source = random_pack(seed)
    pack = source.loaded(folder / str(seed))
    if pack is None:
        return
    assessor, chance = Assessor(pack, engine="reference"), random.Random(seed)
    for _ in range(INCIDENTS):
        environment, _ = assessor.program.environment(random_incident(source, chance), NOW)
        try:
            yield assessor, judge(assessor.program, environment)
        except RuleConflict:
            continue


def kind(miss: NearMiss) -> str:
    subject, operator, _ = miss.comparison
    if subject is None:
        return "several"
    return f"{type(subject).__name__} {'other' if operator is None else operator}"


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    folder, survey = tmp_path_factory.mktemp("packs"), Survey()
    for seed in range(FIRST_SEED, FIRST_SEED + PACKS):
        for assessor, judgement in judgements(seed, folder):
            program = assessor.program
            conditions = compile_conditions(program, assessor.prepared.blame)
            misses = near_misses(program, conditions, judgement)
            found = {(miss.rule, miss.written) for miss in misses}
            if different := found ^ tried(program, judgement):
                survey.wrong.append(f"seed {seed}: {different}")
            survey.seen.update(map(kind, misses))
            survey.seen["misses"] += len(misses)
            survey.seen["false"] += judgement.truths.count(False)
    return survey


def test_each_near_miss_would_make_its_rule_true_and_none_is_missed(survey: Survey) -> None:
    assert survey.wrong == []


def test_there_were_many_near_misses_and_many_rules_that_were_not_near(survey: Survey) -> None:
    assert survey.seen["misses"] > 2 * PACKS
    assert survey.seen["false"] > survey.seen["misses"]


@pytest.mark.parametrize(
    "what", ["FactReference ==", "FactReference >=", "OutputReference ==", "several"]
)
def test_atoms_of_every_kind_were_near_misses(survey: Survey, what: str) -> None:
    assert survey.seen[what] > PACKS / 20, survey.seen
