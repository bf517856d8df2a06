"""Compares both matchers and an oracle on whole packs of several strata, with guards and every hit policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import yaml

from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from service.engine.judging.judge import Judgement
from service.language.model import Pack
from tests.campaigns.differential.conditions import load
from tests.campaigns.differential.differences import Difference, PackSample, small
from tests.campaigns.differential.matchers import TwoMatchers
from tests.campaigns.differential.pack_oracle import (
    ConflictError,
    PackOracle,
    UnsettledError,
    Verdict,
)
from tests.campaigns.differential.tally import Tally
from tests.semantics.completions import NOW, random_incident
from tests.semantics.named_constants import named
from tests.semantics.random_packs import ACTIONS, NEVER, random_pack

WHOLE = "whole packs: rete, reference and the oracle of packs"
INCIDENTS = 20
Facts = Mapping[str, Any]


def compare_packs(chance: Random, folder: Path, tally: Tally) -> Iterator[Difference]:
    """One random pack with random incidents. In a third of them all facts are known.

    Some packs name constants and lists. The oracle reads the values in their places.
    """
    source = random_pack(chance.randrange(2**48), with_holds=True)
    files = {name: yaml.safe_load(text) for name, text in source.files.items()}
    with_names = named(files, chance) if chance.random() < 0.3 else files
    tally.compared["packs with constants and lists"] += with_names is not files
    pack = load(PackSample(with_names, {}, NOW), folder / "whole")
    tally.compared["packs refused by the loader"] += pack is None
    if pack is None:
        return
    judges = _Judges(pack, files)
    seen = set()
    for number in range(INCIDENTS):
        facts = random_incident(source, chance)
        if number % 3 == 0:
            facts |= {name: chance.choice(values) for name, values in source.domains.items()}
        if judges.wrong(facts, tally):
            yield small(WHOLE, PackSample(files, facts, NOW), pack_differs, folder)
            break
        seen.add(repr(sorted(facts.items())))
    tally.compared["packs"] += 1
    tally.compared["packs of 3 strata or more"] += len(pack.strata) >= 3
    tally.compared["unique incidents of packs"] += len(seen)
    judges.close()


def pack_differs(sample: PackSample, folder: Path) -> str | None:
    pack = load(sample, folder)
    if pack is None or not pack.rules:
        return None
    facts = {n: value for n, value in sample.facts.items() if n in pack.vocabulary.facts}
    judges = _Judges(pack, sample.files)
    try:
        return judges.wrong(facts, Tally()) or None
    finally:
        judges.close()


class _Judges:
    """All judges of one pack."""

    def __init__(self, pack: Pack, files: Mapping[str, Any]) -> None:
        self.pack = pack
        self.both = TwoMatchers(pack)
        self.assessor = Assessor(pack, "reference")
        self.oracle = PackOracle(files)

    def wrong(self, facts: Facts, tally: Tally) -> str:
        """The differences as text; "" if there are none."""
        verdict = Verdict(self.oracle, facts, NOW)
        try:
            judgement, differing = self.both.judged(facts, NOW)
        except RuleConflict as conflict:
            tally.compared["conflicts"] += 1
            return self._no_conflict(verdict, conflict)
        tally.compared["rules of packs: rete and reference"] += len(self.pack.rules)
        if differing:
            return f"rete and reference differ on {', '.join(differing)}"
        try:
            found = [
                *self._rules(verdict, judgement, tally),
                *self._outputs(verdict, judgement, tally),
                *self._places(verdict, facts, tally),
            ]
        except ConflictError as conflict:
            return f"the oracle finds a conflict, the engine none: {conflict}"
        return "; ".join(found)

    def _no_conflict(self, verdict: Verdict, conflict: RuleConflict) -> str:
        """A difference if the oracle has a result for the output; "" if it finds the conflict too or has no result."""
        try:
            value = verdict.output(conflict.output)
        except (ConflictError, UnsettledError):
            return ""
        return f"the engine finds a conflict on {conflict.output}, the oracle says {value}"

    def _rules(self, verdict: Verdict, judgement: Judgement, tally: Tally) -> Iterator[str]:
        for position, rule in enumerate(self.pack.rules):
            try:
                said = verdict.truth(position)
            except UnsettledError:
                continue
            tally.compared["rules of packs: reference and oracle"] += 1
            ours = judgement.truths[position]
            if said is not ours:
                yield f"the oracle says {said} of {rule.id}, we say {ours}"

    def _outputs(self, verdict: Verdict, judgement: Judgement, tally: Tally) -> Iterator[str]:
        for name in self.pack.outputs:
            try:
                said = verdict.output(name)
            except UnsettledError:
                continue
            tally.compared["outputs of packs: engine and oracle"] += 1
            for ours in (judgement.values[name], judgement.can_be[name]):
                plain = list(ours) if isinstance(ours, tuple) else ours
                if (type(plain), plain) != (type(said), said):
                    yield f"the oracle says {name} is {said!r}, we say {plain!r}"

    def _places(self, verdict: Verdict, facts: Facts, tally: Tally) -> Iterator[str]:
        """Compared only if all facts are known: otherwise more facts could make a guard with `has` fire."""
        if not verdict.complete:
            return
        answer = self.assessor.assess(facts, NOW, "en")
        for code in (*ACTIONS, NEVER):
            if code not in self.pack.actions:
                continue
            try:
                said = verdict.place(code)
            except UnsettledError:
                continue
            tally.compared["actions of packs: engine and oracle"] += 1
            places = ("actions", "held", "blocked")
            ours = [p for p in places if code in {entry["code"] for entry in answer[p]}]
            if ours != ([said] if said else []):
                yield f"the oracle puts {code} in {said or 'none'}, we in {ours}"

    def close(self) -> None:
        self.both.close()
