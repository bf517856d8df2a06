"""Constants and lists: whatever names one is the same as with the value itself, and every use is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import yaml

from service.authoring.cases import run_cases
from service.authoring.description import describe
from service.engine.assess import Assessor
from service.language.model import Pack
from tests.packs import copy_of_harbour, loaded, problems_of
from tests.semantics.named_constants import named
from tests.semantics.random_packs import random_pack, text_of

CONSTANTS = """constants:
  storm: {type: number, value: 25, unit: m/s, text: {en: Wind of a storm, zh: 风暴风速}}
  many: {type: integer, value: 5, text: {en: Many ships, zh: 多船}}
  soon: {type: duration, value: 1h, text: {en: Soon, zh: 尽快}}
  began: {type: datetime, value: "2026-01-01T00:00:00+08:00", text: {en: It began, zh: 开始}}
  strongest: {type: integer, value: 150, text: {en: The strongest wind, zh: 最大风速}}
  code: {type: string, value: sea, text: {en: Where it is worst, zh: 最坏风向}}
lists:
  treaty: {of: ships.flags, values: [pa, no], text: {en: Flags of the treaty, zh: 条约旗}}
  names: {of: string, values: [Ann, Bea], text: {en: Names, zh: 名}}
"""
RULES = """rules:
  - id: a.b
    when: ships.inside > -constants.many && watch.started > constants.began && watch.shift < constants.soon && wind.from == constants.code
    then: {load: constants.many, actions: [{action: SOUND_HORN, due: constants.soon}]}
    because: {en: "{constants.storm} {lists.treaty} {lists.names} {constants.soon} {wind.speed}", zh: "{constants.storm} {lists.treaty} {wind.speed}"}
  - {id: a.c, when: 'ships.names.exists(one, one in lists.names) || !ships.flags.all(f, !(f in lists.treaty))', then: {load: 1}, because: x}
tables:
  - id: t
    output: alert
    rows:
      - {id: r, fact: ships.inside, at_least: {gale: constants.many, storm: constants.strongest}, because: "{threshold}"}
      - {id: s, fact: ships.flags, one_of: {gale: lists.treaty}, because: "{threshold}"}
"""
PLAIN = {
    "-constants.many": "-5",
    "constants.storm": "25",
    "constants.many": "5",
    "constants.soon": 'duration("1h")',
    "constants.began": 'timestamp("2026-01-01T00:00:00+08:00")',
    "constants.strongest": "150",
    "constants.code": '"sea"',
    "lists.treaty": '["pa", "no"]',
    "lists.names": '["Ann", "Bea"]',
}


def pack_with(folder: Path, rules: str, **files: str) -> Pack:
    facts = files.pop("facts", "")
    changes = {"30_more.yaml": rules, **{f"{name}.yaml": text for name, text in files.items()}}
    folder.mkdir()
    copy = copy_of_harbour(folder, changes)
    if facts:
        path = copy / "facts.yaml"
        path.write_text(path.read_text("utf-8").replace("max: 150", facts), "utf-8")
    return loaded(copy)


@pytest.fixture
def both(tmp_path: Path) -> tuple[Pack, Pack]:
    """A pack that names its constants, and the same with the values in their places."""
    with_names = pack_with(
        tmp_path / "named", RULES, constants=CONSTANTS, facts="max: constants.strongest"
    )
    plain = RULES.replace("due: constants.soon", "due: 1h").replace(
        '"{constants.storm} {lists.treaty} {lists.names} {constants.soon} {wind.speed}"',
        '"25 pa, no Ann, Bea 1 h {wind.speed}"',
    )
    plain = plain.replace(
        '"{constants.storm} {lists.treaty} {wind.speed}"', '"25 pa、no {wind.speed}"'
    )
    for name, value in PLAIN.items():
        plain = plain.replace(name, value)
    return with_names, pack_with(tmp_path / "plain", plain)


def test_names_are_the_same_as_the_values_in_conditions_tables_bounds_deadlines_and_texts(
    both: tuple[Pack, Pack],
) -> None:
    one, other = both
    assert [replace(rule, written=None) for rule in one.rules] == [
        replace(rule, written=None) for rule in other.rules
    ]
    assert one.vocabulary == other.vocabulary
    assert one.actions == other.actions


def test_an_explanation_shows_the_name_and_the_value(both: tuple[Pack, Pack]) -> None:
    assessor = Assessor(both[0], "reference")
    case = next(
        iter(loaded(Path(__file__).parents[1] / "packs" / "harbour", with_cases=True).cases)
    )
    answer = assessor.assess({"ships.inside": 4}, case.as_of, "en", explain=True)
    shown = {miss["atom"]: miss["threshold"] for miss in answer["explanation"]["near_misses"]}
    assert shown["ships.inside >= constants.many"] == 5


def test_the_view_shows_each_name_with_its_value_and_where_it_is_used(
    both: tuple[Pack, Pack],
) -> None:
    view = describe(both[0], "zh")
    many = next(one for one in view["constants"] if one["name"] == "many")
    assert (many["value"], many["type"], many["text"]) == (5, "integer", "多船")
    assert many["used_at"] == ["30_more.yaml:3", "30_more.yaml:4", "30_more.yaml:11"]
    treaty = next(one for one in view["lists"] if one["name"] == "treaty")
    assert (treaty["of"], treaty["values"]) == ("ships.flags", ["pa", "no"])
    row = next(one for one in view["tables"] if one["id"] == "t")["rows"][0]
    assert row["at_least"] == {"gale": 5, "storm": 150}
    assert row["named"] == {"gale": "constants.many", "storm": "constants.strongest"}


@pytest.mark.parametrize("seed", range(15))
def test_a_random_pack_with_names_has_the_same_rules(seed: int, tmp_path: Path) -> None:
    source = random_pack(seed, with_holds=True)
    plain = source.loaded(tmp_path / "plain")
    files = {name: yaml.safe_load(text) for name, text in source.files.items()}
    texts = {name: text_of(data) for name, data in named(files, Random(seed)).items()}
    with_names = replace(source, files=texts).loaded(tmp_path / "named")
    assert (plain is None) == (with_names is None)
    if plain is not None and with_names is not None:
        assert with_names.constants
        assert [(one.id, one.when, one.then) for one in with_names.rules] == [
            (one.id, one.when, one.then) for one in plain.rules
        ]
        assert [one.value for one in with_names.derived] == [one.value for one in plain.derived]


def test_a_case_takes_no_constant_so_that_it_can_prove_its_value(tmp_path: Path) -> None:
    copy = copy_of_harbour(tmp_path, {"constants.yaml": CONSTANTS})
    case = copy / "cases" / "gale.yaml"
    case.write_text(
        "cases:\n  - {name: x, as_of: 2026-06-01, facts: {wind: {speed: constants.storm}}, expect: {}}\n",
        "utf-8",
    )
    results = list(run_cases(loaded(copy, with_cases=True), "reference"))
    (problem,) = results[0].problems
    assert (problem.code, problem.message.partition(":")[0]) == ("case-facts", "facts.wind.speed")


def test_a_pack_without_constants_yaml_has_none(tmp_path: Path) -> None:
    copy = copy_of_harbour(tmp_path)
    assert problems_of(copy) == []
    assert loaded(copy).constants == ()


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("value: 5, text", "value: five, text"),
        (", text: {en: Many ships, zh: 多船}", ""),
        ("values: [pa, no]", "values: [pa, nope]"),
        ("values: [Ann, Bea]", "values: []"),
        ("constants:\n", "constants: [\n"),
        (CONSTANTS, "- a list\n"),
    ],
)
def test_a_mistake_in_a_constant_is_reported_once_and_no_use_of_it(
    was: str, now: str, tmp_path: Path
) -> None:
    wrong = CONSTANTS.replace(was, now)
    assert wrong != CONSTANTS
    files = {"constants.yaml": wrong, "30_more.yaml": RULES}
    found = problems_of(copy_of_harbour(tmp_path, files))
    [problem] = [one for one in found if one.severity == "error"]
    assert problem.file.endswith("constants.yaml")
