"""Mistakes of authors that once crashed the loader or were not reported. Each is now a problem at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.language.load import load_pack
from tests.packs import copy_of_harbour, problems_of

CASE = """cases:
  - name: One
    as_of: {as_of}
    facts: {{}}
    expect: {expect}
"""


def codes(folder: Path, changes: dict[str, str]) -> list[tuple[str, int]]:
    return [(p.code, p.line) for p in problems_of(copy_of_harbour(folder, changes))]


@pytest.mark.parametrize(
    ("as_of", "expect", "code"),
    [
        ('"0001-01-01T00:00:00+01:00"', "{}", ("bad-date", 3)),
        ("0001-01-01", "{}", ("bad-date", 3)),
        ("2026-01-01", "{blocked: [[X]]}", ("unknown-name", 5)),
        ("2026-01-01", "{fired: [{a: b}]}", ("unknown-name", 5)),
        ("2026-01-01", "{unknowns: [{a: b}]}", ("unknown-name", 5)),
    ],
)
def test_a_case_that_makes_no_sense_is_reported(
    tmp_path: Path, as_of: str, expect: str, code: tuple[str, int]
) -> None:
    text = CASE.format(as_of=as_of, expect=expect)
    assert codes(tmp_path, {"cases/gale.yaml": text}) == [code]


def test_a_date_beyond_the_calendar_is_reported(tmp_path: Path) -> None:
    folder = copy_of_harbour(tmp_path)
    rules = (folder / "10_alert.yaml").read_text("utf-8")
    rules = rules.replace("from: 2026-01-01,", 'from: "0001-01-01T00:00:00+01:00",')
    (folder / "10_alert.yaml").write_text(rules, "utf-8")
    assert [p.code for p in load_pack(folder)[1]] == ["bad-date"]


@pytest.mark.parametrize("due", ["{by: 5, storm: 1h}", "-1h", "{within: -1h}"])
def test_a_wrong_deadline_is_reported(tmp_path: Path, due: str) -> None:
    folder = copy_of_harbour(tmp_path)
    actions = (folder / "actions.yaml").read_text("utf-8").replace("due: 1h", f"due: {due}")
    (folder / "actions.yaml").write_text(actions, "utf-8")
    assert {p.code for p in load_pack(folder)[1]} == {"due-form"}


def test_a_loop_over_constants_reads_no_fact(tmp_path: Path) -> None:
    rules = """rules:
  - id: alert.loop
    when: '[1, 2].exists(x, x > 1)'
    then: {alert: storm}
    because: {en: loop, zh: 循环}
"""
    assert ("constant-condition", 3) in codes(tmp_path, {"10_alert.yaml": rules})


def test_long_chains_are_ordered_without_recursion(tmp_path: Path) -> None:
    folder = copy_of_harbour(tmp_path)
    facts = (folder / "facts.yaml").read_text("utf-8")
    text = "text: {en: x, zh: x}}"
    chain = [
        f"  chain.n{n}: {{type: number, value: chain.n{n + 1} + 1.0, {text}" for n in range(1500)
    ]
    chain.append(f"  chain.n1500: {{type: number, value: wind.speed * 2.0, {text}")
    (folder / "facts.yaml").write_text(facts + "\n".join(chain) + "\n", "utf-8")
    actions = (folder / "actions.yaml").read_text("utf-8")
    after = [f"  STEP_{n}: {{after: [STEP_{n + 1}], {text}" for n in range(1500)]
    after.append(f"  STEP_1500: {{{text}")
    longer = actions.replace("actions:\n", "actions:\n" + "\n".join(after) + "\n", 1)
    (folder / "actions.yaml").write_text(longer, "utf-8")
    pack, problems = load_pack(folder)
    assert problems == []
    assert pack is not None
    assert len(pack.derived) > 1500


def test_one_broken_rule_does_not_make_a_case_that_names_it_wrong(tmp_path: Path) -> None:
    folder = copy_of_harbour(tmp_path)
    rules = (
        (folder / "10_alert.yaml").read_text("utf-8").replace("wind.speed >= 25", "wind.sped >= 25")
    )
    (folder / "10_alert.yaml").write_text(rules, "utf-8")
    assert [p.code for p in problems_of(folder)] == ["unknown-fact"]


def test_a_line_is_counted_as_an_editor_counts_it(tmp_path: Path) -> None:
    rules = 'rules:\n  - because: "one\u2028still one\u0085still one"\n    id: x\n    whn: a\n'
    found = problems_of(copy_of_harbour(tmp_path, {"10_alert.yaml": rules}))
    assert ("unknown-key", 4) in [(p.code, p.line) for p in found]


def test_a_text_whose_language_is_a_mapping_is_reported(tmp_path: Path) -> None:
    folder = copy_of_harbour(tmp_path)
    rules = (
        (folder / "10_alert.yaml")
        .read_text("utf-8")
        .replace("{en: strong wind", "{{en}, en: strong wind")
    )
    rules = rules.replace('{en: "strong wind"', '{{en}, en: "strong wind"')
    (folder / "10_alert.yaml").write_text(rules, "utf-8")
    assert "yaml-key" in [p.code for p in problems_of(folder)]


def test_an_empty_key_is_underlined_like_other_keys(tmp_path: Path) -> None:
    text = CASE.format(as_of="2026-01-01", expect="{'': 1}")
    (found,) = problems_of(copy_of_harbour(tmp_path, {"cases/gale.yaml": text}))
    assert (found.code, found.line, found.length) == ("unknown-output", 5, 1)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("kind: signal", "kind: [{en: x}]", "unknown-kind"),
        ("kind: signal", "kind: [[signal]]", "unknown-kind"),
        ("until: [ships.flags]", "until: [[ships.flags]]", "unknown-fact"),
        ("until: [ships.flags]", "until: {en: x}", "unknown-fact"),
    ],
)
def test_a_hold_with_something_that_is_not_a_name_is_reported(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    folder = copy_of_harbour(tmp_path)
    text = (folder / "20_guards.yaml").read_text("utf-8")
    assert old in text
    (folder / "20_guards.yaml").write_text(text.replace(old, new), "utf-8")
    assert code in [problem.code for problem in problems_of(folder)]


def test_an_empty_block_at_the_end_of_a_file_is_reported_at_its_place(tmp_path: Path) -> None:
    """It was once reported at the first line of the file."""
    rule = "rules:\n  - id: empty\n    then: {load: 1}\n    because: x\n    when: |"
    (problem,) = problems_of(copy_of_harbour(tmp_path, {"20_empty.yaml": rule}))
    assert (problem.code, problem.line, problem.column) == ("condition-syntax", 5, 11)
