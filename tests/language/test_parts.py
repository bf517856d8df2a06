"""Parts of a pack: those that pack.yaml lists count, the others change nothing, and every selection loads by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest

from service.authoring.cases import run_cases
from service.authoring.check import check_pack
from service.authoring.description import describe
from service.authoring.selections import check_selections, run_selections, selections
from service.authoring.snapshots import compare, keep
from service.engine.assess import Assessor
from service.language.files.pack_files import read_files, unpacked
from service.language.load import load_files
from service.language.model import Pack
from tests.packs import HARBOUR, loaded, problems_of
from tests.packs.parts import PARTS, harbour_with_parts

AS_OF = datetime(2026, 6, 1, 4, tzinfo=UTC)


def with_parts(folder: Path, listed: str) -> Pack:
    folder.mkdir()
    return loaded(harbour_with_parts(folder, listed), with_cases=True)


def test_a_part_that_is_listed_adds_its_facts_actions_rules_constants_and_cases(
    tmp_path: Path,
) -> None:
    pack = with_parts(tmp_path / "one", "fish")
    base = loaded(HARBOUR, with_cases=True)
    assert pack.parts == ("fish",)
    assert set(pack.vocabulary.facts) - set(base.vocabulary.facts) == {"fish.count"}
    assert set(pack.actions) - set(base.actions) == {"STOP_FISH"}
    assert [rule.id for rule in pack.rules] == [*(rule.id for rule in base.rules), "fish.many"]
    assert [one.name for one in pack.constants] == ["constants.most_fish"]
    assert [case.name for case in pack.cases] == [*(case.name for case in base.cases), "many fish"]


def test_a_part_that_is_not_listed_changes_neither_the_pack_nor_the_digest(tmp_path: Path) -> None:
    folder = harbour_with_parts(tmp_path, "fish")
    before = loaded(folder, with_cases=True)
    for file in (folder / "parts" / "ice").rglob("*.yaml"):
        file.write_text("not: [a file of rules", "utf-8")
    (folder / "parts" / "ice" / "facts.yaml").unlink()
    (folder / "parts" / "ice" / "facts.yaml").symlink_to("/dev/zero")
    assert loaded(folder, with_cases=True) == before
    rules = folder / "parts" / "fish" / "10_rules.yaml"
    rules.write_text(rules.read_text("utf-8").replace("> 5", "> 6"), "utf-8")
    assert loaded(folder).digest != before.digest


def test_the_order_of_the_list_changes_no_rule(tmp_path: Path) -> None:
    one, other = with_parts(tmp_path / "a", "ice, fish"), with_parts(tmp_path / "b", "fish, ice")
    assert (one.rules, one.actions, one.parts) == (other.rules, other.actions, other.parts)


def test_a_kept_version_has_the_listed_parts_and_the_same_digest(tmp_path: Path) -> None:
    files = read_files(harbour_with_parts(tmp_path, "fish"))
    kept = unpacked(files.folder, files.packed())
    assert kept.digest() == files.digest()
    assert kept.known_parts == ["fish"]
    pack, _ = load_files(kept)
    assert pack is not None
    assert (pack.parts, pack.rules) == (("fish",), loaded(files.folder).rules)


def test_the_view_names_the_parts_and_the_folder_of_each_place(tmp_path: Path) -> None:
    view = describe(with_parts(tmp_path / "one", "fish"), "en")
    assert view["parts"] == ["fish"]
    places = {rule["id"]: rule["place"] for rule in view["rules"]}
    assert places["fish.many"] == "parts/fish/10_rules.yaml:2"
    assert places["alert.gale"] == "10_alert.yaml:7"
    assert view["constants"][0]["used_at"] == ["parts/fish/10_rules.yaml:3"]


def test_every_selection_of_three_parts_loads_and_its_cases_pass(tmp_path: Path) -> None:
    pack, found = check_pack(folder := harbour_with_parts(tmp_path))
    assert (pack is not None, found) == (True, [])
    assert check_selections(folder, found, pairs=True) == []
    tried = dict(run_selections(folder, "reference"))
    assert set(tried) == {
        (),
        *((one,) for one in PARTS),
        *combinations(PARTS, 2),
        PARTS,
    }
    for chosen, results in tried.items():
        assert len(results) == 2 + len(chosen)
        assert not any(result.problems for result in results), chosen


BASE = """rules:
  - {id: base.reads, when: 'fish.count > 1', then: {load: 1, actions: [STOP_FISH]}, because: "{fish.count}"}
"""
OTHER = """rules:
  - {id: ice.reads, when: 'fish.count > constants.most_fish', then: {load: 1}, because: x}
"""


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        (
            "30_base.yaml",
            BASE,
            [
                "without any part: unknown-fact: 'fish.count' is not a fact of this pack",
                "without any part: unknown-action: 'STOP_FISH' is not an action of this pack",
                "without any part: unknown-placeholder: '{fish.count}' is neither a fact nor an output",
            ],
        ),
        (
            "parts/ice/20_ice.yaml",
            OTHER,
            [
                "with the part ice alone: unknown-fact: 'fish.count' is not a fact of this pack",
                "with the part ice alone: unknown-constant: 'constants.most_fish' is not in the pack's constants.yaml",
            ],
        ),
    ],
)
def test_neither_the_base_nor_another_part_reads_anything_of_a_part(
    tmp_path: Path, file: str, text: str, told: list[str]
) -> None:
    folder = harbour_with_parts(tmp_path, "fish, ice", {file: text})
    pack, found = check_pack(folder)
    assert (pack is not None, found) == (True, [])
    problems = check_selections(folder, found, pairs=False)
    assert [problem.message for problem in problems] == told
    assert {(problem.code, Path(problem.file).name) for problem in problems} == {
        ("part-needed", Path(file).name)
    }


def test_a_case_of_the_base_that_posts_a_fact_of_a_part_is_found(tmp_path: Path) -> None:
    case = "cases:\n  - {name: x, as_of: 2026-06-01, facts: {fish: {count: 1}}, expect: {}}\n"
    folder = harbour_with_parts(tmp_path, "fish", {"cases/fish.yaml": case})
    (problem, *_) = check_selections(folder, check_pack(folder)[1], pairs=False)
    assert problem.code == "part-needed"
    assert "case-facts" in problem.message


def test_selections_are_none_each_pairs_and_all() -> None:
    assert list(selections(["a", "b"], pairs=False)) == [(), ("a",), ("b",)]
    assert list(selections(["a", "b"], pairs=True)) == [(), ("a",), ("b",), ("a", "b")]
    assert list(selections([], pairs=True)) == [()]


def test_each_part_has_a_snapshot_of_its_own(tmp_path: Path) -> None:
    folder = harbour_with_parts(tmp_path, "fish")
    pack = loaded(folder, with_cases=True)
    written = keep(compare(folder, pack, run_cases(pack, "reference")), update=False)
    assert written == [folder / "cases" / "snapshot.txt", folder / "parts/fish/cases/snapshot.txt"]


def test_a_name_that_two_files_declare_is_reported_in_the_second(tmp_path: Path) -> None:
    twice = {
        "parts/fish/facts.yaml": "facts:\n  fish.count: {type: integer, text: x}\n  wind.speed: {type: integer, text: x}\n",
        "parts/ferries/constants.yaml": "constants:\n  most_fish: {type: integer, value: 1, text: x}\n  most_ferries: {type: integer, value: 1, text: x}\n",
    }
    found = {
        (
            Path(one.file).parent.name,
            Path(one.file).name,
            one.line,
            one.message.partition(" at ")[0],
        )
        for one in problems_of(harbour_with_parts(tmp_path, "ferries, fish", twice))
        if one.code == "name-conflict"
    }
    assert found == {
        ("fish", "facts.yaml", 3, "'wind.speed' is already declared"),
        (
            "fish",
            "constants.yaml",
            2,
            "'most_fish' is already declared",
        ),
    }


def test_a_condition_that_yaml_cut_is_reported_in_files_that_parts_add_to(tmp_path: Path) -> None:
    facts = "facts:\n  fish.count: {type: integer, min: 0, text: x}\n  fish.sold: {type: integer, text: x, otherwise: 0, applies_when: fish.count > 2}\n"
    folder = harbour_with_parts(tmp_path, "fish", {"parts/fish/facts.yaml": facts})
    _, problems = load_files(read_files(folder))
    assert [(p.code, Path(p.file).parent.name, p.line) for p in problems] == [
        ("quote-condition", "fish", 3)
    ]


ADDED = """extends:
  CLOSE_GATE:
    by_case:
      - when: {part}.count > 1
        text: {{en: Close it for {part}, zh: 关}}
        due: {{within: 10m}}
defaults: {{due: {{from: [watch.started]}}}}
"""
OWN_CASES = "    reversible: true\n    by_case: [{when: 'wind.speed > 30', text: {en: Close in the storm, zh: 关}}]\n"


def with_added(folder: Path, listed: str = "fish, ice") -> Path:
    catalogue = (HARBOUR / "actions.yaml").read_text("utf-8")
    changes = {"actions.yaml": catalogue.replace("    reversible: true\n", OWN_CASES, 1)}
    for part in ("fish", "ice"):
        own = f"actions:\n  STOP_{part.upper()}: {{text: {{en: Stop, zh: 停}}, kind: signal, owner: keeper, due: 1h}}\n"
        changes[f"parts/{part}/actions.yaml"] = own + ADDED.format(part=part)
    return harbour_with_parts(folder, listed, changes)


def test_a_part_adds_alternatives_to_an_action_of_the_base_before_those_of_the_base(
    tmp_path: Path,
) -> None:
    folder = with_added(tmp_path)
    pack, found = check_pack(folder)
    assert pack is not None
    assert (found, check_selections(folder, found, pairs=True)) == ([], [])
    cases = pack.actions["CLOSE_GATE"].by_case
    assert [one.written for one in cases] == ["fish.count > 1", "ice.count > 1", "wind.speed > 30"]
    view = describe(pack, "en")["actions"]
    (told,) = [one["by_case"] for one in view if one["code"] == "CLOSE_GATE"]
    assert [one["when"] for one in told] == [one.written for one in cases]
    due = cases[0].action.due
    assert due is not None
    assert due.start == ("watch.started",)  # of the defaults of the part's file
    alone, _ = load_files(replace(read_files(folder), chosen=("ice",)))
    assert alone is not None
    assert [one.written for one in alone.actions["CLOSE_GATE"].by_case] == [
        "ice.count > 1",
        "wind.speed > 30",
    ]


def test_an_answer_and_its_page_have_what_the_part_says_of_the_action(tmp_path: Path) -> None:
    folder = with_added(tmp_path)
    with (folder / "pack.yaml").open("a", encoding="utf-8") as about:
        about.write(
            "brief: {title: {en: Page, zh: 页}, now: [{row: gate, actions: [CLOSE_GATE]}]}\n"
        )
    assessor = Assessor(loaded(folder), "reference")
    for facts, text in (
        ({"fish.count": 2, "ice.count": 2}, "Close it for fish"),
        ({"fish.count": 0, "ice.count": 2}, "Close it for ice"),
        ({"fish.count": 0, "ice.count": 0}, "Close the gate"),
        ({"fish.count": 0}, "Close the gate"),
    ):
        answer = assessor.assess({"wind.speed": 26, "ships.flags": ("cn",), **facts}, AS_OF, "en")
        (entry,) = [one for one in answer["actions"] if one["code"] == "CLOSE_GATE"]
        assert entry["text"] == text
        assert any(text in line["text"] for line in answer["brief"]["lines"])


def test_a_mistake_in_what_a_part_adds_is_told_at_its_place(tmp_path: Path) -> None:
    folder = with_added(tmp_path)
    file = folder / "parts" / "ice" / "actions.yaml"
    file.write_text(file.read_text("utf-8").replace("ice.count > 1", "ice.coumt > 1"), "utf-8")
    (problem,) = problems_of(folder)
    assert problem.code == "unknown-fact"
    assert (problem.file, problem.line, problem.column) == (str(file), 6, 15)
