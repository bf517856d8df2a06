"""docs/rules.md is true: its pack loads, its cases pass, and every row of its tables has the result that it states."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.facts import FactsSchema
from schemas.files.names import HIT_POLICY_NAMES
from schemas.scalars import parse_datetime
from service.authoring.cases import run_cases
from service.authoring.check import check_pack
from service.engine.assess import Assessor
from service.engine.contingency.amounts import distance
from service.engine.errors import RuleConflict
from service.language import model
from service.language.cases import merged_over
from service.language.conditions.functions import FUNCTION_NAMES, METHOD_NAMES
from service.language.load import load_pack
from tests.packs import loaded
from tests.server import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
FILES = ("pack.yaml", "facts.yaml", "actions.yaml", "10_rules.yaml", "cases/first.yaml")
AS_OF = parse_datetime("2026-05-01T12:00:00+08:00")
RESULTS = {"true": True, "false": False, "unknown": None}


@cache
def blocks() -> tuple[str, ...]:
    return tuple(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))


def rows(heading: str) -> list[list[str]]:
    """The cells of the table with this first heading, without back-ticks."""
    table = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    lines = table.splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", line.strip()[1:-1]) for line in lines]
    return [[cell.strip().strip("`").replace(r"\|", "|") for cell in line] for line in cells]


def write_pack(folder: Path) -> Path:
    (folder / "cases").mkdir(parents=True)
    for name, text in zip(FILES, blocks(), strict=False):
        (folder / name).write_text(text, "utf-8")
    return folder


def test_the_pack_of_the_page_has_no_problem_and_its_cases_pass(tmp_path: Path) -> None:
    pack, problems = check_pack(write_pack(tmp_path / "pack"))
    assert problems == []
    assert pack is not None
    results = list(run_cases(pack))
    assert len(results) == 2
    assert [problem.message for result in results for problem in result.problems] == []


def test_the_verdict_words_and_report_texts_of_the_page_are_accepted(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "pack")
    with (folder / "pack.yaml").open("a", encoding="utf-8") as file:
        file.write(blocks()[-1])
    assert check_pack(folder)[1] == []


def additions() -> Iterator[tuple[str, str]]:
    """The later blocks, each with the file that its first line names."""
    for block in blocks():
        named = re.match(r"# (\S+\.yaml)\n", block)
        if named:
            yield named[1], block


def test_all_blocks_of_the_page_together_make_a_pack_whose_cases_pass(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "pack")
    for name, block in additions():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
        whole = merged_over(before, yaml.safe_load(block))
        path.write_text(json.dumps(whole, default=lambda one: one.isoformat()), "utf-8")
    pack, problems = check_pack(folder)
    assert problems == []
    assert pack is not None
    results = list(run_cases(pack))
    assert len(results) == 9
    assert [problem.message for result in results for problem in result.problems] == []


def read_facts(pack: model.Pack, flat: dict[str, Any]) -> dict[str, Any]:
    """Facts by dotted name, loaded as from a request."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        group, leaf = name.split(".")
        nested.setdefault(group, {})[leaf] = value
    loaded = FactsSchema(pack.vocabulary).load(nested)
    assert loaded.errors == []
    return loaded.values


@pytest.mark.parametrize(("condition", "facts", "result"), rows("condition"))
def test_a_condition_has_the_result_that_the_table_states(
    tmp_path: Path, condition: str, facts: str, result: str
) -> None:
    folder = write_pack(tmp_path / "pack")
    rule = {"id": "row", "when": condition, "then": {"grade": "red"}, "because": "row"}
    (folder / "10_rules.yaml").write_text(json.dumps({"rules": [rule]}), "utf-8")
    pack = loaded(folder)
    read = read_facts(pack, json.loads(facts))
    answer = Assessor(pack).assess(read, AS_OF, "en")
    fired = bool(answer["reasons"])
    could_fire = answer["at_worst"]["grade"]["code"] == "red"
    assert {(True, True): True, (False, False): False, (False, True): None}[
        fired, could_fire
    ] is RESULTS[result]


def test_the_table_of_conditions_has_every_operator_function_and_method() -> None:
    shown = " ".join(row[0] for row in rows("condition"))
    for operator in (
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "&&",
        "||",
        "!",
        "in",
        "+",
        "-",
        "*",
        "/",
        "%",
        "?",
    ):
        assert operator in shown
    for name in (*FUNCTION_NAMES, *METHOD_NAMES):
        assert f"{name}(" in shown, name


@pytest.mark.parametrize(("hit", "kind", "given", "result"), rows("hit"))
def test_a_hit_policy_has_the_result_that_the_table_states(
    tmp_path: Path, hit: str, kind: str, given: str, result: str
) -> None:
    folder = write_pack(tmp_path / "pack")
    number = "type: number" if "." in given else "type: integer"
    declared = number if hit != "priority" else "type: enum, values: [high, middle, low]"
    default = {"collect": "", "collect_all": "", "priority": ", default: low"}.get(
        hit, ", default: 0"
    )
    text = (folder / "pack.yaml").read_text("utf-8")
    text = text.replace("outputs:\n", f"outputs:\n  row: {{{declared}, hit: {hit}{default}}}\n", 1)
    (folder / "pack.yaml").write_text(text, "utf-8")
    rules = [
        {"id": f"row.{n}", "when": "always", "then": {"row": value}, "because": "row"}
        for n, value in enumerate(json.loads(given))
    ]
    (folder / "10_rules.yaml").write_text(json.dumps({"rules": rules}), "utf-8")
    pack, problems = load_pack(folder)
    assert pack is not None, problems
    assessor = Assessor(pack)
    if result == "conflict":
        with pytest.raises(RuleConflict):
            assessor.assess({}, AS_OF, "en")
    else:
        assert assessor.assess({}, AS_OF, "en")["outputs"]["row"]["value"] == json.loads(result)


def test_the_table_of_hit_policies_has_every_policy() -> None:
    assert {row[0] for row in rows("hit")} == set(HIT_POLICY_NAMES)


@pytest.mark.parametrize(("condition", "facts", "change"), rows("a rule that says"))
def test_a_rule_fires_after_the_change_that_the_table_states(
    tmp_path: Path, condition: str, facts: str, change: str
) -> None:
    folder = write_pack(tmp_path / "pack")
    rule = {"id": "row", "when": condition, "then": {"grade": "red"}, "because": "row"}
    (folder / "10_rules.yaml").write_text(json.dumps({"rules": [rule]}), "utf-8")
    with (folder / "pack.yaml").open("a", encoding="utf-8") as file:
        file.write("contingency: {output: grade}\n")
    pack = loaded(folder)
    read = read_facts(pack, json.loads(facts))
    answer = Assessor(pack).assess(read, AS_OF, "en", contingency=True)
    (red,) = [way for way in answer["contingency"]["worse"] if way["value"] == "red"]
    changes = red["changes"] and {one["fact"]: one["to"] for one in red["changes"]}
    assert changes == json.loads(change)


@pytest.mark.parametrize(("fact", "counts", "old", "new", "size"), rows("a change of"))
def test_a_change_has_the_size_that_the_table_states(
    tmp_path: Path, fact: str, counts: str, old: str, new: str, size: str
) -> None:
    pack = loaded(write_pack(tmp_path / "pack"))
    before, after = (read_facts(pack, {fact: json.loads(text)})[fact] for text in (old, new))
    kind = pack.vocabulary.facts[fact].type
    assert counts
    assert distance(kind, before, after) == pytest.approx(json.loads(size))
