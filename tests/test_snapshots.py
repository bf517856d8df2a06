"""The answers that cases gave, kept beside them: every difference is found, named and shown until it is written again."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.scalars import parse_duration
from service.authoring.cases import run_cases
from service.authoring.kept_answers import Kept, case_key, changes, lines_of, offset, read_lines
from service.authoring.snapshots import ComparedAnswers, compare, keep
from service.language.files.pack_files import read_files
from tests.packs import copy_of_harbour, loaded

STEPS = """cases:
  - name: "a storm | and,\\nafter it"
    steps:
      - {as_of: 2026-06-01, facts: {wind: {speed: 30}}, expect: {}}
      - {as_of: 2026-06-02, facts: {}, responses: [CALL_CREW], expect: {}}
  - {name: twice, as_of: 2026-06-01, facts: {}, expect: {}}
  - {name: twice, as_of: 2026-06-01, facts: {wind: {speed: 30}}, expect: {}}
"""


def compared(pack: Path) -> ComparedAnswers:
    read = loaded(pack, with_cases=True)
    return compare(pack, read, run_cases(read, "reference"))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The harbour pack with the answers to its cases kept."""
    folder = copy_of_harbour(tmp_path, {"cases/steps.yaml": STEPS})
    keep(compared(folder), update=False)
    return folder


def snapshot(pack: Path) -> Path:
    return pack / "cases" / "snapshot.txt"


def said(pack: Path) -> list[str]:
    return [problem.message for problem in compared(pack).problems]


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_snapshot_has_two_lines_for_each_case_and_step_and_is_sorted(pack: Path) -> None:
    assert snapshot(pack).read_text("utf-8").splitlines()[1:] == [
        "gale.yaml | A plain storm | alert=storm",
        "  CALL_CREW +1h, CLOSE_GATE +30m, SOUND_HORN +5m | blocked: CUT_MOORINGS",
        "gale.yaml | Nothing is known | alert=calm",
        "  no actions",
        "steps.yaml | a storm \\u007c and,\\u000aafter it (1) | alert=storm",
        "  CALL_CREW +1h, SOUND_HORN +5m | blocked: CUT_MOORINGS | held: CLOSE_GATE",
        "steps.yaml | a storm \\u007c and,\\u000aafter it (2) | alert=storm",
        "  CALL_CREW -23h done, SOUND_HORN -23h55m | blocked: CUT_MOORINGS | held: CLOSE_GATE",
        "steps.yaml | twice | alert=calm",
        "  no actions",
        "steps.yaml | twice #2 | alert=storm",
        "  CALL_CREW +1h, SOUND_HORN +5m | blocked: CUT_MOORINGS | held: CLOSE_GATE",
    ]


def test_a_snapshot_equals_itself_and_belongs_to_no_digest(pack: Path) -> None:
    assert said(pack) == []
    files = read_files(pack, with_cases=True)
    snapshot(pack).unlink()
    assert read_files(pack, with_cases=True).digest() == files.digest()
    assert said(pack) == []


def test_a_changed_rule_is_shown_in_every_case_that_it_moves(pack: Path) -> None:
    changed(pack / "actions.yaml", "every: 5m", "every: 7m")
    found = compared(pack)
    assert next(problem.message for problem in found.problems) == (
        "'gale.yaml | A plain storm': SOUND_HORN was +5m, is +7m"
    )
    assert {problem.code for problem in found.problems} == {"snapshot-differs"}
    assert list(found.summary()) == ["  actions: SOUND_HORN differs in 4"]


def test_each_change_of_an_answer_is_named(pack: Path) -> None:
    changed(snapshot(pack), "alert=calm\n  no actions", "alert=gale\n  WATCH | held: SOUND_HORN")
    assert said(pack)[0] == (
        "'gale.yaml | Nothing is known': alert was gale, is calm; actions - WATCH; held - SOUND_HORN"
    )


def test_a_case_that_is_new_and_one_that_is_gone_are_differences(pack: Path) -> None:
    changed(pack / "cases" / "gale.yaml", "Nothing is known", "Less is known")
    found = {(Path(one.file).name, one.line, one.message) for one in compared(pack).problems}
    assert found == {
        (
            "gale.yaml",
            13,
            "'gale.yaml | Less is known' is new: it is not in snapshot.txt",
        ),
        ("snapshot.txt", 4, "'gale.yaml | Nothing is known' is gone: it is no case any more"),
    }


def test_all_cases_that_are_gone_are_differences(pack: Path) -> None:
    for file in (pack / "cases").glob("*.yaml"):
        file.unlink()
    assert len(said(pack)) == 6


def test_an_update_writes_what_differs_and_nothing_else_does(pack: Path) -> None:
    changed(pack / "actions.yaml", "every: 5m", "every: 7m")
    assert keep(compared(pack), update=False) == []
    before = snapshot(pack).stat().st_ino
    assert keep(compared(pack), update=True) == [snapshot(pack)]
    assert said(pack) == []
    assert snapshot(pack).stat().st_ino != before, "a reader sees the old file or the new one"
    assert keep(compared(pack), update=True) == []
    assert sorted(file.name for file in snapshot(pack).parent.iterdir()) == [
        "gale.yaml",
        "snapshot.txt",
        "steps.yaml",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("gale.yaml | Nothing", "<<<<<<< ours\ngale.yaml | Nothing", 4),
        ("  no actions\n", "", 4),
        ("  no actions\n", "no actions\n", 4),
        ("gale.yaml | Nothing is known | alert=calm", "gale.yaml", 4),
        ("alert=calm", "calm", 4),
        ("Nothing is known", "A plain storm", 4),
        ("blocked: CUT", "CUT", 2),
        ("# What", "# That", 1),
    ],
)
def test_a_file_of_another_form_is_one_problem_at_its_line(
    pack: Path, old: str, new: str, line: int
) -> None:
    changed(snapshot(pack), old, new)
    (problem,) = compared(pack).problems
    assert (problem.code, problem.line) == ("snapshot-form", line)
    keep(compared(pack), update=True)
    assert said(pack) == []


def test_line_breaks_of_another_system_are_no_difference(pack: Path) -> None:
    snapshot(pack).write_bytes(snapshot(pack).read_bytes().replace(b"\n", b"\r\n"))
    assert said(pack) == []


def test_a_file_that_cannot_be_read_is_a_problem_and_nothing_of_it_is_shown(pack: Path) -> None:
    snapshot(pack).write_bytes(b"\xff")
    assert [problem.code for problem in compared(pack).problems] == ["not-utf8"]
    snapshot(pack).unlink()
    snapshot(pack).symlink_to("/etc/passwd")
    (problem,) = compared(pack).problems
    assert (problem.code, problem.message) == (
        "unreadable-file",
        "the file cannot be read: it is a link",
    )
    keep(compared(pack), update=True)
    assert not snapshot(pack).is_symlink()


def test_what_is_written_is_read_again() -> None:
    made = random.Random(14)
    alphabet = "ab |,:=\\#\n\r\x85 \u2028\U0001f600\u202e死-"
    for _ in range(300):
        name = "".join(made.choices(alphabet, k=made.randrange(12)))
        codes = [f"CODE_{number}" for number in range(made.randrange(4))]
        said = {code: made.choice(["", "+1h", "-6d done", "done"]) for code in codes}
        blocked = {"blocked": dict.fromkeys(codes, "")} if codes else {}
        kept = Kept(case_key("a.yaml", name), {"outputs": {"g": "x"}, "actions": said, **blocked})
        first, second, rest = lines_of(kept).split("\n")
        assert (read_lines(first, second), rest) == (kept, "")
        assert list(changes(kept, read_lines(first, second))) == []


@pytest.mark.parametrize("written", ["1h", "30m", "25h", "6d", "1d12h30m", "1.5s"])
def test_an_offset_reads_as_a_duration(written: str) -> None:
    span = parse_duration(written, days=True)
    for sign, one in (("+", span), ("-", -span)):
        assert offset(one)[0] == sign
        assert parse_duration(offset(one)[1:], days=True) == span
    assert offset(timedelta()) == "+0"
