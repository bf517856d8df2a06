"""What is only suspected decides what is sealed and checked, and neither the type nor the words."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from service.serving.served_pack import ServedPack
from tests.packs import default_pack
from tests.rules.incidents import AS_OF

SEALED = {
    ("product",): {"LEGAL_HOLD": "samples", "VERIFY_INTERNAL": "samples"},
    ("supplier",): {"LEGAL_HOLD": "delivery records", "VERIFY_INTERNAL": "batch"},
    ("system",): {"LEGAL_HOLD": "logs", "VERIFY_INTERNAL": "logs"},
    ("staff",): {"LEGAL_HOLD": "shift lists", "VERIFY_INTERNAL": "accounts apart"},
    ("contractor",): {"LEGAL_HOLD": "contracts", "VERIFY_INTERNAL": "contractor"},
    ("deepfake",): {"VERIFY_INTERNAL": "forensic examiner"},
    ("product", "system"): {"LEGAL_HOLD": "all that is suspected"},
}
KEPT = ("type", "cluster", "strategy", "may_say", "may_not_say", "impact")


@cache
def served() -> ServedPack:
    return ServedPack.of(default_pack(), "reference")


def answer(suspected: tuple[str, ...] | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"source.kind": "consumer", "harm.injuries": 2}
    if suspected is not None:
        facts["finding.suspected_cause"] = suspected
    return served().assessor.assess(facts, AS_OF, "en")


def texts(found: dict[str, Any]) -> dict[str, str]:
    return {action["code"]: action["text"] for action in found["actions"]}


@pytest.mark.parametrize("suspected", SEALED, ids="+".join)
def test_what_is_sealed_and_checked_follows_the_suspicion(suspected: tuple[str, ...]) -> None:
    found, without = texts(answer(suspected)), texts(answer(None))
    for code, words in SEALED[suspected].items():
        assert words in found[code]
        assert words not in without[code]


@pytest.mark.parametrize("suspected", SEALED, ids="+".join)
def test_neither_type_nor_words_follow_from_a_suspicion(suspected: tuple[str, ...]) -> None:
    found, without = answer(suspected)["outputs"], answer(None)["outputs"]
    assert {name: found[name]["value"] for name in KEPT} == {
        name: without[name]["value"] for name in KEPT
    }


def test_a_forgery_is_kept_with_its_original_once_it_is_found_false() -> None:
    facts = {"finding.claim": "refuted", "finding.basis": "third_party"}
    found = served().assessor.assess(
        {**facts, "finding.suspected_cause": ("deepfake",)}, AS_OF, "en"
    )
    assert "original files" in texts(found)["EVIDENCE_PRESERVE"]
