"""Every whole answer of the default pack can be sent back as the previous answer, and means what its shortest form means."""

from __future__ import annotations

from typing import Any

from schemas.facts import FactsSchema
from schemas.previous import Previous
from service.asking.posted import Posted
from service.engine.judging.previous import previous_reader
from tests.packs import default_pack
from tests.previous_forms import shortest
from tests.rules.golden import NOW, packs
from tests.rules.incidents import AS_OF, Incidents
from tests.rules.test_pr_crisis import results

IDS = {"assessment_id": "5f0c2f0e-6f3e-4a57-9b0f-0d6a4f1f3c11", "incident_id": None}
EVERY = 40
"""One of so many cases is assessed again after its own answer, in one language after the other."""


def read(sent: Any) -> Previous:
    previous, errors = previous_reader(default_pack()).load(sent)
    assert errors == []
    assert previous is not None
    assert previous.passed_over == ()
    return previous


def as_short(whole: Previous, short: Previous) -> bool:
    """The short form leaves out deadlines of approvals that do not exist. Both null and left out mean no change."""
    return whole.approvals.items() >= short.approvals.items() and all(
        moment is None for code, moment in whole.approvals.items() if code not in short.approvals
    )


def test_every_answer_of_a_case_is_read_whole_as_in_its_short_form() -> None:
    for result in results():
        assert result.answer is not None
        whole, short = read({**IDS, **result.answer}), read(shortest(result.answer))
        assert as_short(whole, short)
        for part in ("as_of", "outputs", "actions", "since", "responses", "undated", "unread"):
            assert getattr(whole, part) == getattr(short, part), result.case.name
        for part in ("blocked", "held", "next_review"):
            assert getattr(whole, part) == getattr(short, part), result.case.name


def sent_back(body: dict[str, Any], later: str) -> None:
    """The answer to this body, with all that can be requested, leads whole and short to the same next answer."""
    asked = {**body, "explain": "full", "contingency": True}
    first = packs().assess(Posted(asked, NOW)).answer
    again = {key: value for key, value in body.items() if key != "previous"} | {"as_of": later}
    answers = [
        packs().assess(Posted({**again, "previous": previous}, NOW)).answer
        for previous in ({**IDS, **first}, shortest(first))
    ]
    assert answers[0] == answers[1]


def test_cases_and_random_incidents_sent_back_whole_and_short_get_the_same_answer() -> None:
    locales, incidents = default_pack().locales, Incidents(default_pack(), 3)
    for number, case in enumerate(default_pack().cases[::EVERY]):
        body = {"facts": case.facts, "as_of": case.as_of.isoformat()}
        sent_back(body | {"locale": locales[number % len(locales)]}, case.as_of.isoformat())
    for locale in locales * 2:
        facts = incidents.draw().facts
        sent_back(
            {"facts": nested(facts), "as_of": AS_OF.isoformat(), "locale": locale},
            "2026-06-02T00:00:00Z",
        )


def nested(facts: Any) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    for name, value in facts.items():
        group, _, leaf = name.partition(".")
        written = value.isoformat() if hasattr(value, "isoformat") else value
        groups.setdefault(group, {})[leaf] = (
            list(written) if isinstance(written, tuple) else written
        )
    assert FactsSchema(default_pack().vocabulary).load(groups).errors == []
    return groups
