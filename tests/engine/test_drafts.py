"""Words ready to send: which sentences come out, and what stands in place of what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.incident import Incident
from schemas.reported import Reported
from schemas.strict_json import Json
from service.authoring.cases import run_cases
from service.engine.assess import Assessor
from service.engine.judging.previous import previous_reader
from service.language.load import load_pack
from tests.packs import PLAIN_PACK, plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PACK = (
    PLAIN_PACK.replace("title: {en: Plain}", "title: {en: Plain, zh: 平}")
    + """  may: {type: enum, hit: collect, values: [sorrow, cause, proof]}
  never: {type: enum, hit: collect, values: [cause, threat]}
drafts: {may_say: may, may_not_say: never}
"""
)
FACTS = """
facts:
  a.count: {type: integer, stale_after: 2h, text: {en: Count, zh: 数}}
  a.flag: {type: boolean, assume: true, text: {en: Flag, zh: 旗}}
  a.place: {type: string, text: {en: Place, zh: 地点}}
  b.count: {type: integer, text: {en: B, zh: 乙}}
  b.flag: {type: boolean, text: {en: Flag B, zh: 旗乙}}
derived:
  a.double: {type: integer, value: a.count * 2, text: {en: Double, zh: 双}}
"""
ACTIONS = """
actions:
  TELL: {text: {en: Tell, zh: 说}, approval: [boss], due: 2h}
  DO: {text: {en: Do, zh: 做}}
  OTHER: {text: {en: Other, zh: 他}}
roles: {boss: {text: {en: The boss, zh: 老板}}}
"""
RULES = """
rules:
  - {id: ask.tell, when: always, then: {actions: [TELL, OTHER], may: [sorrow, proof]}, because: asked}
  - {id: level.high, when: "a.count > 5", then: {level: high, may: [cause]}, because: high}
  - {id: never.cause, when: "b.flag", then: {never: [cause]}, because: not sure}
  - {id: guard.do, when: "b.count > 5", then: {blocked: [TELL, DO]}, because: no}
  - {id: ask.do, when: "b.count > 1", then: {actions: DO}, because: do}
"""
DRAFT = """
sentences:
  - when: a.count > 5
    says: [sorrow]
    text: {en: "{a.count} hurt at {a.place}.", zh: "{a.place}{a.count}人受伤。"}
  - when: level == "high"
    text: {en: Grave., zh: 严重。}
  - text: {en: "Call {phone}.", zh: "请致电{phone}。"}
  - says: [cause]
    text: {en: The cause., zh: 原因。}
  - done: DO
    text: {en: We did it., zh: 已办。}
  - when: a.flag
    text: {en: Flagged., zh: 有旗。}
  - text: {en: "Double {a.double}.", zh: "双{a.double}。"}
blanks: {phone: {text: {en: number, zh: 电话}}}
"""


def made(folder: Path, draft: str = DRAFT, **changes: str) -> Assessor:
    (folder / "drafts").mkdir(parents=True)
    (folder / "drafts" / "TELL.yaml").write_text(draft, "utf-8")
    rules = changes.pop("rules", RULES)
    files = {"pack": PACK, "facts": FACTS, "actions": ACTIONS} | changes
    return Assessor(plain_pack(folder, rules, **files), engine="reference")


@pytest.fixture(scope="module")
def assessor(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    return made(tmp_path_factory.mktemp("drafts") / "pack")


KNOWN = {
    "a.count": 9,
    "a.flag": True,
    "a.place": "the gate",
    "b.count": 2,
    "b.flag": False,
}


def drafts(
    assessor: Assessor,
    facts: Mapping[str, Any],
    locale: str = "en",
    reported: Mapping[str, Reported] | None = None,
    done: tuple[str, ...] = (),
) -> list[Json]:
    previous = {"as_of": "2025-12-31T00:00:00Z", "responses": list(done)} if done else None
    read, wrong = previous_reader(assessor.pack).load(previous, Incident(as_of=NOW))
    assert not wrong
    answer = assessor.assess(
        facts, NOW, locale, reported=reported or {}, previous=read, drafts=True
    )
    found: list[Json] = answer["drafts"]
    return found


def draft(assessor: Assessor, facts: Mapping[str, Any], **more: Any) -> Json:
    (one,) = drafts(assessor, facts, **more)
    return one


def left_out(one: Json) -> dict[int, tuple[str, list[str], list[str]]]:
    return {
        sentence["number"]: (sentence["why"], sentence["facts"], sentence["codes"])
        for sentence in one["sentences"]
        if sentence["state"] == "left out"
    }


def test_a_draft_of_known_facts_is_said_with_who_approves_it(assessor: Assessor) -> None:
    one = draft(assessor, KNOWN)
    assert one["text"] == (
        "9 hurt at the gate. Grave. Call [number]. The cause. <We did it.> Flagged. Double 18."
    )
    assert (one["code"], one["name"]) == ("TELL", "Tell")
    assert (one["approval"], one["approval_text"]) == (["boss"], ["The boss"])
    assert one["approve_by"] == "2026-01-01T02:00:00Z"
    assert one["blanks"] == [{"name": "phone", "text": "number"}]
    assert [sentence["state"] for sentence in one["sentences"]] == [
        *["said"] * 4,
        "bracketed",
        *["said"] * 2,
    ]


def test_a_draft_has_the_marks_of_its_language_and_both_side_by_side(assessor: Assessor) -> None:
    said = "the gate9人受伤。严重。请致电【电话】。原因。〔已办。〕有旗。双18。"
    assert draft(assessor, KNOWN, locale="zh")["text"] == said
    both = draft(assessor, KNOWN, locale="both")
    assert both["text"] == f"{draft(assessor, KNOWN)['text']} / {said}"
    assert both["blanks"] == [{"name": "phone", "text": "number / 电话"}]


def test_a_condition_or_a_value_of_an_unestablished_fact_leaves_the_sentence_out(
    assessor: Assessor,
) -> None:
    old = Reported(9, "x", NOW - timedelta(hours=3), False)
    disputed = Reported(9, "x", NOW, True)
    for said in (old, disputed):
        one = draft(assessor, KNOWN, reported={"a.count": said})
        assert left_out(one) == {
            1: ("not established", ["a.count"], []),
            2: ("not established", ["a.count"], []),
            4: ("may not be said", [], ["cause"]),
            7: ("not established", ["a.count"], []),
        }
        assert "9" not in one["text"]
    fresh = Reported(9, "x", NOW - timedelta(hours=1), False)
    assert left_out(draft(assessor, KNOWN, reported={"a.count": fresh})) == {}


def test_an_assumed_fact_establishes_nothing(assessor: Assessor) -> None:
    assumed = {name: value for name, value in KNOWN.items() if name != "a.flag"}
    assert left_out(draft(assessor, assumed)) == {6: ("not established", ["a.flag"], [])}


def test_an_unknown_value_is_a_marked_blank(assessor: Assessor) -> None:
    one = draft(assessor, {**KNOWN, "a.place": None})
    assert one["text"].startswith("9 hurt at [Place]. ")
    assert one["blanks"] == [
        {"name": "a.place", "text": "Place"},
        {"name": "phone", "text": "number"},
    ]
    unknown = draft(assessor, {**KNOWN, "a.count": None})
    assert left_out(unknown)[1] == ("not established", ["a.count"], [])
    assert unknown["text"].endswith("Double [Double].")


def test_a_posted_text_is_filled_in_as_it_is(assessor: Assessor) -> None:
    one = draft(assessor, {**KNOWN, "a.place": "{a.count} %s <b>"})
    assert one["text"].startswith("9 hurt at {a.count} %s <b>. ")


def test_what_may_be_forbidden_or_is_not_allowed_never_comes_out(assessor: Assessor) -> None:
    for facts in ({"b.flag": True}, {"b.flag": None}, {"a.count": 1}):
        assert left_out(draft(assessor, {**KNOWN, **facts}))[4] == (
            "may not be said",
            [],
            ["cause"],
        )


def test_a_condition_that_is_false_leaves_the_sentence_out(assessor: Assessor) -> None:
    assert left_out(draft(assessor, {**KNOWN, "a.count": 1}))[1][0] == "does not hold"


def test_what_waits_for_an_action_comes_out_without_brackets_once_it_is_done(
    assessor: Assessor,
) -> None:
    one = draft(assessor, KNOWN, done=("DO",))
    assert " We did it. " in one["text"]
    assert one["sentences"][4]["state"] == "said"


def test_only_an_allowed_action_has_a_draft(assessor: Assessor) -> None:
    assert drafts(assessor, {**KNOWN, "b.count": 6}) == []
    assert drafts(assessor, {**KNOWN, "b.count": None}) == []


def test_what_waits_for_a_blocked_action_is_left_out(tmp_path: Path) -> None:
    blocked = made(tmp_path / "pack", rules=RULES.replace("[TELL, DO]", "DO"))
    assert left_out(draft(blocked, {**KNOWN, "b.count": 6}))[5][0] == "blocked"


def test_sentences_that_make_a_draft_too_long_are_left_out(tmp_path: Path) -> None:
    short = made(tmp_path / "pack", DRAFT + "at_most: {en: 40}\n")
    one = draft(short, KNOWN)
    assert one["text"] == "9 hurt at the gate. Grave. The cause."
    assert [n for n, (why, _, _) in left_out(one).items() if why == "too long"] == [3, 5, 6, 7]
    assert len(draft(short, KNOWN, locale="zh")["sentences"]) == 7


def test_the_drafts_come_in_the_order_of_the_plan_and_only_on_request(tmp_path: Path) -> None:
    two = tmp_path / "pack"
    made(two)
    (two / "drafts" / "OTHER.yaml").write_text("sentences: [{text: {en: So, zh: 此}}]", "utf-8")
    pack, _ = load_pack(two)
    assert pack is not None
    assessor = Assessor(pack, engine="reference")
    answer = assessor.assess(KNOWN, NOW, "en", drafts=True)
    order = [action["code"] for action in answer["actions"] if action["code"] in pack.drafts]
    assert [one["code"] for one in answer["drafts"]] == order == ["TELL", "OTHER"]
    assert "drafts" not in assessor.assess(KNOWN, NOW, "en")


def test_a_case_can_expect_what_a_draft_contains_and_lacks(tmp_path: Path) -> None:
    made(tmp_path / "pack")
    (tmp_path / "pack" / "cases").mkdir()
    (tmp_path / "pack" / "cases" / "some.yaml").write_text(CASES, "utf-8")
    pack, problems = load_pack(tmp_path / "pack", with_cases=True)
    assert pack is not None, problems
    found = [one.message for result in run_cases(pack) for one in result.problems]
    assert [message.partition("; it is")[0] for message in found] == [
        "'told': the draft TELL lacks “Graver”",
        "'told': the draft TELL has “Grave”, which it should not",
    ]


CASES = """
cases:
  - name: told
    as_of: 2026-01-01
    facts: {a: {count: 9, flag: true}, b: {count: 0, flag: false}}
    expect: {drafts: {TELL: {contains: [Graver, number], lacks: [Grave, the gate]}}}
"""


def test_an_expected_draft_that_the_pack_lacks_is_a_mistake(tmp_path: Path) -> None:
    made(tmp_path / "pack")
    (tmp_path / "pack" / "cases").mkdir()
    wrong = CASES.replace("TELL: {contains", "OTHER: {contain")
    (tmp_path / "pack" / "cases" / "some.yaml").write_text(wrong, "utf-8")
    _, problems = load_pack(tmp_path / "pack", with_cases=True)
    assert [one.code for one in problems if one.severity == "error"] == [
        "unknown-action",
        "unknown-key",
    ]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (RULES.replace("may: [cause]", "may: [sorrow]"), "no rule ever allows 'cause'"),
        (RULES.replace('when: "b.flag"', "when: always"), "'never.cause' always forbids 'cause'"),
    ],
)
def test_what_may_never_be_said_is_a_mistake_in_the_draft(
    tmp_path: Path, rules: str, message: str
) -> None:
    made(tmp_path / "pack")
    (tmp_path / "pack" / "10_rules.yaml").write_text(rules, "utf-8")
    _, problems = load_pack(tmp_path / "pack")
    errors = [one for one in problems if one.severity == "error"]
    assert [(one.code, one.message) for one in errors] == [("unsaid-sentence", message)]


def test_a_sentence_waits_for_no_action_that_is_neither_asked_for_nor_done(
    assessor: Assessor,
) -> None:
    not_asked = {**KNOWN, "b.count": 1}
    assert left_out(draft(assessor, not_asked)) == {5: ("blocked", [], [])}
    assert "We did it." in draft(assessor, not_asked, done=("DO",))["text"]


SOURCED = """
sentences:
  - when: a.count >= 1
    text: {en: "By {a.count.measured_at}, {a.count.reported_by} told us of {a.count.with_unit}.", zh: "截至{a.count.measured_at}，{a.count.reported_by}告知{a.count.with_unit}。"}
  - text: {en: "Names: {a.names}.", zh: "名单：{a.names}。"}
  - text: {en: "Next by {next_review}.", zh: "{next_review}前再次通报。"}
"""


@pytest.fixture(scope="module")
def sourced(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    unit = "a.count: {unit: {en: {one: person, other: people}, zh: 人}, "
    facts = FACTS.replace("a.count: {", unit)
    facts = facts.replace(
        "derived:", "  a.names: {type: list, of: string, text: {en: Names, zh: 名单}}\nderived:"
    )
    pack = PACK + "review: {within: 1h}\n"
    return made(tmp_path_factory.mktemp("sourced") / "pack", SOURCED, facts=facts, pack=pack)


HOSPITAL = Reported(1, "County hospital", datetime(2025, 12, 31, 22, 10, tzinfo=UTC), False)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        (
            "en",
            "By 31 Dec 22:10, County hospital told us of 1 person. Names: x. Next by 1 Jan 01:00.",
        ),
        ("zh", "截至12月31日22:10，County hospital告知1人。名单：x。1月1日01:00前再次通报。"),
    ],
)
def test_a_figure_has_who_reported_it_and_as_of_when(
    sourced: Assessor, locale: str, text: str
) -> None:
    facts = {"b.count": 0, "a.count": 1, "a.names": ("x",)}
    one = draft(sourced, facts, locale=locale, reported={"a.count": HOSPITAL})
    assert one["text"] == text
    assert one["blanks"] == []


def test_who_reported_a_figure_is_a_blank_if_it_is_not_said(sourced: Assessor) -> None:
    one = draft(sourced, {"b.count": 0, "a.count": 2, "a.names": ("x",)})
    assert one["text"].startswith("By [time], [source] told us of 2 people.")
    told = draft(sourced, {"b.count": 0, "a.count": 2, "a.names": ("x",)}, locale="zh")
    assert told["text"].startswith("截至【时间】，【来源】告知2人。")
    assert [blank["name"] for blank in one["blanks"]] == [
        "a.count.measured_at",
        "a.count.reported_by",
    ]


def test_a_figure_in_a_draft_is_not_cut(sourced: Assessor) -> None:
    said = draft(sourced, {"b.count": 0, "a.count": 820_123, "a.names": ("x",)}, locale="zh")[
        "text"
    ]
    assert "820,123人" in said
    whole = draft(sourced, {"b.count": 0, "a.count": 820_000, "a.names": ("x",)}, locale="zh")[
        "text"
    ]
    assert "82万人" in whole


def test_a_sentence_with_an_empty_list_is_left_out(sourced: Assessor) -> None:
    one = draft(sourced, {"b.count": 0, "a.count": 1, "a.names": ()})
    assert left_out(one) == {2: ("does not hold", [], [])}
    assert "Names: [Names]." in draft(sourced, {"b.count": 0, "a.count": 1})["text"]


def test_the_source_of_a_disputed_figure_is_not_told(sourced: Assessor) -> None:
    disputed = replace(HOSPITAL, disputed=True)
    one = draft(
        sourced, {"b.count": 0, "a.count": 1, "a.names": ("x",)}, reported={"a.count": disputed}
    )
    assert left_out(one) == {1: ("not established", ["a.count"], [])}
