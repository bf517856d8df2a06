"""The promises that a partial answer makes about every completion. Each function yields the breaches that it finds in one case."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas.facts import FactsSchema
from service.language.model import Output
from tests.semantics.completions import NOW, Answer, Case, not_applying, values_for

Promise = Callable[[Case], Iterator[str]]


def codes(entries: list[dict[str, Any]]) -> set[str]:
    return {entry["code"] for entry in entries}


def lifted(answer: Answer, name: str, where: str | None = None) -> Any:
    view = (answer if where is None else answer[where])[name]
    return view["code"] if "code" in view else view["value"]


def unordered(value: Any) -> Any:
    """A collected list without its order, which test_regressions tests."""
    return tuple(sorted(value)) if isinstance(value, list) else value


def values_of(answer: Answer, name: str) -> Any:
    return unordered(answer["outputs"][name]["value"])


def rank(output: Output, value: Any) -> Any:
    """A greater rank is worse."""
    return -output.type.values.index(value) if output.type.values else value


def can_be(view: Any, value: Any) -> bool:
    if isinstance(view, list):
        return value in view
    if "min" in view:
        return bool(view["min"] <= value <= view["max"])
    return Counter(view["sure"]) <= Counter(value) <= Counter(view["possible"])


def values_stay_in_can_be(case: Case) -> Iterator[str]:
    for given, answer in [({}, case.partial), *case.completed]:
        for name, view in answer["outputs"].items():
            promised = case.partial["outputs"][name]["can_be"]
            if not can_be(promised, view["value"]):
                yield f"{name} = {view['value']}, not in {promised}, given {given}"


def answers_lie_between_worst_and_best(case: Case) -> Iterator[str]:
    for given, answer in case.completed:
        for name in case.pack.lifted:
            output = case.pack.outputs[name]
            best, value, worst = (
                rank(output, lifted(answer if where is None else case.partial, name, where))
                for where in ("at_best", None, "at_worst")
            )
            if not best <= value <= worst:
                yield f"{name} = {lifted(answer, name)}, given {given}"


def the_established_stays(case: Case) -> Iterator[str]:
    for given, answer in case.completed:
        for name, view in case.partial["outputs"].items():
            if view["established"] and unordered(view["value"]) != values_of(answer, name):
                yield f"{name} = {answer['outputs'][name]['value']}, given {given}"


def allowed_actions_are_never_blocked(case: Case) -> Iterator[str]:
    allowed = codes(case.partial["actions"])
    for given, answer in case.completed:
        if wrong := allowed & (codes(answer["blocked"]) | codes(answer["held"])):
            yield f"{wrong}, given {given}"


def allowed_and_surely_asked_stays_allowed(case: Case) -> Iterator[str]:
    sure = set(case.partial["outputs"]["actions"]["can_be"]["sure"])
    for given, answer in case.completed:
        if wrong := (codes(case.partial["actions"]) & sure) - codes(answer["actions"]):
            yield f"{wrong}, given {given}"


def surely_blocked_is_never_allowed(case: Case) -> Iterator[str]:
    sure = set(case.partial["outputs"]["blocked"]["can_be"]["sure"])
    for given, answer in case.completed:
        if wrong := sure & codes(answer["actions"]):
            yield f"{wrong}, given {given}"


def every_asked_action_has_one_place(case: Case) -> Iterator[str]:
    for _, answer in [({}, case.partial), *case.completed]:
        asked = set(answer["outputs"]["actions"]["value"])
        places = [codes(answer[place]) for place in ("actions", "held", "blocked")]
        if any(sum(code in place for place in places) != 1 for code in asked):
            yield f"asked {asked}, placed {places}"
        if not places[0] | places[1] <= asked:
            yield f"no rule asked for them, placed {places}"


def a_held_action_has_a_reason_and_facts_that_free_it(case: Case) -> Iterator[str]:
    """Once all facts of `until` are known, it is no longer held, unless something cannot be computed from them."""
    chance = random.Random(case.source.seed)
    for held in case.partial["held"]:
        if not (held["because"] and held["until"]):
            yield f"without a reason: {held}"
        unknown = tuple(name for name in held["until"] if name in case.unknown)
        given = chance.choice(list(values_for(case.source, unknown)))
        answer = case.assess(given)
        for still in [] if answer is None else answer["held"]:
            if still["code"] == held["code"] and set(still["until"]) & set(case.unknown) - {*given}:
                yield f"{held} became {still}, given {given}"


def blame(case: Case, name: str) -> frozenset[str]:
    return frozenset(
        entry["fact"] for entry in case.partial["unknowns"] if name in entry["could_change"]
    )


def listed_unknowns_are_all_that_matter(case: Case) -> Iterator[str]:
    """Completions that agree on the facts listed for an output agree on the output."""
    for name in case.pack.outputs:
        if name == "blocked":  # lists only facts that decide about an action, see the next promise
            continue
        listed = blame(case, name)
        found: dict[Any, set[Any]] = defaultdict(set)
        for given, answer in case.completed:
            found[tuple((fact, given[fact]) for fact in given if fact in listed)].add(
                values_of(answer, name)
            )
        for given, values in found.items():
            if len(values) > 1:
                yield f"{name} is any of {values} with {given}, listed {set(listed)}"


def unlisted_facts_change_nothing_alone(case: Case) -> Iterator[str]:
    """They change neither the lifted outputs nor whether an action is held."""
    listed = {entry["fact"] for entry in case.partial["unknowns"]}
    for fact in set(case.unknown) - listed:
        for value in case.source.domains[fact]:
            answer = case.assess({fact: value})
            if answer is None:
                continue
            for name in case.pack.lifted:
                if answer["outputs"][name] != case.partial["outputs"][name]:
                    yield f"{name}: {answer['outputs'][name]}, given {fact} = {value}"
            if codes(answer["held"]) != codes(case.partial["held"]):
                yield f"held: {answer['held']}, given {fact} = {value}"


def provisional_if_an_answer_can_change(case: Case) -> Iterator[str]:
    if case.partial["provisional"]:
        return
    for given, answer in case.completed:
        for name in case.pack.lifted:
            if lifted(answer, name) != lifted(case.partial, name):
                yield f"{name} = {lifted(answer, name)}, given {given}"


def a_sentence_that_is_said_stays_true(case: Case) -> Iterator[str]:
    """Except where `has` says that a fact is unknown: that ends when the fact becomes known."""
    program = case.assessor.program
    if program.asks_has_of_unknown(program.environment(case.facts, NOW)[0]):
        return
    asking = {one.text["*"] for one in case.pack.verdict if "has(" in one.written}
    said = set((case.partial["verdict"] or "").split()) - asking
    for given, answer in case.completed:
        if lost := said - set((answer["verdict"] or "").split()):
            yield f"{lost} was said, given {given}"


def complete_incidents_leave_nothing_open(case: Case) -> Iterator[str]:
    """An output may stay open if something cannot be computed; then the answer lists a known fact."""
    for given, answer in case.completed:
        is_open = [n for n, view in answer["outputs"].items() if not view["established"]]
        if is_open and not answer["unknowns"] and is_open != ["blocked"]:
            yield f"{is_open} and no fact is listed, given {given}"


def one_more_fact_never_widens(case: Case) -> Iterator[str]:
    chance = random.Random(case.source.seed)
    fact = chance.choice(case.unknown)
    answer = case.assess({fact: chance.choice(case.source.domains[fact])})
    for name, view in (answer or {"outputs": {}})["outputs"].items():
        before, after = case.partial["outputs"][name]["can_be"], view["can_be"]
        if not _inside(after, before):
            yield f"{name}: {before} became {after} by {fact}"


def a_fact_sent_wrong_never_narrows(case: Case) -> Iterator[str]:
    """Each fact in turn is sent wrong in lenient handling, also those that are absent and assumed."""
    schema = FactsSchema(case.pack.vocabulary)
    for fact in case.pack.vocabulary.facts:
        group, _, name = fact.partition(".")
        loaded = schema.load({group: {name: {"unit": "dozen"}}})
        answer = case.assess(loaded.values)
        for output, view in (answer or {"outputs": {}})["outputs"].items():
            right, wrong = case.partial["outputs"][output]["can_be"], view["can_be"]
            if not loaded.errors or not _inside(right, wrong):
                yield f"{output}: {right} became {wrong} with a wrong {fact}"


def what_does_not_apply_has_its_declared_value(case: Case) -> Iterator[str]:
    """It is listed, and nothing else is; to post this value gives the same outputs."""
    unapplied = not_applying(case.source, case.pack, case.facts)
    listed = case.partial["assumed"]
    for name in case.source.applies:
        expected = unapplied.get(name, "absent")
        if listed.get(name, "absent") != (
            list(expected) if isinstance(expected, tuple) else expected
        ):
            yield f"assumed {listed}, but {name} is {expected}"
    if unapplied:
        posted = case.assess(unapplied)
        if posted is None or posted["outputs"] != case.partial["outputs"]:
            yield f"other outputs with {unapplied} posted"


def _inside(after: Any, before: Any) -> bool:
    if isinstance(after, list):
        return set(after) <= set(before)
    if "min" in after:
        return bool(before["min"] <= after["min"] and after["max"] <= before["max"])
    sure, possible = (
        [Counter(view[end]) for view in (before, after)] for end in ("sure", "possible")
    )
    return sure[0] <= sure[1] and possible[1] <= possible[0]


PROMISES: Mapping[str, Promise] = {
    promise.__name__: promise
    for promise in (
        values_stay_in_can_be,
        answers_lie_between_worst_and_best,
        the_established_stays,
        allowed_actions_are_never_blocked,
        allowed_and_surely_asked_stays_allowed,
        surely_blocked_is_never_allowed,
        every_asked_action_has_one_place,
        a_held_action_has_a_reason_and_facts_that_free_it,
        listed_unknowns_are_all_that_matter,
        unlisted_facts_change_nothing_alone,
        provisional_if_an_answer_can_change,
        a_sentence_that_is_said_stays_true,
        complete_incidents_leave_nothing_open,
        one_more_fact_never_widens,
        a_fact_sent_wrong_never_narrows,
        what_does_not_apply_has_its_declared_value,
    )
}
