"""The texts of an answer: the verdict in one line, and every text in all languages of a pack at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.facts import FactsSchema
from schemas.scalars import parse_datetime
from service.engine.assess import Assessor
from service.engine.judging.cross_check import EngineName
from service.language.model import BOTH
from tests.packs import HARBOUR, copy_of_harbour, loaded, plain_pack

AS_OF = parse_datetime("2026-05-01T12:00:00+08:00")
ENGINE: EngineName = "reference"
STORM = {
    "wind": {"speed": 30.5, "from": "sea"},
    "ships": {"inside": 6, "flags": ["pa", "cn"], "flagship": "{wind.speed} / 旗"},
}


def answer(folder: Path, locale: str, facts: Any = STORM) -> dict[str, Any]:
    pack = loaded(folder)
    posted = FactsSchema(pack.vocabulary).load(facts)
    read, errors = posted.values, posted.errors
    assert errors == []
    return Assessor(pack, ENGINE).assess(read, AS_OF, locale)


def reasons(folder: Path, locale: str, facts: Any = STORM) -> dict[str, str]:
    return {one["rule"]: one["text"] for one in answer(folder, locale, facts)["reasons"]}


@pytest.mark.parametrize(
    ("locale", "verdict"),
    [
        ("en", "Storm, Night crew; load 100"),
        ("zh", "风暴，夜班；负荷 100"),
        (BOTH, "Storm, Night crew; load 100 / 风暴，夜班；负荷 100"),
    ],
)
def test_the_verdict_is_filled_in_with_facts_and_outputs(locale: str, verdict: str) -> None:
    assert answer(HARBOUR, locale)["verdict"] == verdict


def test_an_answer_has_no_verdict_if_its_pack_has_none(tmp_path: Path) -> None:
    pack = plain_pack(tmp_path / "plain", "rules: []")
    for locale in pack.locales:
        assert Assessor(pack, ENGINE).assess({}, AS_OF, locale)["verdict"] is None


def test_a_reason_is_a_sentence_in_each_language_and_then_joined_the_packs_own_first() -> None:
    said = reasons(HARBOUR, BOTH)
    assert said["alert.storm"] == "wind of 30.5 m/s from the sea / 海上来风 30.5 米/秒"
    assert said["crew.night"] == "load 100, alert Storm / 负荷 100，警报 风暴"
    assert reasons(HARBOUR, "zh")["alert.storm"] == "海上来风 30.5 米/秒"


def test_the_packs_own_language_stands_first(tmp_path: Path) -> None:
    text = (HARBOUR / "pack.yaml").read_text("utf-8").replace("locale: en", "locale: zh")
    folder = copy_of_harbour(tmp_path, {"pack.yaml": text})
    assert answer(folder, BOTH)["alert"]["text"] == "风暴 / Storm"


def test_lists_are_filled_in_in_each_language(tmp_path: Path) -> None:
    facts = (HARBOUR / "facts.yaml").read_text("utf-8")
    facts = facts.replace("cn: {}, pa: {}", "cn: {text: {en: Chinese, zh: 中国}}, pa: {}")
    folder = copy_of_harbour(tmp_path, {"facts.yaml": facts})
    said = reasons(folder, BOTH)["guard.gate"]
    assert said == "foreign ships: pa, Chinese / 外籍船：pa、中国"


def test_texts_that_are_equal_in_all_languages_stand_once() -> None:
    storm = answer(HARBOUR, BOTH)
    assert storm["outputs"]["load"]["text"] == "100"
    reason = next(one for one in storm["reasons"] if one["rule"] == "alert.storm")
    assert reason["source"] == "Harbour manual 3"
    assert storm["outputs"]["blocked"]["text"] == (
        "Close the gate, Cut the moorings / 关闸、砍断缆绳"
    )


def test_every_text_of_an_answer_in_both_languages_joins_those_of_each() -> None:
    english, chinese, both = (answer(HARBOUR, locale) for locale in ("en", "zh", BOTH))
    assert _texts_apart(both, english, chinese) == []
    assert both["unknowns"] != english["unknowns"]


def _texts_apart(both: Any, english: Any, chinese: Any) -> list[tuple[Any, Any, Any]]:
    """The places where the answer in both languages is neither the one text of both nor the two texts joined."""
    if isinstance(both, dict):
        assert both.keys() == english.keys() == chinese.keys()
        return [
            apart for key in both for apart in _texts_apart(both[key], english[key], chinese[key])
        ]
    if isinstance(both, list | tuple) and len(both) == len(english) == len(chinese):
        triples = zip(both, english, chinese, strict=True)
        return [apart for three in triples for apart in _texts_apart(*three)]
    expected = english if english == chinese else f"{english} / {chinese}"
    return [] if both == expected else [(both, english, chinese)]


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("1850-01-01T00:00:00Z", "1850-01-01T00:00:00Z"),
        ("2026-05-01T00:00:00Z", "2026-05-01T08:00:00+08:00"),
    ],
)
def test_a_moment_that_rfc_3339_cannot_express_in_the_packs_zone_is_given_in_utc(
    posted: str, told: str
) -> None:
    """At the ends of the calendar, and before offsets had whole minutes: +08:05:43 is no offset of RFC 3339."""
    assessor = Assessor(loaded(HARBOUR), ENGINE)
    moment = parse_datetime(posted)
    answer = assessor.assess({"wind.speed": 30.0, "watch.started": moment}, moment, "en")
    assert answer["as_of"] == told
    for action in answer["actions"]:
        assert action["due_at"] is None or parse_datetime(action["due_at"])


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (33000000, "33,000,000"),
        (-1200, "-1,200"),
        (1017.3714285714286, "1,017.3714"),
        (10000000.0, "10,000,000"),
        (0.3333333333333333, "0.3333"),
        (0.00001234567, "1.235e-05"),
        (True, "true"),
    ],
)
def test_numbers_have_as_many_digits_as_people_read(number: Any, said: str, tmp_path: Path) -> None:
    pack = plain_pack(tmp_path / "plain", "rules: []")
    assert Assessor(pack, ENGINE).words("en").value("a.share", number) == said
