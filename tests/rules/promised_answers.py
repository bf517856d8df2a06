"""What every single answer of the default pack promises. Each check yields a sentence for each broken promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from service.language.model import Pack
from tests.rules.incidents import Incident
from tests.rules.promised_grounds import foreign_grounds
from tests.rules.quiet_days import NONE

Answer = dict[str, Any]
ANSWERING = frozenset(["safety", "holding", "apologise", "remedy", "correct", "speak"])
"""Kinds of actions that answer the people concerned or the public: more than watching."""
BEFORE_VERIFYING = frozenset(
    ["safety", "statutory", "verify", "monitor", "preserve", "freeze", "holding", "organise"]
)
SILENCE = "NO_PUBLIC_STATEMENT"
GIVEN = {
    "HOLDING_STATEMENT": "holding",
    "APOLOGY_FULL": "apology",
    "APOLOGY_CORE": "apology",
    "APOLOGY_SHORT": "apology_private",
    "RECALL": "recall",
    "COMPENSATE": "compensation",
    "CORRECTIVE_PLAN": "correction",
}
"""Actions, each with the measure of `response.given` that says it was done."""
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
    ("strategy", "own_the_conduct"): frozenset(["APOLOGY_SHORT", "PERSONNEL_DECISION"]),
    ("strategy", "rebuild"): APOLOGIES,
    ("strategy", "remedy_quietly"): APOLOGIES,
    ("strategy", "concede_then_correct"): APOLOGIES,
    ("strategy", "admit_and_correct"): APOLOGIES,
    ("strategy", "explain_and_listen"): frozenset(["EXPLAIN_LISTEN"]),
    ("strategy", "meet_expectation"): frozenset(["MEET_EXPECTATION"]),
    ("strategy", "clarify"): frozenset(["CLARIFY"]),
    ("strategy", "clarify_where_it_stands"): frozenset(["CLARIFY"]),
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
    ("options", "clarify_where_it_stands"): frozenset(["CLARIFY"]),
    ("options", "clarify_widely"): frozenset(["CLARIFY"]),
    ("options", "refute_and_pursue"): frozenset(["REFUTE_EVIDENCE", "POLICE_REPORT"]),
}
"""Strategies, words and options, each with the actions that it needs: none of these actions may be blocked or held."""
WORST = tuple(f"{grade} at worst" for grade in ("red", "orange", "yellow", "blue"))
SEEN = (*WORST, "closed", "silent", "clarified", "quiet")
"""The kinds of answers that must occur among the incidents. Without them the promises about them could not be broken."""


def single_answer(pack: Pack, incident: Incident, answer: Answer) -> Iterator[str]:
    """All broken promises that this answer shows by itself."""
    yield from contradictions(answer)
    yield from opposites(pack, answer)
    yield from beyond_what_is_free(answer)
    yield from off_the_page(answer)
    yield from late_though_done(incident, answer)
    yield from foreign_grounds(pack.grounds, incident.facts, answer)


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
    is_incident = answer["grade"]["code"] != NONE
    if is_incident and not ANSWERING & {action["kind"] for action in answer["actions"]}:
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


def beyond_no_finding(answer: Answer, without: Answer) -> Iterator[str]:
    """What is asked for once nothing is found any more, though it needs a finding."""
    kept_back = codes(answer["blocked"]) | codes(answer["held"])
    if freed := codes(without["actions"]) & kept_back:
        yield f"without a finding it asks for actions that were blocked or held: {sorted(freed)}"
    if kinds := {action["kind"] for action in without["actions"]} - BEFORE_VERIFYING:
        yield f"without a finding it asks for {sorted(kinds)}"


def opposites(pack: Pack, answer: Answer) -> Iterator[str]:
    """Two actions that exclude each other and are both asked for."""
    asked = codes(answer["actions"])
    pairs = [
        *((one.code, other) for one in pack.actions.values() for other in one.contradicts),
        *(("RETRACT_OWN_STATEMENT", other) for other in sorted(DENIAL)),
    ]
    for one, other in pairs:
        if {one, other} <= asked:
            yield f"{one} beside {other}"


def off_the_page(answer: Answer) -> Iterator[str]:
    """What protects people, and what the law asks for, stands on the page until it is done. Duties in doubt do not on a quiet day, nor once it is closed."""
    is_calm = answer["grade"]["code"] == NONE or answer["stage"]["code"] == "concluded"
    asked = asked_for(answer) if is_calm else answer["actions"]
    due = {
        one["code"]
        for one in asked
        if not one["done"] and (one["kind"] == "safety" or one["statutory"])
    }
    shown = {code for line in answer["brief"]["lines"] for code in line["actions"]}
    if due - shown:
        yield f"not on the page: {sorted(due - shown)}"


def late_though_done(incident: Incident, answer: Answer) -> Iterator[str]:
    """What is done is neither due nor on the page, and what was given counts as done."""
    done = {one["code"] for one in answer["actions"] if one["done"]}
    lines = [line for line in answer["brief"]["lines"] if line["row"] not in ("changes", "late")]
    if late := done & codes(answer["next_hour"]):
        yield f"done and still due: {sorted(late)}"
    if again := done & {code for line in lines for code in line["actions"]}:
        yield f"done and still on the page: {sorted(again)}"
    if incident.previous is None and not incident.done:
        given = set(incident.facts.get("response.given") or ())
        counted = {code for code, measure in GIVEN.items() if measure in given}
        if missed := counted & codes(asked_for(answer)) - done:
            yield f"given and not done: {sorted(missed)}"
