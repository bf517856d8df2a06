"""Legal duties that an unknown fact decides, and what is due at once, on the page of a brief and in the report's opening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.scalars import format_datetime
from schemas.strict_json import Json
from service.answering import report
from service.asking.posted import Posted
from service.engine.assess import Assessor
from service.language.model import Pack
from service.serving.packs import Packs
from tests.packs import PLAIN_PACK, plain_pack
from tests.reporting.test_report import serving

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROLES = "roles: {law: {text: {en: Legal}}, crew: {text: {en: Crew}}}"
ACTIONS = f"""
{ROLES}
actions:
  REPORT: {{text: {{en: Report}}, owner: law, due: {{from: a.seen, within: 1h}}, statutory: true}}
  NOTIFY: {{text: {{en: Notify}}, owner: law, due: {{from: a.seen, within: at once}}, statutory: true}}
  HELP: {{text: {{en: Help}}, owner: crew, due: {{from: a.seen, within: 4h}}}}
  STOP: {{text: {{en: Stop}}, owner: crew, due: {{from: a.seen, within: 0m}}}}
  ONE: {{text: {{en: One}}}}
  TWO: {{text: {{en: Two}}}}
  THREE: {{text: {{en: Three}}}}
  FOUR: {{text: {{en: Four}}}}
"""
RULES = """
rules:
  - {id: more, when: "a.count > 0", then: {actions: [ONE, TWO, THREE, FOUR]}, because: {en: some}}
  - {id: help, when: "a.count > 0", then: {actions: [HELP]}, because: {en: some}}
  - {id: report, when: "a.flag", then: {actions: [REPORT]}, because: {en: flag}}
  - {id: notify, when: "b.flag", then: {actions: [NOTIFY, STOP]}, because: {en: flag}}
  - {id: calm, when: "a.count == 0", then: {level: calm}, because: {en: none}}
"""
PACK_WITHOUT_BRIEF = PLAIN_PACK + "clock: [a.seen, b.seen]\n"
PACK = PLAIN_PACK.replace("low: {level: 3}", "low: {level: 3}, calm: {level: 4, below_scale: true}")
BRIEF = """
clock: [a.seen, b.seen]
brief:
  calm: [a.count]
  title: [{text: {en: "{level}"}}]
  now:
    - {row: all, actions: [REPORT, HELP]}
    - {row: told, actions: [NOTIFY, STOP]}
    - {row: more_1, actions: [ONE]}
    - {row: more_2, actions: [TWO]}
    - {row: more_3, actions: [THREE]}
    - {row: more_4, actions: [FOUR]}
  decision:
    - action: REPORT
      question: {en: "Where?"}
      options: [{text: {en: "Here."}, cost: {en: "little"}}, {text: {en: "There."}, cost: {en: "much"}}]
      delay: {en: "much"}
  gives_way: []
"""
FACTS = """
facts:
  a.count: {type: integer, text: {en: A}}
  a.share: {type: number, text: {en: Share}}
  a.flag: {type: boolean, text: {en: Flag}}
  a.seen: {type: datetime, text: {en: Seen}}
  b.seen: {type: datetime, text: {en: First seen}}
  b.flag: {type: boolean, text: {en: Other flag}}
"""
# Where a value is below the scale, facts say which of their values tell nothing of an incident.
CALM_FACTS = FACTS.replace(
    "a.count: {type: integer,", 'a.count: {type: integer, calm: "a.count == 0",'
).replace("a.flag: {type: boolean,", "a.flag: {type: boolean, calm: always,")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder: Path = tmp_path_factory.mktemp("doubt")
    return plain_pack(folder, RULES, pack=PACK + BRIEF, actions=ACTIONS, facts=CALM_FACTS)


@pytest.fixture(scope="module")
def assessor(pack: Pack) -> Assessor:
    return Assessor(pack, "reference")


@pytest.fixture(scope="module")
def packs(pack: Pack) -> Packs:
    return serving(pack)


def page(assessor: Assessor, ago: timedelta, **facts: Any) -> dict[str, Json]:
    named = {name.replace("_", ".", 1): value for name, value in facts.items()}
    answer = assessor.assess({"a.seen": NOW - ago, **named}, NOW, "en")
    return {line["row"]: line for line in answer["brief"]["lines"]}


def test_a_duty_in_doubt_says_so_and_gives_its_row_neither_owner_nor_time(
    assessor: Assessor,
) -> None:
    told = page(assessor, HOUR / 2, a_count=1, b_flag=False)
    assert told["all"]["text"] == "1 Crew, by 03:30: Help; if it applies: Report (by 00:30)"
    known = page(assessor, HOUR / 2, a_count=1, a_flag=True, b_flag=False)
    assert known["all"]["text"] == "1 Legal, by 00:30: Report; Help"


def test_a_duty_in_doubt_is_neither_late_nor_to_be_decided(assessor: Assessor) -> None:
    told = page(assessor, 3 * HOUR, a_count=1, b_flag=False)
    assert told["all"]["text"] == "1 Crew, by 01:00: Help; if it applies: Report (now)"
    assert told["late"]["text"] == "Seen: 3 h ago"
    assert "decision" not in told
    known = page(assessor, 3 * HOUR, a_count=1, a_flag=True, b_flag=False)
    assert "Report (OVERDUE 1 Jan 22:00)" in known["all"]["text"]
    assert known["late"]["actions"] == ["REPORT"]
    assert "decision" in known


def test_where_the_pack_calls_it_quiet_duties_in_doubt_stand_in_the_plan_alone(
    tmp_path: Path,
) -> None:
    brief = BRIEF.replace("brief:\n", "brief:\n  quiet_when: a.count == 1\n")
    quiet = Assessor(
        plain_pack(tmp_path, RULES, pack=PACK + brief, actions=ACTIONS, facts=CALM_FACTS)
    )
    told = page(quiet, HOUR / 2, a_count=1)
    assert told["all"]["text"] == "1 Crew, by 03:30: Help"
    assert told["in_the_plan"]["text"] == "If it applies: 2 more, in the plan"
    assert set(told["in_the_plan"]["actions"]) == {"REPORT", "NOTIFY"}
    assert "told" not in told
    assert "Report" in page(quiet, HOUR / 2, a_count=1, a_flag=True)["all"]["text"]
    assert "Report" in page(quiet, HOUR / 2, a_count=2)["all"]["text"]
    assert "Report" in page(quiet, HOUR / 2, a_count=1, b_flag=None)["all"]["text"]
    answer = quiet.assess({"a.count": 1}, NOW, "en")
    assert {"REPORT", "NOTIFY"} <= {one["code"] for one in answer["actions"]}


def test_rows_in_doubt_take_no_room_from_what_is_certain(assessor: Assessor) -> None:
    told = page(assessor, HOUR / 2, a_count=1)
    assert told["told"]["text"] == "6 Legal, now: if it applies: Notify"
    rows = [told["more_1"], told["more_2"], told["more_3"], told["more_4"]]
    assert [one["actions"] for one in rows] == [["ONE"], ["TWO"], ["THREE"], ["FOUR"]]


def test_the_opening_of_a_report_counts_no_duty_in_doubt_as_overdue(packs: Packs) -> None:
    facts = {"a": {"seen": format_datetime(NOW - 3 * HOUR), "count": 1}}
    heading = "## Do now"
    assert f"{heading}\n" in report(packs, Posted({"facts": facts}, NOW))
    facts["a"]["flag"] = True
    assert f"{heading} (1 overdue)" in report(packs, Posted({"facts": facts}, NOW))


def test_what_is_due_at_once_is_now_and_never_without_a_date(assessor: Assessor) -> None:
    told = page(assessor, 2 * HOUR, a_count=1, b_flag=True)
    assert told["told"]["text"] == "2 Legal, now: Notify; Stop"
    assert told["late"]["actions"] == ["STOP"]


def test_a_deadline_that_falls_on_another_moment_of_the_clock_is_late_when_it_is_past(
    assessor: Assessor,
) -> None:
    told = page(assessor, 2 * HOUR, a_count=1, a_flag=True, b_flag=False, b_seen=NOW - HOUR / 4)
    assert told["late"]["actions"] == ["REPORT"]
    told = page(assessor, HOUR * 1.5, a_count=1, a_flag=True, b_flag=False, b_seen=NOW - HOUR / 2)
    assert "Report (OVERDUE 1 Jan 23:30)" in told["all"]["text"]
    assert told["late"]["actions"] == ["REPORT"]


def test_without_an_incident_duties_in_doubt_stand_in_the_plan_and_not_on_the_page(
    pack: Pack, assessor: Assessor
) -> None:
    answer = assessor.assess({"a.count": 0}, NOW, "en")
    assert {one["code"] for one in answer["actions"]} == {"REPORT", "NOTIFY"}
    assert [line["row"] for line in answer["brief"]["lines"]] == ["nothing_now"]
    certain = assessor.assess({"a.count": 0, "a.flag": True}, NOW, "en")
    assert certain["brief"]["lines"][0]["actions"] == ["REPORT"]


def test_a_pack_without_a_brief_tells_what_is_due_at_once_as_now(tmp_path: Path) -> None:
    rules = "".join(line for line in RULES.splitlines(keepends=True) if "id: calm" not in line)
    pack = plain_pack(tmp_path, rules, pack=PACK_WITHOUT_BRIEF, actions=ACTIONS, facts=FACTS)
    packs = serving(pack)
    facts = {"a": {"seen": format_datetime(NOW - HOUR / 2), "count": 1}, "b": {"flag": True}}
    told = report(packs, Posted({"facts": facts}, NOW), profile="chat")
    assert "Legal | now | Notify" in told
    assert "Crew | now | Stop" in told


def test_a_brief_can_be_written_in_the_last_hour_that_a_date_can_name(assessor: Assessor) -> None:
    last = datetime.max.replace(tzinfo=UTC)
    answer = assessor.assess({"b.flag": True}, last, "en")
    assert answer["brief"]["lines"][0]["actions"] == ["NOTIFY", "STOP"]
