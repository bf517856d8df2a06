"""The register of laws: an answer prints the text of a ground, with a mark if the law was not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.authoring.check import check_pack
from service.authoring.description import describe
from service.authoring.selections import check_selections
from service.engine.assess import Assessor
from service.language.model import Pack
from tests.packs import HARBOUR, copy_of_harbour, loaded, problems_of
from tests.packs.parts import harbour_with_parts

GROUNDS = """grounds:
  rule_7:
    text: {en: Harbour rule 7, zh: 港规第七条}
    says: {en: moorings are not cut, zh: 不得砍断缆绳}
    source: Book of the harbour
    checked: 2026-02-03
    read: text
  act_3:
    text: {en: Sea act 3, zh: 海法第三条}
    place: sea
    says: {en: a horn is not sounded, zh: 不得鸣笛}
    clock: {en: the fog lifts, zh: 雾散}
    deadline: {en: at once, zh: 立即}
    binds: {en: ships, zh: 船}
    to: {en: the office, zh: 港务处}
    in_force: 1911-04-05
    source: {en: A summary, zh: 摘要}
    checked: 2026-02-04
    read: summary
  custom: {text: Custom, says: x, source: x, checked: 2026-02-05, read: unread}
"""
RULES = """rules:
  - id: guard.horn
    when: wind.speed > 3
    then:
      blocked: {action: SOUND_HORN, ground: [grounds.rule_7, grounds.act_3], by_case: [{when: 'wind.from == "sea"', ground: grounds.custom}]}
    because: x
    source: grounds.custom
  - {id: ask.horn, when: 'wind.speed > 3', then: {actions: SOUND_HORN}, because: x}
"""
PLAIN = "ground: {en: Harbour rule 7, zh: 港规第七条}"
PACK = (HARBOUR / "pack.yaml").read_text("utf-8")
ACTIONS = (HARBOUR / "actions.yaml").read_text("utf-8")


def files(**more: str) -> dict[str, str]:
    return {
        "pack.yaml": PACK.replace("answer: [alert]", "answer: [alert]\nplaces: wind.from"),
        "actions.yaml": ACTIONS.replace(PLAIN, "ground: grounds.rule_7"),
        "grounds.yaml": GROUNDS,
        "30_more.yaml": RULES,
        **more,
    }


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    copy = copy_of_harbour(tmp_path, files())
    assert problems_of(copy) == []
    return loaded(copy)


def blocked(pack: Pack, facts: dict[str, Any], locale: str) -> Any:
    (case, *_) = loaded(HARBOUR, with_cases=True).cases
    answer = Assessor(pack, "reference").assess(facts, case.as_of, locale)
    return next(one["ground"] for one in answer["blocked"] if one["code"] == "SOUND_HORN")


@pytest.mark.parametrize(
    ("wind", "locale", "ground"),
    [
        ("land", "en", "Harbour rule 7; Sea act 3 (read in a summary only)"),
        ("land", "zh", "港规第七条；海法第三条（仅据摘要）"),
        ("sea", "en", "Custom (not read, from general knowledge)"),
        ("sea", "zh", "Custom（未核原文）"),
    ],
)
def test_an_answer_prints_the_text_and_says_if_the_law_was_not_read(
    pack: Pack, wind: str, locale: str, ground: str
) -> None:
    assert blocked(pack, {"wind.speed": 9, "wind.from": wind}, locale) == ground


def test_a_name_is_the_same_as_the_text(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = loaded(copy_of_harbour(tmp_path / "plain"))
    assert pack.actions == plain.actions


def test_a_pack_says_the_marks_in_its_own_words(tmp_path: Path) -> None:
    marks = 'report: {headings: {ground_unread: {en: "maybe {ground}", zh: "或为{ground}"}}}\n'
    about = files()["pack.yaml"] + marks
    changed = loaded(copy_of_harbour(tmp_path, files(**{"pack.yaml": about})))
    assert blocked(changed, {"wind.speed": 9, "wind.from": "sea"}, "en") == "maybe Custom"


def test_the_view_has_the_register_with_what_cites_each(pack: Pack) -> None:
    assert describe(pack, "en")["places"] == "wind.from"
    rule, act, custom = describe(pack, "en")["grounds"]
    assert rule == {
        "name": "rule_7",
        "text": "Harbour rule 7",
        "says": "moorings are not cut",
        "source": "Book of the harbour",
        "checked": "2026-02-03",
        "read": "text",
        "cited_by": ["CUT_MOORINGS", "guard.horn"],
    }
    assert (act["place"], act["in_force"], act["deadline"]) == ("sea", "1911-04-05", "at once")
    assert (custom["read"], custom["cited_by"]) == ("unread", ["guard.horn"])


def test_rows_kinds_and_defaults_cite_too(tmp_path: Path) -> None:
    """A default is cited as the section of its file."""
    actions = files()["actions.yaml"]
    actions = f"defaults: {{source: grounds.rule_7}}\n{actions}".replace(
        "{text: {en: Signals, zh: 信号}}", "{text: {en: Signals, zh: 信号}, source: grounds.custom}"
    )
    table = RULES + (
        "tables:\n  - id: t\n    output: alert\n    rows:\n"
        "      - {id: r, fact: wind.gusts, at_least: {gale: 5}, because: x, source: grounds.act_3}\n"
    )
    changed = {"actions.yaml": actions, "30_more.yaml": table}
    pack = loaded(copy_of_harbour(tmp_path, files(**changed)))
    assert pack.grounds["act_3"].cited_by == ("guard.horn", "t.r")
    assert pack.grounds["custom"].cited_by == ("signal", "guard.horn")
    assert pack.grounds["rule_7"].cited_by == ("defaults", "CUT_MOORINGS", "guard.horn")


def test_an_output_may_be_called_as_a_key_that_cites(tmp_path: Path) -> None:
    about = PACK.replace(
        "  load: {", "  source: {type: string, hit: any, default: x, text: x}\n  load: {"
    )
    rule = "rules:\n  - {id: a.b, when: 'wind.speed > 3', then: {source: grounds.of_all}, because: x}\n"
    copy = copy_of_harbour(tmp_path, {"pack.yaml": about, "30_more.yaml": rule})
    assert problems_of(copy) == []
    assert loaded(copy).rules[-1].then[0].value == "grounds.of_all"


def test_a_part_has_grounds_of_its_own_which_the_base_cannot_cite(tmp_path: Path) -> None:
    ground = "{text: {en: Ice act, zh: 冰法}, says: x, source: x, checked: 2026-01-01, read: text}"
    copy = harbour_with_parts(tmp_path, "ice")
    (copy / "parts/ice/grounds.yaml").write_text(f"grounds: {{ice: {ground}}}\n", "utf-8")
    rules = copy / "parts/ice/10_rules.yaml"
    rules.write_text(
        rules.read_text("utf-8").replace("because:", "source: grounds.ice\n    because:", 1),
        "utf-8",
    )
    assert problems_of(copy) == []
    assert loaded(copy).grounds["ice"].cited_by == ("ice.many",)
    catalogue = copy / "parts/ice/actions.yaml"
    extension = "extends: {CALL_CREW: {by_case: [{when: 'ice.count > 2', source: grounds.ice}]}}\n"
    catalogue.write_text(catalogue.read_text("utf-8") + extension, "utf-8")
    assert problems_of(copy) == []
    assert loaded(copy).grounds["ice"].cited_by == ("CALL_CREW", "ice.many")
    base = "rules:\n  - {id: a.b, when: 'wind.speed > 3', then: {load: 1}, because: x, source: grounds.ice}\n"
    (copy / "40_base.yaml").write_text(base, "utf-8")
    _, found = check_pack(copy)
    needed = [one.code for one in check_selections(copy, found, pairs=False)]
    assert (found, needed) == ([], ["part-needed"])
    (copy / "grounds.yaml").write_text(f"grounds: {{ice: {ground}}}\n", "utf-8")
    assert [one.code for one in problems_of(copy)] == ["name-conflict"]
