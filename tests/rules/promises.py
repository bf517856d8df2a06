"""The promises of the default pack for every incident. Each check yields a sentence for each broken promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.reported import Reported
from schemas.scalars import format_datetime
from schemas.vocabulary import ABSENT, Fact
from service.engine.assess import NONE_REPORTED
from service.language.model import Pack
from service.serving.served_pack import ServedPack
from tests.rules.incidents import AS_OF, Incident, Incidents
from tests.rules.less_known import closed_by_less, duties
from tests.rules.promised_texts import broken_texts
from tests.rules.quiet_days import COUNTS, NONE, is_calm, is_open, less_sure, quiet_day
from tests.rules.wrong_facts import make_wrong, misspell, posted

Answer = dict[str, Any]
ANSWERING = frozenset(["safety", "holding", "apologise", "remedy", "correct", "speak"])
"""Kinds of actions that answer the people concerned or the public: more than watching."""
BEFORE_VERIFYING = frozenset(
    ["safety", "statutory", "verify", "monitor", "preserve", "freeze", "holding", "organise"]
)
SILENCE = "NO_PUBLIC_STATEMENT"
LOUD = frozenset(
    [
        "HOLDING_STATEMENT",
        "DISCLOSE_FIRST",
        "APOLOGY_FULL",
        "APOLOGY_CORE",
        "CLARIFY",
        "REFUTE_EVIDENCE",
        "CORRECT_REST",
        "KEEP_COVERAGE",
        "EXPLAIN_LISTEN",
        "MEET_EXPECTATION",
        "MEET_DEMANDS",
        "PRESS_CONFERENCE",
        "RETRACT_OWN_STATEMENT",
        "INVITE_SCRUTINY",
    ]
)
DENIAL = frozenset(["CLARIFY", "REFUTE_EVIDENCE", "KEEP_COVERAGE"])
CONFESSION = frozenset(
    [
        "APOLOGY_FULL",
        "APOLOGY_CORE",
        "APOLOGY_SHORT",
        "COMPENSATE",
        "RECALL",
        "MEET_DEMANDS",
        "MEET_EXPECTATION",
    ]
)
APOLOGIES = frozenset(["APOLOGY_FULL", "APOLOGY_CORE", "APOLOGY_SHORT"])
NEEDS = {
    ("strategy", "rebuild"): APOLOGIES,
    ("strategy", "remedy_quietly"): APOLOGIES,
    ("strategy", "concede_then_correct"): APOLOGIES,
    ("strategy", "admit_and_correct"): APOLOGIES,
    ("strategy", "explain_and_listen"): frozenset(["EXPLAIN_LISTEN"]),
    ("strategy", "meet_expectation"): frozenset(["MEET_EXPECTATION"]),
    ("strategy", "clarify"): frozenset(["CLARIFY"]),
    ("strategy", "refute_only"): frozenset(["CLARIFY", "REFUTE_EVIDENCE"]),
    ("strategy", "refute"): frozenset(["CLARIFY", "REFUTE_EVIDENCE", "POLICE_REPORT"]),
    ("statement", "apologetic"): APOLOGIES,
    ("may_say", "responsibility"): APOLOGIES,
    ("may_say", "remedy_with_date"): APOLOGIES | {"COMPENSATE"},
    ("may_say", "our_standard"): frozenset(["EXPLAIN_LISTEN"]),
    ("may_say", "evidence"): frozenset(["CLARIFY", "REFUTE_EVIDENCE"]),
    ("clarification", "many_channels"): frozenset(["CLARIFY"]),
    ("options", "apologise_and_remedy_now"): APOLOGIES,
    ("options", "concede_first"): APOLOGIES,
    ("options", "clarify_widely"): frozenset(["CLARIFY"]),
    ("options", "refute_and_pursue"): frozenset(["REFUTE_EVIDENCE", "POLICE_REPORT"]),
}
"""Strategies, words and options, each with the actions that it needs: none of these actions may be blocked or held."""
EACH = 20
"""The texts of each so many answers are read: to write them takes longer than to assess."""
WORST = tuple(f"{grade} at worst" for grade in ("red", "orange", "yellow", "blue"))
SEEN = (*WORST, "closed", "silent", "clarified", "quiet")
"""The kinds of answers that must occur among the incidents. Without them the promises about them could not be broken."""


@dataclass(slots=True)
class Promises:
    """Assesses incidents and their variants.

    For each incident `actions` has the number of actions, and `first_hour` the number due within the hour. `seen`
    counts the answers of each kind of `SEEN`.
    """

    pack: Pack
    served: ServedPack
    incidents: Incidents
    actions: list[int]
    first_hour: list[int]
    seen: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, pack: Pack, seed: int) -> Promises:
        return cls(pack, ServedPack.of(pack, "reference"), Incidents(pack, seed), [], [])

    def broken(self, number: int) -> Iterator[str]:
        """The promises broken by the next `number` incidents, each with its facts."""
        for _ in range(number):
            quiet = self.incidents.random.random() < 0.2
            incident = quiet_day(self.incidents) if quiet else self.incidents.draw()
            for sentence in self._broken(incident):
                yield f"{sentence}: {dict(incident.facts)} after {incident.previous}"

    def _broken(self, incident: Incident) -> Iterator[str]:
        answer = self._answer(incident)
        self.actions.append(len(asked_for(answer)))
        self.first_hour.append(len(answer["next_hour"]))
        self.seen.update(kinds_seen(answer))
        yield from contradictions(answer)
        yield from beyond_what_is_free(answer)
        yield from self._more_harm(incident, answer)
        yield from self._quiet(incident, answer)
        yield from self._less_sure(incident, answer)
        yield from self._less_known(incident, answer)
        yield from self._sent_wrong(incident, answer)
        yield from self._without_finding(incident, answer)
        if len(self.actions) % EACH == 0:
            yield from self._texts(incident, answer)

    def _answer(
        self,
        incident: Incident,
        reported: Mapping[str, Reported] = NONE_REPORTED,
        locale: str = "en",
    ) -> Answer:
        return self.served.assessor.assess(
            incident.facts, AS_OF, locale, previous=incident.previous, reported=reported
        )

    def _texts(self, incident: Incident, english: Answer) -> Iterator[str]:
        """In one language, and in both one after the other."""
        answers, facts = {"zh": self._answer(incident, locale="zh")}, posted(incident.facts)
        shown = [format_datetime(incident.previous.as_of)] if incident.previous else []
        yield from broken_texts(self.served, facts, answers, *shown)
        yield from broken_texts(self.served, facts, {**answers, "en": english}, *shown)

    def _level(self, graded: Answer) -> int:
        level: int = graded["grade"]["level"]
        return level

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
            less_told = Incident(rest, incident.previous)
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

    def _more_harm(self, incident: Incident, answer: Answer) -> Iterator[str]:
        name = self.incidents.random.choice(
            [name for name in self.pack.vocabulary.facts if name.startswith("harm.")]
        )
        worse = _worse(self.pack.vocabulary.facts[name], incident.facts.get(name))
        if worse is None:
            return
        other = self._answer(Incident({**incident.facts, name: worse}, incident.previous))
        if self._level(other) > self._level(answer):
            yield f"more harm lowers the grade ({name}: {worse})"
        if self._level(other["at_worst"]) > self._level(answer["at_worst"]):
            yield f"more harm lowers the worst grade ({name}: {worse})"

    def _less_known(self, incident: Incident, answer: Answer) -> Iterator[str]:
        told = [name for name, value in incident.facts.items() if value is not None]
        if not told:
            return
        name = self.incidents.random.choice(told)
        without = {key: value for key, value in incident.facts.items() if key != name}
        if not _is_unknown_if_left_out(self.pack.vocabulary.facts[name]) or len(told) % 2:
            without[name] = None
        other = self._answer(Incident(without, incident.previous))
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
        other = self._answer(Incident(without, incident.previous))
        if not other["provisional"]:
            yield "without a finding the answer is not provisional"
        freed = codes(other["actions"]) & (codes(answer["blocked"]) | codes(answer["held"]))
        if freed:
            yield f"without a finding it asks for actions that were blocked or held: {sorted(freed)}"
        kinds = {action["kind"] for action in other["actions"]} - BEFORE_VERIFYING
        if kinds:
            yield f"without a finding it asks for {sorted(kinds)}"


def _is_unknown_if_left_out(fact: Fact) -> bool:
    """Whether the pack declares no value for it: neither an assumption nor what it is where it does not apply."""
    return fact.assume is ABSENT and fact.otherwise is ABSENT


def kinds_seen(answer: Answer) -> Iterator[str]:
    """The kinds of `SEEN` to which the answer belongs."""
    yield f"{answer['at_worst']['grade']['code']} at worst"
    if answer["grade"]["code"] == NONE:
        yield "quiet"
    if answer["outputs"]["stage"]["value"] == "concluded":
        yield "closed"
    asked = codes(answer["actions"])
    if SILENCE in asked:
        yield "silent"
    if "CLARIFY" in asked:
        yield "clarified"


def contradictions(answer: Answer) -> Iterator[str]:
    """The broken promises that a single answer shows."""
    asked = codes(asked_for(answer))
    kept_back = codes(answer["blocked"]) | codes(answer["held"])
    if codes(answer["actions"]) & kept_back:
        yield f"both asked for and kept back: {sorted(asked & kept_back)}"
    for entry in answer["blocked"]:
        if not entry["instead"] or kept_back & set(entry["instead"]):
            yield f"no allowed alternative for {entry['code']}: {entry['instead']}"
    if not ANSWERING & {action["kind"] for action in answer["actions"]}:
        yield "no action answers the people concerned or the public"
    if SILENCE in asked and asked & LOUD:
        yield f"silence beside {sorted(asked & LOUD)}"
    if asked & DENIAL and asked & CONFESSION:
        yield f"{sorted(asked & DENIAL)} beside {sorted(asked & CONFESSION)}"


def beyond_what_is_free(answer: Answer) -> Iterator[str]:
    """A sentence for each strategy, words or option in the answer whose actions are blocked or held."""
    kept_back = codes(answer["blocked"]) | codes(answer["held"])
    for (output, value), needed in NEEDS.items():
        shown = answer["outputs"][output]["value"]
        named = value in shown if isinstance(shown, list) else value == shown
        if named and needed & kept_back:
            yield f"{output} {value} while {sorted(needed & kept_back)} is kept back"


def asked_for(answer: Answer) -> list[Answer]:
    """The actions that rules ask for, without the legal duties that an unknown fact decides."""
    return [one for one in answer["actions"] if one["if"] is None or one["if"]["asked"]]


def codes(entries: list[Answer]) -> set[str]:
    return {entry["code"] for entry in entries}


def _worse(fact: Fact, value: Any) -> Any:
    """A value of the fact that means more harm, or None. The values of an enum are ordered worst first."""
    if value is None:
        return None
    match fact.type.name:
        case "boolean":
            return True if value is False else None
        case "integer" | "number":
            worse = value * 10 + 1
            return worse if fact.maximum is None or worse <= fact.maximum else None
        case "enum":
            position = fact.type.values.index(value)
            return fact.type.values[position - 1] if position else None
    return None
