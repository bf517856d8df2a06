"""The `tocsin` command as users type it: its output and its exit status."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from schemas.assessment import AssessmentSchema
from tests.command import TOCSIN, installed_tocsin, tocsin
from tests.packs import HARBOUR, PLAIN_PACK, copy_of_harbour, plain_pack
from tests.packs.parts import harbour_with_parts
from tests.server import ROOT

STORM = {"facts": {"wind": {"speed": 30}}, "incident_id": "s-1"}
TYPO = """rules:
  - id: alert.typo
    when: wind.sped >= 25
    then: {alert: storm}
    because: {en: wind, zh: 风}
"""


def lines(*bodies: Any) -> bytes:
    return b"".join(json.dumps(body).encode() + b"\n" for body in bodies)


def broken_harbour(folder: Path) -> Path:
    return copy_of_harbour(folder, {"10_alert.yaml": TYPO})


def test_check_prints_nothing_without_problems() -> None:
    assert tocsin("check", HARBOUR) == (0, "", "")


def test_check_shows_a_problem_with_its_place_a_caret_and_a_hint(tmp_path: Path) -> None:
    status, said, _ = tocsin("check", broken_harbour(tmp_path))
    file = tmp_path / "harbour" / "10_alert.yaml"
    assert status == 1
    assert said.splitlines()[:4] == [
        f"{file}:3:11: unknown-fact: 'wind.sped' is not a fact of this pack",
        "    3 |     when: wind.sped >= 25",
        "      |           ^^^^^^^^^",
        f"  hint: did you mean 'wind.speed'? All facts: {tmp_path / 'harbour' / 'facts.yaml'}",
    ]


def test_check_refuses_pipes_devices_and_links_out_of_the_pack_and_shows_nothing_of_them(
    tmp_path: Path,
) -> None:
    pack = copy_of_harbour(tmp_path)
    for name in ("facts.yaml", "actions.yaml", "10_alert.yaml"):
        (pack / name).unlink()
    os.mkfifo(pack / "facts.yaml")
    (pack / "actions.yaml").symlink_to("/dev/zero")
    (pack / "10_alert.yaml").symlink_to("/etc/passwd")
    status, said, _ = tocsin("check", pack)
    out = "unreadable-file: the file cannot be read: the link leads out of the pack's folder"
    assert (status, said.splitlines()) == (
        1,
        [
            f"{pack}/10_alert.yaml:1:1: {out}",
            f"{pack}/actions.yaml:1:1: {out}",
            f"{pack}/facts.yaml:1:1: unreadable-file: the file cannot be read: it is not a regular file",
        ],
    )


def test_check_refuses_a_rule_that_sets_nothing(tmp_path: Path) -> None:
    """Such a pack loaded, and every incident for which the rule fired was an engine-disagreement."""
    rules = TYPO.replace("wind.sped", "wind.speed").replace("alert: storm", "actions: []")
    status, said, _ = tocsin("check", copy_of_harbour(tmp_path, {"10_alert.yaml": rules}))
    assert status == 1
    assert f"{tmp_path / 'harbour' / '10_alert.yaml'}:4:21: empty-then: an empty list" in said


def test_check_prints_json_and_github_annotations(tmp_path: Path) -> None:
    pack = broken_harbour(tmp_path)
    status, said, _ = tocsin("check", pack, "--format", "json")
    problem = json.loads(said)[0]
    assert (status, problem["code"], problem["line"], problem["column"]) == (
        1,
        "unknown-fact",
        3,
        11,
    )
    status, said, _ = tocsin("check", pack, "--format", "github")
    assert status == 1
    assert said.startswith("::error file=")
    assert ",line=3,col=11,title=unknown-fact::" in said


def test_warnings_fail_only_a_strict_check(tmp_path: Path) -> None:
    facts = (HARBOUR / "facts.yaml").read_text("utf-8")
    facts = facts.replace("text: {en: Shift, zh: 班时}", "text: {en: Shift, zh: 班时, de: Schicht}")
    pack = copy_of_harbour(tmp_path, {"facts.yaml": facts})
    status, said, _ = tocsin("check", pack)
    assert (status, "warning: undeclared-language" in said) == (0, True)
    assert tocsin("check", pack, "--strict")[0] == 1


def test_a_text_that_is_not_translated_fails_a_check_but_serves(tmp_path: Path) -> None:
    facts = (HARBOUR / "facts.yaml").read_text("utf-8")
    facts = facts.replace("text: {en: Wind speed, zh: 风速}", "text: {en: Wind speed}")
    pack = copy_of_harbour(tmp_path, {"facts.yaml": facts})
    status, said, _ = tocsin("check", pack)
    assert (status, "missing-translation: this text is not written in 'zh'" in said) == (1, True)
    assert "warning" not in said
    asked = lines({"facts": {}, "locale": "zh"})
    status, answer, _ = tocsin("assess", "--pack", pack, "-", given=asked)
    assert status == 0
    assert "Wind speed" in [unknown["text"] for unknown in json.loads(answer)["unknowns"]]
    assert tocsin("test", pack)[0] == 0


def test_check_points_at_the_mistake_inside_a_reported_fact_of_a_case(tmp_path: Path) -> None:
    case = """cases:
  - name: A gale
    as_of: 2026-06-01
    facts:
      wind: {speed: {value: 17, measured_at: noon}, gusts: {reported_by: the watch}}
    expect: {}
"""
    file = copy_of_harbour(tmp_path, {"cases/gale.yaml": case}) / "cases" / "gale.yaml"
    status, said, _ = tocsin("check", file.parent.parent)
    shown = [line for line in said.splitlines() if "case-facts" in line]
    assert status == 1
    assert [line.split(" must be ")[0] for line in shown] == [
        f"{file}:5:46: case-facts: facts.wind.speed.measured_at:",
        f"{file}:5:60: case-facts: facts.wind.gusts.value: is missing",
    ]


def test_assess_writes_the_report_of_one_incident(tmp_path: Path) -> None:
    file = tmp_path / "storm.json"
    file.write_text(json.dumps({**STORM, "locale": "zh"}, indent=2), "utf-8")
    status, said, _ = tocsin("assess", "--report", "--pack", HARBOUR, file)
    assert status == 0
    assert said.startswith("# 风暴，夜班；负荷 30\n")
    assert "## 为什么" in said


def test_assess_writes_the_report_in_a_profile(tmp_path: Path) -> None:
    file = tmp_path / "storm.json"
    file.write_text(json.dumps({**STORM, "locale": "en"}), "utf-8")
    for profile, start in (("brief", "# Storm"), ("chat", "Storm"), ("full", "# Storm")):
        status, said, _ = tocsin("assess", "--profile", profile, "--pack", HARBOUR, file)
        assert (status, said.startswith(start)) == (0, True)
    status, _, told = tocsin("assess", "--profile", "poster", "--pack", HARBOUR, file)
    assert (status, "'full', 'brief', 'chat'" in told) == (2, True)


def test_a_report_is_of_any_one_file_and_of_the_moment_given(tmp_path: Path) -> None:
    body = {key: value for key, value in STORM.items() if key != "as_of"}
    file = tmp_path / "storm.txt"
    file.write_text(json.dumps({**body, "locale": "en"}, indent=2), "utf-8")
    moment = ("--as-of", "2031-05-06T07:08:00+08:00")
    status, said, _ = tocsin("assess", file, "--report", *moment, "--pack", HARBOUR)
    assert (status, said.startswith("# Storm"), "2031-05-06 07:08" in said) == (0, True, True)
    for more in (("--jobs", "1"), ("--out", tmp_path / "out"), (file,), ("--fields", "alert")):
        status, _, said = tocsin("assess", file, "--report", "--pack", HARBOUR, *more)
        assert (status, "report" in said.splitlines()[-1]) == (2, True), more


def test_a_report_that_cannot_be_made_is_a_problem() -> None:
    for body in (b'{"facts": {"x": 1}}', b"{"):
        status, said, _ = tocsin("assess", "--report", "--pack", HARBOUR, "-", given=body)
        assert (status, json.loads(said)["status"] in (400, 422)) == (1, True)


def test_test_runs_the_cases_and_counts_them() -> None:
    assert tocsin("test", HARBOUR) == (0, "2 cases, 0 failed\n", "")


def test_test_shows_the_expected_and_the_actual_values_of_a_failing_case(tmp_path: Path) -> None:
    pack = copy_of_harbour(tmp_path)
    case = pack / "cases" / "gale.yaml"
    case.write_text(case.read_text("utf-8").replace("alert: storm\n", "alert: gale\n", 1), "utf-8")
    status, said, _ = tocsin("test", pack)
    assert status == 1
    assert "case-failed: 'A plain storm': alert is storm, expected gale" in said
    assert said.endswith("2 cases, 1 failed\n")


LACKING = """
cases:
  - name: Foreign ships at night
    as_of: 2026-06-01T12:00:00+08:00
    facts: {wind: {speed: 30}, ships: {inside: 70, flags: [pa]}}
    expect: {actions: [CLOSE_GATE, SOUND_HORN], blocked: [SOUND_HORN], held: [CALL_CREW]}
  - name: Flags unknown
    as_of: 2026-06-01T12:00:00+08:00
    facts: {wind: {speed: 30}, ships: {inside: 1}}
    expect: {actions: [CLOSE_GATE], held: [CUT_MOORINGS, SOUND_HORN]}
  - name: Calm
    as_of: 2026-06-01T12:00:00+08:00
    facts: {wind: {speed: 1, gusts: 1}, ships: {inside: 1, flags: [pa]}}
    expect: {actions: [CLOSE_GATE], blocked: [CLOSE_GATE, CUT_MOORINGS]}
"""


def test_a_failing_case_says_where_an_action_is_that_a_list_lacks(tmp_path: Path) -> None:
    pack = copy_of_harbour(tmp_path, {"cases/gale.yaml": LACKING})
    status, said, _ = tocsin("test", pack)
    assert status == 1
    assert [line.split(": ", 3)[3] for line in said.splitlines() if "case-failed" in line] == [
        "actions lacks CLOSE_GATE: it is blocked by guard.gate",
        "actions lacks SOUND_HORN: it is held by hold.signals until this is known: ships.flags",
        "blocked lacks SOUND_HORN: it is held by hold.signals until this is known: ships.flags",
        "held lacks CALL_CREW: it is asked for and allowed by alert.storm",
        "actions lacks CLOSE_GATE: it is held by guard.gate until this is known: ships.flags",
        "held lacks CUT_MOORINGS: it is blocked by guard.moorings",
        "held lacks SOUND_HORN: it is asked for and allowed by crew.night",
        "actions lacks CLOSE_GATE: its condition is not true in alert.storm",
        "blocked lacks CLOSE_GATE: no rule asked for it (alert.storm), and 'blocked' lists only what was asked for",
        "blocked lacks CUT_MOORINGS: its condition is not true in guard.moorings",
    ]


STEPS = """
cases:
  - name: One storm
    steps:
      - {as_of: 2026-06-01T12:00:00+08:00, facts: {wind: {speed: 30}}, expect: {alert: storm}}
      - {as_of: 2026-06-01T13:00:00+08:00, facts: {wind: {speed: 1}}, expect: {alert: storm}}
      - {as_of: 2026-06-01T14:00:00+08:00, facts: {wind: {speed: 1}}, expect: {alert: storm}}
"""


def test_a_case_with_steps_is_counted_once(tmp_path: Path) -> None:
    pack = copy_of_harbour(tmp_path)
    (pack / "cases" / "steps.yaml").write_text(STEPS, "utf-8")
    assert tocsin("test", pack)[1].endswith("3 cases with 5 steps, 1 failed\n")


def test_test_keeps_the_answers_and_shows_each_difference_until_it_is_told_to_write_again(
    tmp_path: Path,
) -> None:
    pack = copy_of_harbour(tmp_path)
    snapshot = pack / "cases" / "snapshot.txt"
    kept = f"2 cases, 0 failed\nwritten: {snapshot}\n"
    assert tocsin("test", pack, "--snapshot") == (0, kept, "")
    assert tocsin("test", pack, "--snapshot") == (0, "2 cases, 0 failed\n", "")
    actions = pack / "actions.yaml"
    actions.write_text(actions.read_text("utf-8").replace("every: 5m", "every: 7m"), "utf-8")
    for arguments in ((), ("--snapshot",)):
        status, said, _ = tocsin("test", pack, *arguments)
        assert status == 1
        shown = said.splitlines()
        assert shown[0].endswith(
            ": snapshot-differs: 'gale.yaml | A plain storm': SOUND_HORN was +5m, is +7m"
        )
        assert shown[-2:] == [
            "2 cases, 0 failed, 1 differ from the snapshot",
            "  actions: SOUND_HORN differs in 1",
        ]
    status, said, _ = tocsin("test", pack, "--update")
    assert (status, said.splitlines()[-1]) == (0, f"written: {snapshot}")
    assert tocsin("test", pack) == (0, "2 cases, 0 failed\n", "")


def test_no_snapshot_is_written_while_a_case_has_no_answer(tmp_path: Path) -> None:
    pack = copy_of_harbour(tmp_path)
    rules = (
        (HARBOUR / "10_alert.yaml")
        .read_text("utf-8")
        .replace("then: {load: -20}", "then: {crew: day}")
        .replace("gate.closed", "wind.speed > 20")
    )
    (pack / "10_alert.yaml").write_text(rules, "utf-8")
    status, said, wrong = tocsin("test", pack, "--snapshot")
    assert (status, "contradict each other" in said) == (1, True)
    assert wrong == "Error: no snapshot is written: 1 cases have no answer\n"


def test_every_selection_of_parts_can_be_checked_and_tested(tmp_path: Path) -> None:
    pack = harbour_with_parts(tmp_path, "fish, ice")
    assert tocsin("check", pack, "--strict", "--parts", "all-pairs") == (0, "", "")
    status, said, _ = tocsin("test", pack, "--parts", "all-pairs")
    lines_said = said.splitlines()
    assert (status, len(lines_said), lines_said[0]) == (0, 9, "4 cases, 0 failed")
    assert "with the parts ferries, ice alone: 4 cases, 0 failed" in lines_said
    base = (
        "rules:\n  - {id: a.b, when: 'fish.count > 1', then: {load: 1}, because: {en: x, zh: x}}\n"
    )
    (pack / "30_base.yaml").write_text(base, "utf-8")
    status, said, _ = tocsin("check", pack)
    assert status == 1
    assert "part-needed: without any part: unknown-fact: 'fish.count' is not a fact" in said


def test_test_does_not_run_the_cases_of_a_broken_pack(tmp_path: Path) -> None:
    status, said, _ = tocsin("test", broken_harbour(tmp_path))
    assert (status, "unknown-fact" in said, "failed" in said) == (1, True, False)


def test_assess_writes_one_line_for_each_line() -> None:
    status, said, _ = tocsin("assess", "-", "--pack", HARBOUR, given=lines(STORM, {"facts": {}}))
    answers = [json.loads(line) for line in said.splitlines()]
    assert status == 0
    assert [answer["alert"]["code"] for answer in answers] == ["storm", "calm"]
    assert answers[0]["incident_id"] == "s-1"
    assert AssessmentSchema().validate(answers[0]) == {}


def test_assess_adds_decimals_as_they_are_written(tmp_path: Path) -> None:
    about = (HARBOUR / "pack.yaml").read_text("utf-8")
    changed = {
        "pack.yaml": about.replace("load: {type: integer", "load: {type: number"),
        "cases/gale.yaml": "cases: []\n",
        "10_alert.yaml": """rules:
  - {id: load.one, when: wind.speed > 1, then: {load: 0.1}, because: {en: one, zh: 一}}
  - {id: load.two, when: wind.speed > 2, then: {load: 0.7}, because: {en: two, zh: 二}}
  - {id: alert.load, when: load >= 0.8, then: {alert: storm}, because: {en: "{load}", zh: "{load}"}}
""".replace("when: ", "when: '").replace(", then", "', then"),
    }
    pack = copy_of_harbour(tmp_path, changed)
    answer = json.loads(tocsin("assess", "-", "--pack", pack, given=lines(STORM))[1])
    assert (answer["outputs"]["load"]["value"], answer["alert"]["code"]) == (0.8, "storm")


def test_a_wrong_line_gets_a_problem_in_its_place_and_changes_no_other() -> None:
    wrong = {"facts": {"wind": {"sped": 1}}, "incident_id": "s-4"}
    given = lines(STORM) + b"\n{oops}\n" + lines(wrong, STORM)
    status, said, _ = tocsin("assess", "-", "--pack", HARBOUR, given=given)
    answers = [json.loads(line) for line in said.splitlines()]
    assert status == 1
    assert [answer.get("code") for answer in answers] == [
        None,
        "invalid-json",
        "invalid-request",
        None,
    ]
    assert [answer["line"] for answer in answers] == [1, 3, 4, 5]
    assert [answer["incident_id"] for answer in answers] == ["s-1", None, "s-4", "s-1"]


def test_assess_writes_only_the_keys_that_are_wanted() -> None:
    given = lines({"facts": {}}, {"facts": {}, "fields": "outputs"})
    _, said, _ = tocsin("assess", "--fields", "alert", "-", "--pack", HARBOUR, given=given)
    told = [{"alert", "outputs"} & json.loads(line).keys() for line in said.splitlines()]
    assert told == [{"alert"}, {"outputs"}]
    status, _, error = tocsin("assess", "--fields", "alert", "--report", "-", "--pack", HARBOUR)
    assert status == 2
    assert "--fields is for answers in JSON" in error


def test_assess_has_drafts_on_request_unless_a_line_wants_none() -> None:
    given = lines({"facts": {}}, {"facts": {}, "drafts": False})
    _, said, _ = tocsin("assess", "--drafts", "-", "--pack", HARBOUR, given=given)
    assert ["drafts" in json.loads(line) for line in said.splitlines()] == [True, False]


def test_assess_is_lenient_on_request(tmp_path: Path) -> None:
    wrong = {"facts": {"wind": {"speed": 30}, "ships": {"inside": "three"}}, "locale": "en"}
    given = lines(wrong, {**wrong, "locale": "xx"})
    status, said, _ = tocsin("assess", "--lenient", "-", "--pack", HARBOUR, given=given)
    first, second = (json.loads(line) for line in said.splitlines())
    assert (status, first["alert"]["code"], second["code"]) == (1, "storm", "invalid-request")
    assert [one["path"] for one in first["ignored"]] == ["facts.ships.inside"]
    assert "ships.inside" not in first["assumed"]
    cut = b'{"facts": {"wind": {"speed": 30, "gusts": NaN}, "ships": {"names": ["\\ud83d"]}}}'
    status, said, _ = tocsin("assess", "--lenient", "-", "--pack", HARBOUR, given=cut)
    assert (status, json.loads(said)["alert"]["code"]) == (0, "storm")
    file = tmp_path / "storm.json"
    file.write_text(json.dumps(wrong), "utf-8")
    status, said, _ = tocsin("assess", "--lenient", "--report", "--pack", HARBOUR, file)
    assert (status, "| Ships inside | three |" in said) == (0, True)


def test_a_line_that_is_too_long_changes_no_other() -> None:
    given = b'{"facts": {"x": "' + b"y" * 3_000_000 + b'"}}\n' + lines(STORM)
    status, said, _ = tocsin("assess", "-", "--pack", HARBOUR, given=given)
    first, second = (json.loads(line) for line in said.splitlines())
    assert (status, first["code"], second["alert"]["code"]) == (1, "body-too-large", "storm")


def test_a_json_file_is_one_incident_whatever_its_line_breaks(tmp_path: Path) -> None:
    file = tmp_path / "incident.json"
    file.write_text(json.dumps(STORM, indent=2), "utf-8")
    status, said, _ = tocsin("assess", file, "--pack", HARBOUR)
    assert (status, json.loads(said)["alert"]["code"]) == (0, "storm")


def test_assess_uses_the_packs_of_the_deployment_by_default() -> None:
    status, said, _ = tocsin(
        "assess", "-", given=lines({"facts": {}}), TOCSIN_PACKS=str(ROOT / "rules")
    )
    assert (status, json.loads(said)["pack"]["name"]) == (0, "pr_crisis")


def test_chinese_is_not_escaped() -> None:
    given = lines({"facts": {"harm": {"deaths": 2}}, "locale": "zh"})
    said = tocsin("assess", "-", "--pack", ROOT / "rules" / "pr_crisis", given=given)[1]
    assert "Ⅰ级（红）声誉危机" in said
    assert "造成 2 人死亡" in said


def test_the_command_and_the_reference_alone_agree() -> None:
    both = tocsin("assess", "-", "--pack", HARBOUR, given=lines(STORM))[1]
    alone = tocsin("assess", "-", "--pack", HARBOUR, "--engine", "reference", given=lines(STORM))[1]
    assert _without_ids(both) == _without_ids(alone)


def test_a_pack_with_more_of_cel_and_a_list_with_repeats_assesses(tmp_path: Path) -> None:
    outputs = "outputs:\n  notes: {type: string, hit: collect_all}"
    outputs += "\n  noted: {type: boolean, hit: any, default: false}"
    conditions = {
        "order": "a.flag < b.flag && a.flag < true",
        "empty": "[].all(x, x > a.count) == b.flag && size([]) < math.least(a.count)",
        "open": "math.greatest(b.count) > 1",
        "texts": r'a.kind == """\X78""" && a.kind.contains(r"""x""")',
        "span": 'as_of - a.seen\f>\fduration("0")',
    }
    rules = [
        {"id": f"r.{name}", "when": when, "then": {"notes": "same"}, "because": {"en": name}}
        for name, when in conditions.items()
    ]
    filled = {"id": "r.filled", "when": "notes != []", "then": {"noted": True}}
    rules.append({**filled, "because": {"en": "filled"}})
    pack = tmp_path / "plain"
    plain_pack(pack, json.dumps({"rules": rules}), pack=PLAIN_PACK.replace("outputs:", outputs))
    facts = {
        "a": {"flag": False, "count": 1, "kind": "x", "seen": "2026-01-01T00:00:00Z"},
        "b": {"flag": True},
    }
    body = {"facts": facts, "as_of": "2026-01-02T00:00:00Z"}

    status, said, _ = tocsin("assess", "-", "--pack", pack, given=lines(body))

    assert status == 0
    outputs = json.loads(said)["outputs"]
    assert (outputs["noted"]["value"], outputs["noted"]["established"]) == (True, True)
    assert outputs["notes"] == {
        "value": ["same"] * 4,
        "text": "same, same, same, same",
        "established": False,
        "can_be": {"sure": ["same"] * 4, "possible": ["same"] * 5},
    }


def _without_ids(said: str) -> Any:
    answer = json.loads(said)
    return [answer[key] for key in ("alert", "reasons", "blocked", "unknowns")]


ASSESSING = """
import sys
from click.testing import CliRunner
from service.cli import main

for more in ([], ["--report"]):
    done = CliRunner().invoke(main, ["assess", "-", "--pack", sys.argv[1], *more], input=b'{"facts": {}}')
    assert done.exit_code == 0, done.output
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_command_needs_neither_flask_nor_prometheus() -> None:
    loaded = subprocess.check_output(
        [sys.executable, "-c", ASSESSING, HARBOUR], cwd=ROOT, text=True
    ).split()
    assert {"click", "marshmallow", "service"} <= set(loaded)
    assert not {"flask", "flask_smorest", "werkzeug", "prometheus_client", "gunicorn"} & set(loaded)


def test_a_progress_bar_shows_on_a_terminal_and_not_among_the_answers(tmp_path: Path) -> None:
    file = tmp_path / "many.ndjson"
    file.write_bytes(lines(*[STORM] * 50))
    terminal, other_end = pty.openpty()
    done = subprocess.run(
        [TOCSIN, "assess", file, "--pack", HARBOUR],
        stdout=subprocess.PIPE,
        stderr=other_end,
        timeout=60,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(other_end)
    assert len(done.stdout.splitlines()) == 50
    assert b"assessing" in os.read(terminal, 65536)
    os.close(terminal)


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("check",),
        ("check", "/nowhere"),
        ("check", str(HARBOUR), "--format", "xml"),
        ("assess",),
        ("assess", "/nowhere.json"),
        ("assess", "-", "--engine", "rete"),
    ],
)
def test_wrong_usage_is_status_2(arguments: tuple[str, ...]) -> None:
    status, _, said = tocsin(*arguments)
    assert status == 2
    assert "Usage:" in said
    assert "Traceback" not in said


def test_a_wrong_setting_is_status_2() -> None:
    status, _, said = tocsin("assess", "-", TOCSIN_ENGINE="fast")
    assert (status, "TOCSIN_ENGINE is 'fast'" in said) == (2, True)


def test_a_folder_that_is_no_pack_is_a_problem(tmp_path: Path) -> None:
    status, said, _ = tocsin("check", tmp_path)
    assert (status, "pack.yaml" in said) == (1, True)


def test_every_command_prints_its_help() -> None:
    for command in ("serve", "assess", "check", "test", "health"):
        status, said, _ = installed_tocsin(command, "--help")
        assert (status, "Usage: tocsin" in said) == (0, True)


def test_serve_starts_the_server_on_the_address_given() -> None:
    process = subprocess.Popen(
        [TOCSIN, "serve", "--bind", "127.0.0.1:0"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        env={**os.environ, "TOCSIN_PACKS": "/nowhere"},
    )
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "the folder of packs, '/nowhere', does not exist" in said.decode()
