"""How the worked examples beside the rules are read, and which mistakes in them are reported."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from service.language.load import load_pack
from service.language.model import Case
from tests.packs import HARBOUR, copy_of_harbour, loaded, problems_of

PLUS_EIGHT = timezone(timedelta(hours=8))


def case_file(text: str) -> dict[str, str]:
    return {"cases/gale.yaml": f"cases:\n{text}"}


def only_case(folder: Path, text: str) -> Case:
    pack = loaded(copy_of_harbour(folder, case_file(text)), with_cases=True)
    assert len(pack.cases) == 1
    return pack.cases[0]


def codes(folder: Path, expect: str) -> list[str]:
    """The codes of the problems of a case that expects this."""
    text = f"  - {{name: a, as_of: 2026-06-01, facts: {{}}, expect: {expect}}}\n"
    return [problem.code for problem in problems_of(copy_of_harbour(folder, case_file(text)))]


def test_a_case_keeps_its_name_its_source_and_its_facts_as_they_were_written(
    tmp_path: Path,
) -> None:
    case = only_case(
        tmp_path,
        """
  - name: A gale
    source: Log of 2026
    as_of: 2026-06-01T12:00:00+08:00
    facts: {wind: {speed: 17, from: null}, ships: {flags: [no]}}
    expect: {alert: gale}
""",
    )
    assert (case.name, case.source) == ("A gale", "Log of 2026")
    assert case.facts == {"wind": {"speed": 17, "from": None}, "ships": {"flags": ["no"]}}
    assert case.expect == {"alert": "gale"}
    assert case.as_of == datetime(2026, 6, 1, 12, tzinfo=PLUS_EIGHT)


def test_a_case_of_a_bare_date_is_at_its_first_moment_in_the_time_zone_of_the_pack(
    tmp_path: Path,
) -> None:
    case = only_case(tmp_path, "  - {name: a, as_of: 2026-06-01, facts: {}, expect: {}}\n")
    assert case.as_of == datetime(2026, 6, 1, tzinfo=PLUS_EIGHT)
    assert case.source == ""


def test_a_case_knows_where_each_expectation_and_each_fact_stands(tmp_path: Path) -> None:
    case = only_case(
        tmp_path,
        """
  - name: A gale
    as_of: 2026-06-01
    facts:
      wind: {speed: 17}
    expect:
      alert: gale
      load: 30
""",
    )
    assert (case.place.line, case.place.column) == (3, 11)
    assert (case.places["alert"].line, case.places["alert"].column) == (8, 7)
    assert (case.places["load"].line, case.places["load"].column) == (9, 7)
    assert (case.places["facts.wind.speed"].line, case.places["facts.wind.speed"].column) == (6, 21)


def test_cases_of_all_files_are_read_by_file_name_and_then_by_position(tmp_path: Path) -> None:
    one = "cases:\n  - {name: %s, as_of: 2026-06-01, facts: {}, expect: {}}\n"
    two = one + "  - {name: %s, as_of: 2026-06-01, facts: {}, expect: {}}\n"
    files = {"cases/b.yaml": two % ("third", "fourth"), "cases/a.yaml": one % "first"}
    pack = loaded(
        copy_of_harbour(tmp_path, {**files, "cases/gale.yaml": one % "last"}), with_cases=True
    )
    assert [case.name for case in pack.cases] == ["first", "third", "fourth", "last"]


def test_cases_are_read_only_when_asked_for(tmp_path: Path) -> None:
    folder = copy_of_harbour(tmp_path, {"cases/gale.yaml": "cases: [nonsense]\n"})
    pack, problems = load_pack(folder)
    assert pack is not None
    assert (pack.cases, problems) == ((), [])
    assert load_pack(folder, with_cases=True)[0] is None


def test_a_pack_without_cases_has_none(tmp_path: Path) -> None:
    folder = copy_of_harbour(tmp_path)
    (folder / "cases" / "gale.yaml").unlink()
    (folder / "cases").rmdir()
    assert loaded(folder, with_cases=True).cases == ()


def test_cases_do_not_change_the_digest_and_rules_do(tmp_path: Path) -> None:
    rules = (HARBOUR / "10_alert.yaml").read_text("utf-8") + "\n"
    other_cases = copy_of_harbour(tmp_path / "a", case_file("  []\n"))
    other_rules = copy_of_harbour(tmp_path / "b", {"10_alert.yaml": rules})
    assert loaded(other_cases).digest == loaded(HARBOUR).digest
    assert loaded(other_rules).digest != loaded(HARBOUR).digest


@pytest.mark.parametrize(
    "expect",
    [
        "{}",
        "{alert: storm, load: -20, crew: day, provisional: true}",
        "{actions: [CALL_CREW]}",
        "{actions: {include: [CALL_CREW], exclude: [SOUND_HORN]}}",
        "{actions: {exactly: []}, held: {include: [CLOSE_GATE]}}",
        "{blocked: [CUT_MOORINGS], fired: {exclude: [crew.night]}}",
        "{unknowns: [wind.speed, anything.at_all]}",
        "{at_worst: {alert: storm, load: 100}, at_best: {crew: day}}",
    ],
)
def test_a_case_may_expect_this(expect: str, tmp_path: Path) -> None:
    assert codes(tmp_path, expect) == []


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ("{alert: red}", "wrong-type"),
        ("{load: 1.5}", "wrong-type"),
        ('{load: "30"}', "wrong-type"),
        ("{load: null}", "wrong-type"),
        ("{provisional: yes}", "wrong-type"),
        ("{crew: [night]}", "wrong-type"),
        ("{grade: red}", "unknown-output"),
        ("{actions: CALL_CREW}", "bad-value"),
        ("{actions: {include: CALL_CREW}}", "bad-value"),
        ("{actions: {includes: [CALL_CREW]}}", "unknown-key"),
        ("{actions: [call_crew]}", "unknown-name"),
        ("{held: [ALERT]}", "unknown-name"),
        ("{blocked: {exclude: [crew.night]}}", "unknown-name"),
        ("{fired: [CALL_CREW]}", "unknown-name"),
        ("{fired: [1]}", "unknown-name"),
        ("{at_worst: [alert]}", "bad-value"),
        ("{at_worst: {grade: red}}", "unknown-output"),
        ("{at_best: {alert: red}}", "wrong-type"),
        ("[alert]", "bad-value"),
    ],
)
def test_a_case_may_not_expect_this(expect: str, code: str, tmp_path: Path) -> None:
    assert codes(tmp_path, expect) == [code]


@pytest.mark.parametrize("as_of", ["yesterday", "2026-02-30", "2026-06-01T12:00:00", '"2026-6-1"'])
def test_a_case_has_a_date_or_a_moment_with_offset(as_of: str, tmp_path: Path) -> None:
    text = f"  - {{name: a, as_of: {as_of}, facts: {{}}, expect: {{}}}}\n"
    problems = problems_of(copy_of_harbour(tmp_path, case_file(text)))
    assert [(p.code, p.line, p.column) for p in problems] == [("bad-date", 2, 22)]


@pytest.mark.parametrize("key", ["name", "as_of", "facts", "expect"])
def test_a_case_needs_its_name_its_moment_its_facts_and_what_it_expects(
    key: str, tmp_path: Path
) -> None:
    entry = {"name": "a", "as_of": "2026-06-01", "facts": "{}", "expect": "{}"}
    written = ", ".join(f"{name}: {value}" for name, value in entry.items() if name != key)
    problems = problems_of(copy_of_harbour(tmp_path, case_file(f"  - {{{written}}}\n")))
    assert [(p.code, p.message) for p in problems] == [("missing-key", f"'{key}' is missing")]


def test_a_case_may_name_a_brand_whose_file_has_a_mistake_which_is_reported_once(
    tmp_path: Path,
) -> None:
    case = "{name: c, as_of: 2026-06-01, brand: acme, facts: {}, expect: {alert: calm}}"
    files = {"brands/acme.yaml": "facts: [wind]\n", "cases/c.yaml": f"cases: [{case}]\n"}
    _, problems = load_pack(copy_of_harbour(tmp_path, files), with_cases=True)
    [problem] = [one for one in problems if one.severity == "error"]
    assert problem.file.endswith("brands/acme.yaml")
