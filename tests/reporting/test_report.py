"""A report has the content of the answer, the most urgent first, in one language or in all. Posted text is only plain text."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from service.answering import answer, report
from service.asking.posted import Posted
from service.language.model import Pack
from service.language.texts.placeholders import names_in
from service.language.texts.report_texts import default_texts
from service.serving.packs import Packs
from service.serving.served_pack import RefusedIncident, ServedPack
from tests.packs import HARBOUR, copy_of_harbour, default_pack, loaded, plain_pack, problems_of
from tests.reporting.golden import FOLDER, LOCALES, NOW, STORM, UUID, packs, written
from tests.reporting.rendered import kinds, words
from tests.server import ROOT

NEVER = {"link_open", "image", "html_block", "html_inline", "code_block", "code_inline", "fence"}


def serving(pack: Pack) -> Packs:
    return Packs({pack.name: ServedPack.of(pack, "reference")}, pack.name)


@cache
def crisis() -> Packs:
    return serving(default_pack())


def asked(folder: Path, **body: Any) -> str:
    return told(serving(loaded(folder)), **body)


def told(served: Packs, **body: Any) -> str:
    return report(served, Posted({"facts": {}, **body}, NOW))


def headings(text: str, level: int = 2) -> list[str]:
    return re.findall(rf"^{'#' * level} (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_report_equals_the_kept_file(locale: str) -> None:
    """After an intended change: python -m tests.reporting.golden."""
    assert written(locale) == (FOLDER / f"{locale}.md").read_text("utf-8")


def test_the_report_starts_with_the_situation_the_actions_now_the_reasons_and_the_unknowns() -> (
    None
):
    text = written("en")
    assert text.startswith("# Storm, Night crew; load 30\n")
    assert headings(text)[:3] == ["Do now (1 overdue)", "Why", "What we do not know"]
    before_the_rest = text.split("## Disputed, old or partial")[0]
    assert len(before_the_rest.splitlines()) < 30


def test_in_both_languages_the_packs_own_comes_first_and_then_the_other() -> None:
    english, chinese, both = (written(locale) for locale in LOCALES)
    assert both == f"{english}\n---\n\n{chinese}"


def test_posted_text_is_only_plain_text() -> None:
    """Posted text is in cells, lines and brackets. With and without hostile text the report has the same structure."""
    hostile = written("en")
    harmless: Any = json.loads(json.dumps(STORM))
    harmless["facts"]["ships"] |= {"flagship": "Ever Given", "names": ["Ever", "Given"]}
    harmless["incident_id"] = "storm"
    tame = report(packs(), Posted({**harmless, "locale": "en"}, NOW))
    assert kinds(hostile) == kinds(tame)
    assert not NEVER & set(kinds(hostile))
    assert "# Ever - Given\ufffd [x](http://evil.example) <img src=x>" in words(hostile)


def test_values_are_in_words_with_units_and_times_in_the_packs_time_zone() -> None:
    text = written("zh")
    assert "| 风速 | 30.5 m/s **有争议** |" in text
    assert "| 风向 | 海上 |" in text
    assert "| 值守开始 | 2026-05-01 11:15 |" in text
    assert "Asia/Shanghai" in text


def test_a_part_without_content_has_no_heading() -> None:
    text = asked(HARBOUR, facts={"wind": {"speed": 1}}, locale="en")
    for heading in ("Do not do this", "Since the last answer", "Disputed, old or partial"):
        assert heading not in headings(text)


def test_an_answer_without_a_verdict_is_headed_by_its_outputs(tmp_path: Path) -> None:
    pack = plain_pack(tmp_path / "plain", "rules: []")
    assert report(serving(pack), Posted({"facts": {}}, NOW)).startswith("# level: low\n")


@pytest.fixture(scope="module")
def with_a_notice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The harbour pack, with its crew as a notice. The crew depends on the load and the alert."""
    about = (HARBOUR / "pack.yaml").read_text("utf-8")
    about = about.replace("answer: [alert]", "answer: [alert]\nnotices: [crew]")
    return copy_of_harbour(tmp_path_factory.mktemp("pack"), {"pack.yaml": about})


def test_a_notice_is_in_the_first_lines_with_its_reasons(with_a_notice: Path) -> None:
    text = asked(with_a_notice, facts={"wind": {"speed": 30}}, locale="en")
    assert text.splitlines()[4] == "- **Crew:** Night crew · load 30, alert Storm"
    unsure = asked(with_a_notice, locale="en")
    assert "- **Crew:** Day crew (could change)" in unsure.splitlines()[:10]


def test_a_notice_is_not_listed_again_but_what_led_to_it_is(with_a_notice: Path) -> None:
    facts = {"wind": {"speed": 1}, "ships": {"inside": 6}, "gate": {"closed": False}}
    text = asked(with_a_notice, facts=facts, locale="en")
    why = text.split("## Why")[1].split("##")[0]
    assert why.strip().splitlines() == [
        "- **Alert: Calm** · nothing known points higher",
        "- **Load: 80** · 6 ships inside",
    ]
    assert "Day crew" not in text.split("## Results in detail")[1]


def test_wrong_facts_are_named_in_the_first_lines_in_each_language() -> None:
    facts = {"ships": {"inside": "three", "names": "Ever Given"}, "sea": 1}
    for locale, line in (
        ("en", "- **Wrong, so counted as unknown:** sea, Ships inside, Names"),
        ("zh", "- **有误，按未知处理：** sea、在港船只、船名"),
    ):
        body = {"facts": facts, "locale": locale}
        assert line in report(packs(), Posted(body, NOW, lenient=True)).splitlines()[:10]
    many = {"ships": {f"ship{n}": 1 for n in range(9)}}
    text = report(packs(), Posted({"facts": many, "locale": "en"}, NOW, lenient=True))
    assert r"ships\.ship7, …" in text


def test_a_provisional_answer_lists_the_values_that_are_still_possible() -> None:
    text = asked(HARBOUR, locale="en")
    assert "- **Provisional:** Alert could still be Storm, Gale" in text


def test_only_the_rules_that_decided_are_given_as_reasons() -> None:
    """The storm outranks the gale, so the gale is no reason for the alert."""
    text = written("en").split("## Why")[1].split("##")[0]
    assert "**Alert: Storm** · wind of 30.5 m/s from the sea" in text
    assert "strong wind" not in text


def test_where_no_rule_decided_the_outputs_that_led_there_are_explained() -> None:
    text = told(crisis(), facts={"harm": {"alleged_injuries": 3}}, locale="en").split("## Why")[1]
    why = text.split("##")[0]
    assert "**Grade: Level IV (blue) reputation crisis** · nothing known points higher" in why
    assert "injuries alleged: 3" in why


def test_the_facts_for_which_held_actions_wait_are_asked_first() -> None:
    """The finding on the claim has an assumed value, but it was not verified."""
    text = told(crisis(), facts={"harm": {"alleged_injuries": 3}}, locale="en")
    first = text.split("## What we do not know")[1].splitlines()[4]
    assert first == "| Is the claim true? | Internal audit | waiting actions freed: 2 |"


def test_held_actions_that_wait_for_the_same_facts_share_one_row() -> None:
    facts = {"harm": {"alleged_injuries": 3}, "social": {"hot_listed": True}}
    waiting = told(crisis(), facts=facts, locale="en").split("## Wait with this")[1].split("##")[0]
    rows = [line for line in waiting.splitlines() if line.startswith("| ")]
    assert len(rows) == 3
    assert (
        "Private remedy for those concerned; Media outreach, every paid piece labelled" in rows[2]
    )


def test_an_empty_list_is_written_as_none() -> None:
    text = asked(HARBOUR, facts={"ships": {"names": []}}, locale="en")
    assert "| Names | none |" in text


@pytest.mark.parametrize(
    ("every", "said"),
    [("5m", "5 min"), ("90m", "90 min"), ("1h", "1 h"), ("24h", "24 h"), ("48h", "2 days")],
)
def test_an_interval_is_written_in_the_largest_unit_that_fits(
    every: str, said: str, tmp_path: Path
) -> None:
    text = (HARBOUR / "actions.yaml").read_text("utf-8").replace("every: 5m", f"every: {every}")
    folder = copy_of_harbour(tmp_path, {"actions.yaml": text})
    assert f"(every {said}; until" in asked(folder, facts={"wind": {"speed": 20}}, locale="en")


def test_assumed_facts_are_counted_first_and_listed_with_the_known_facts() -> None:
    text = asked(HARBOUR, facts={"wind": {"speed": 1}}, locale="en")
    assert "Not said and taken for granted: 1, listed" in text.split("## The plan")[0]
    assert "**Not said, so taken to be:** Ships inside: 0" in text.split("## What we know")[1]


def test_a_mistake_in_the_body_is_refused_as_for_an_assessment() -> None:
    wrong: list[Any] = [
        {"facts": {"wind": {"sped": 1}}},
        {"facts": {}, "locale": "tlh"},
        [],
        None,
        {},
    ]
    for body in wrong:
        with pytest.raises(RefusedIncident):
            report(packs(), Posted(body, NOW))


def test_a_pack_replaces_a_heading_and_adds_a_language_without_python(tmp_path: Path) -> None:
    text = (HARBOUR / "pack.yaml").read_text("utf-8")
    text = text.replace("zh: 港口风暴值守}", "zh: 港口风暴值守, de: Sturmwache}")
    german = {key: {"de": f"DE {key}"} for key in default_texts()}
    german["why"]["en"] = "The reasons"
    text += f"report: {json.dumps({'headings': german})}\n"
    folder = copy_of_harbour(tmp_path, {"pack.yaml": text})
    assert "The reasons" in headings(asked(folder, locale="en"))
    assert "DE why" in headings(asked(folder, locale="de"))
    assert "为什么" in headings(asked(folder, locale="zh"))


def test_a_language_without_report_texts_gives_one_problem(tmp_path: Path) -> None:
    text = (HARBOUR / "pack.yaml").read_text("utf-8")
    text = text.replace("zh: 港口风暴值守}", "zh: 港口风暴值守, de: Sturmwache}")
    found = problems_of(copy_of_harbour(tmp_path, {"pack.yaml": text}))
    told = [problem for problem in found if problem.message.startswith("a report in 'de' lacks")]
    assert [(problem.line, problem.code) for problem in told] == [(4, "missing-translation")]


def test_every_text_of_reports_is_written_in_both_languages_and_used() -> None:
    rooms = (
        ROOT / "service/reporting",
        ROOT / "service/language/texts",
        ROOT / "service/engine/words",
        ROOT / "service/engine/answer/briefing",
        ROOT / "service/language/texts",
    )
    code = "".join(path.read_text("utf-8") for room in rooms for path in room.glob("*.py"))
    for key, text in default_texts().items():
        assert set(text) == {"en", "zh"}, key
        assert names_in([text["en"]]) == names_in([text["zh"]]), key
        assert f'"{key}"' in code, key


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_public_case_of_the_served_pack_makes_a_report(locale: str) -> None:
    public = [case for case in default_pack().cases if case.source]
    assert len(public) >= 15
    for case in public:
        body = {"facts": case.facts, "locale": locale, "contingency": False}
        posted = Posted(body, case.as_of)
        found, text = answer(crisis(), posted), report(crisis(), posted)
        shown, shape = words(text), kinds(text)
        assert text.startswith("# ")
        assert f"\n**{found['verdict']}**\n" in text
        assert text.index("\n## ") < text.index(f"**{found['verdict']}**")
        assert not NEVER & set(shape)
        for entry in (*found["actions"], *found["blocked"], *found["held"]):
            assert entry["text"] in shown


def test_a_report_has_no_word_of_another_language() -> None:
    """All texts of the harbour are translated, except the unit, the time zone and the values that the edge adds."""
    facts = {"wind": {"speed": 30.5, "from": "sea"}, "ships": {"inside": 6}}
    text = report(packs(), Posted({"facts": facts, "locale": "zh"}, NOW))
    text = text.replace("Asia/Shanghai", "").replace("m/s", "")
    assert re.findall("[A-Za-z]{2,}", re.sub(rf"{UUID}|[0-9a-f]{{12}}", "", text)) == []
