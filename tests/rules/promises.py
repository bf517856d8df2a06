"""The promises of the default pack for every incident. Each check yields a sentence for each broken promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from schemas.reported import Reported
from schemas.scalars import format_datetime
from schemas.vocabulary import ABSENT, Fact
from service.engine.assess import NONE_REPORTED
from service.language.model import Pack
from service.serving.served_pack import ServedPack
from tests.rules.incidents import AS_OF, Incident, Incidents
from tests.rules.less_known import closed_by_less, duties
from tests.rules.plausible import plausible
from tests.rules.promised_answers import (
    Answer,
    asked_for,
    beyond_no_finding,
    codes,
    kinds_seen,
    single_answer,
)
from tests.rules.promised_texts import broken_texts
from tests.rules.quiet_days import COUNTS, NONE, is_calm, is_open, less_sure, quiet_day
from tests.rules.worse_facts import NEGATIVE, more_negative, worse
from tests.rules.wrong_facts import make_wrong, misspell, posted

EACH = 20
"""The texts of each so many answers are read: to write them takes longer than to assess."""
PLAUSIBLE, QUIET = 0.3, 0.15
"""Shares of the incidents that are as they come to a firm, and of those around quiet days."""
MOSTLY = 0.8
"""The share of what is due before a later day that was done by then."""


@dataclass(slots=True)
class Promises:
    """Assesses incidents and their variants.

    For each incident `actions` has the number of actions, and `first_hour` the number due within the hour;
    `first_hours` has the latter for plausible incidents alone, and `soon` which actions they were. `seen` counts the answers of each kind of `SEEN`.
    """

    pack: Pack
    served: ServedPack
    incidents: Incidents
    actions: list[int]
    first_hour: list[int]
    first_hours: list[int] = field(default_factory=list)
    soon: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, pack: Pack, seed: int) -> Promises:
        return cls(pack, ServedPack.of(pack, "reference"), Incidents(pack, seed), [], [])

    def broken(self, number: int) -> Iterator[str]:
        """The promises broken by the next `number` incidents, each with its facts."""
        for _ in range(number):
            chosen = self.incidents.random.random()
            if chosen < PLAUSIBLE:
                incident = self._as_it_comes()
            else:
                is_quiet = chosen < PLAUSIBLE + QUIET
                incident = quiet_day(self.incidents) if is_quiet else self.incidents.draw()
            for sentence in self._broken(incident):
                told = f"{dict(incident.facts)}, done {sorted(incident.done)}"
                yield f"{sentence}: {told}, after {incident.previous}"

    def _as_it_comes(self) -> Incident:
        """A plausible incident. On a later day most of what was due before is done."""
        incident = plausible(self.incidents)
        if not incident.is_later:
            return incident
        late = [one["code"] for one in self._answer(incident)["next_hour"] if one["overdue"]]
        done = [code for code in late if self.incidents.random.random() < MOSTLY]
        return replace(incident, done=dict.fromkeys(done, AS_OF - timedelta(hours=1)))

    def _broken(self, incident: Incident) -> Iterator[str]:
        answer = self._answer(incident)
        self._count(incident, answer)
        yield from single_answer(self.pack, incident, answer)
        yield from self._carried_out(incident, answer)
        yield from self._more_harm(incident, answer)
        yield from self._more_negative(incident, answer)
        yield from self._quiet(incident, answer)
        yield from self._less_sure(incident, answer)
        yield from self._less_known(incident, answer)
        yield from self._sent_wrong(incident, answer)
        yield from self._without_finding(incident, answer)
        if len(self.actions) % EACH == 0:
            yield from self._texts(incident, answer)

    def _count(self, incident: Incident, answer: Answer) -> None:
        self.actions.append(len(asked_for(answer)))
        self.first_hour.append(len(answer["next_hour"]))
        if incident.is_plausible:
            self.first_hours.append(len(answer["next_hour"]))
            self.soon.update(codes(answer["next_hour"]))
        self.seen.update(kinds_seen(answer))

    def _answer(
        self,
        incident: Incident,
        reported: Mapping[str, Reported] = NONE_REPORTED,
        locale: str = "en",
    ) -> Answer:
        return self.served.assessor.assess(
            incident.facts,
            AS_OF,
            locale,
            previous=incident.previous,
            carried_out=incident.done,
            reported=reported,
        )

    def _texts(self, incident: Incident, english: Answer) -> Iterator[str]:
        """In one language, and in both one after the other."""
        answers, facts = {"zh": self._answer(incident, locale="zh")}, posted(incident.facts)
        moments = [one for one in incident.facts.values() if isinstance(one, datetime)]
        if incident.previous:
            moments.append(incident.previous.as_of)
        shown = [format_datetime(moment) for moment in moments]  # a page lists the facts too
        yield from broken_texts(self.served, facts, answers, *shown)
        yield from broken_texts(self.served, facts, {**answers, "en": english}, *shown)

    def _quiet(self, incident: Incident, answer: Answer) -> Iterator[str]:
        """No incident exactly where the second definition says so, unless another rule gives a grade."""
        told = answer["grade"]["code"] == NONE
        calm = is_calm(incident.facts) and not is_open(incident.previous)
        if told and not calm:
            yield "no incident although the day is not calm"
        if calm and answer["grade"]["code"] == "blue":
            yield "an incident although the day is calm"

    def _less_sure(self, incident: Incident, answer: Answer) -> Iterator[str]:
        """One posted fact is left out, old, of one page, disputed or from another reporter."""
        facts = self.pack.vocabulary.facts
        told = [name for name, value in incident.facts.items() if value is not None]
        if not told:
            return
        name = self.incidents.random.choice(told)
        said = Reported(incident.facts[name], "the desk", AS_OF)
        same = self._answer(incident, {name: Reported(incident.facts[name], "the desk")})
        if {**same, "provenance": {}} != answer:
            yield f"the source of {name} changes the answer"
        ways = less_sure(name, said, facts[name].stale_after)
        way = self.incidents.random.choice(sorted(ways))
        less = self._answer(incident, {name: ways[way]})
        yield from self._milder(answer, less, f"{name} {way}")
        if facts[name].assume is facts[name].otherwise is ABSENT:
            rest = {key: value for key, value in incident.facts.items() if key != name}
            less_told = replace(incident, facts=rest)
            is_count = name in COUNTS
            yield from self._milder(
                answer, self._answer(less_told), f"without {name}", may_be_quiet=not is_count
            )

    def _milder(
        self, more: Answer, less: Answer, how: str, may_be_quiet: bool = False
    ) -> Iterator[str]:
        for name in self.pack.lifted:
            rank = self.pack.outputs[name].type.values.index
            if rank(less["at_worst"][name]["code"]) > rank(more["at_worst"][name]["code"]):
                yield f"{name} is better at worst with {how}"
        was_none, is_none = (one["grade"]["code"] == NONE for one in (more, less))
        if is_none and not was_none and not may_be_quiet:
            yield f"it becomes no incident with {how}"
        if lost := duties(more) - duties(less):
            yield f"legal duties go with {how}: {sorted(lost)}"

    def _carried_out(self, incident: Incident, answer: Answer) -> Iterator[str]:
        """Some of what is due within the hour is carried out now."""
        due = [one["code"] for one in answer["next_hour"]]
        done = self.incidents.random.sample(due, min(3, len(due)))
        after = self._answer(
            replace(incident, done={**incident.done, **dict.fromkeys(done, AS_OF)})
        )
        late = {one["code"] for one in after["next_hour"] if one["overdue"]}
        if late & {*done}:
            yield f"carried out now and overdue: {sorted(late & {*done})}"
        if lost := codes(answer["actions"]) - codes(after["actions"]):
            yield f"actions go as others are done: {sorted(lost)}"

    def _more_harm(self, incident: Incident, answer: Answer) -> Iterator[str]:
        name = self.incidents.random.choice(
            [name for name in self.pack.vocabulary.facts if name.startswith("harm.")]
        )
        value = worse(self.pack.vocabulary.facts[name], incident.facts.get(name))
        yield from self._raised(incident, answer, name, value, "more harm")

    def _more_negative(self, incident: Incident, answer: Answer) -> Iterator[str]:
        told = [name for name in NEGATIVE if incident.facts.get(name) is not None]
        if not told:
            return
        name = self.incidents.random.choice(told)
        value = more_negative(incident.facts, name, self.incidents.random)
        yield from self._raised(incident, answer, name, value, "more negative posts")

    def _raised(
        self, incident: Incident, answer: Answer, name: str, value: Any, what: str
    ) -> Iterator[str]:
        """With a worse value of one fact the grade is not lower, as far as known and at worst."""
        if value is None:
            return
        other = self._answer(replace(incident, facts={**incident.facts, name: value}))
        if _level(other) > _level(answer):
            yield f"{what} lowers the grade ({name}: {value})"
        if _level(other["at_worst"]) > _level(answer["at_worst"]):
            yield f"{what} lowers the worst grade ({name}: {value})"

    def _less_known(self, incident: Incident, answer: Answer) -> Iterator[str]:
        told = [name for name, value in incident.facts.items() if value is not None]
        if not told:
            return
        name = self.incidents.random.choice(told)
        without = {key: value for key, value in incident.facts.items() if key != name}
        if not _is_unknown_if_left_out(self.pack.vocabulary.facts[name]) or len(told) % 2:
            without[name] = None
        other = self._answer(replace(incident, facts=without))
        for sentence in closed_by_less(self.pack, answer, other):
            yield f"without {name} {sentence}"

    def _sent_wrong(self, incident: Incident, answer: Answer) -> Iterator[str]:
        """Posts some facts wrong, also some that are not posted and those that the pack assumes; and misspells one without a declared value."""
        chance, facts = self.incidents.random, self.pack.vocabulary.facts
        body = posted(incident.facts)
        names = chance.sample(sorted(facts), chance.randint(1, 3))
        told = [name for name in incident.facts if name not in names]
        told = [name for name in told if _is_unknown_if_left_out(facts[name])]
        for name in chance.sample(told, min(len(told), 1)):
            misspell(name, body)
        for name in names:
            make_wrong(facts[name], incident.facts.get(name), body, chance)
        loaded = self.served.facts.load(body)
        other = self._answer(Incident(loaded.values, incident.previous))
        if not loaded.mistakes:
            yield f"wrong facts are taken for right ones: {body}"
        for sentence in closed_by_less(self.pack, answer, other):
            yield f"with wrong facts {sentence}, posted {body}"

    def _without_finding(self, incident: Incident, answer: Answer) -> Iterator[str]:
        without = {
            name: value for name, value in incident.facts.items() if not name.startswith("finding.")
        }
        other = self._answer(replace(incident, facts=without))
        if not other["provisional"]:
            yield "without a finding the answer is not provisional"
        yield from beyond_no_finding(answer, other)


def _is_unknown_if_left_out(fact: Fact) -> bool:
    """Whether the pack declares no value for it: neither an assumption nor what it is where it does not apply."""
    return fact.assume is ABSENT and fact.otherwise is ABSENT


def _level(graded: Answer) -> int:
    level: int = graded["grade"]["level"]
    return level
