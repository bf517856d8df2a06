"""CSV has one column a field, made from the packs; a summary counts what was found, whatever is written."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from schemas.answer_fields import FieldNames
from service.bulk.forms.columns import columns_of
from service.bulk.forms.csv_table import header, rows
from tests.bulk import MOMENT, assess, file_of, incidents
from tests.bulk import rows as lines_of
from tests.packs import HARBOUR, loaded
from tests.server import ROOT

WRONG = b'{"facts": {"wind": {"speed": -1}}, "incident_id": "wrong"}\n'


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Path:
    content = incidents(300) + WRONG + incidents(300, 300)
    return file_of(tmp_path_factory.mktemp("some") / "some.ndjson", content)


@pytest.fixture(scope="module")
def answers(some: Path) -> list[dict[str, Any]]:
    return lines_of(assess(some, "--as-of", MOMENT)[1])


def table_of(written: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written.decode(), newline="")))


def test_a_row_has_the_values_of_its_answer(
    some: Path, answers: list[dict[str, Any]], tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"
    assert assess(some, "--as-of", MOMENT, "--jobs", "2", "--out", out)[0] == 1
    table = table_of(out.read_bytes())
    assert [int(row["line"]) for row in table] == list(range(1, 602))
    for row, answer in zip(table, answers, strict=True):
        if row["problem.code"]:
            assert (row["problem.status"], row["incident_id"]) == ("422", "wrong")
            assert json.loads(row["problem.errors"]) == answer["errors"]
            assert row["assessment_id"] == row["alert.code"] == ""
            continue
        assert row["assessment_id"] == answer["assessment_id"]
        assert row["as_of"] == answer["as_of"]
        assert row["pack.digest"] == answer["pack"]["digest"]
        assert row["alert.code"] == answer["alert"]["code"]
        assert row["alert.level"] == str(answer["alert"]["level"])
        assert row["outputs.load.value"] == str(answer["outputs"]["load"]["value"])
        assert json.loads(row["outputs.load.can_be"]) == answer["outputs"]["load"]["can_be"]
        assert (
            row["actions.code"].split("|") == [one["code"] for one in answer["actions"]]
            or not (answer["actions"])
        )
        assert row["provisional"] == str(answer["provisional"]).lower()


def test_columns_are_those_that_are_wanted_and_what_every_answer_has(some: Path) -> None:
    _, written, _ = assess(
        some, "--as-of", MOMENT, "--fields", "alert,actions.code,since", "--to", "csv"
    )
    head = written.splitlines()[0].decode().split(",")
    assert head == [
        *("assessment_id", "incident_id", "as_of", "pack.name", "pack.version", "pack.digest"),
        *("alert.code", "alert.level", "alert.text", "since.alert"),
        *("previous_ignored.path", "previous_ignored.reason", "previous_ignored.text"),
        *("previous_ignored.got", "actions.code"),
        *("deprecated.path", "deprecated.was", "deprecated.now", "line"),
        *("problem.status", "problem.code", "problem.detail", "problem.errors"),
        *("problem.output", "problem.rules"),
    ]


@pytest.mark.parametrize(
    "folder", [HARBOUR, ROOT / "rules" / "pr_crisis"], ids=lambda one: one.name
)
def test_each_field_that_can_be_wanted_has_a_column(folder: Path) -> None:
    pack = loaded(folder)
    names = FieldNames.of(pack.outputs, pack.lifted, (*pack.lifted, *pack.notices))
    paths = {column.path for column in columns_of([pack], [None], False, ())}
    for key, inner in names.inner.items():
        found = {path[1] for path in paths if path[0] == key and len(path) > 1}
        wanted = set(inner) if key not in (*pack.lifted, *pack.notices) else found & set(inner)
        assert wanted == found, key
        assert found or (key,) in paths, key


def test_lists_are_joined_and_what_would_be_mistaken_is_escaped() -> None:
    pack = loaded(HARBOUR)
    chosen = [
        column
        for column in columns_of([pack], [None], True, ())
        if column.name in ("actions.text", "actions.channels", "figures", "line", "file")
    ]
    line = {
        "assessment_id": "a",
        "actions": [
            {"text": 'one|two\\three, "four"', "channels": ["press", "web"]},
            {"text": None, "channels": []},
        ],
        "figures": {"wind.speed": {"value": 1.5}},
        "line": 7,
        "file": "a.ndjson",
    }
    table = table_of(header(chosen) + rows(chosen, [line]))
    assert table == [
        {
            "figures": '{"wind.speed":{"value":1.5}}',
            "actions.text": 'one\\|two\\\\three, "four"|',
            "actions.channels": '["press","web"]|[]',
            "line": "7",
            "file": "a.ndjson",
        }
    ]


def test_breaks_quotes_and_separators_are_read_back_as_they_were() -> None:
    pack = loaded(HARBOUR)
    columns = columns_of([pack], [None], True, ())
    chosen = [one for one in columns if one.name in ("incident_id", "file")]
    texts = ["a\rb", "a\nb", "a\r\nb", "\r", 'say "so"', "a,b", "a|b", "plain"]
    lines = [{"assessment_id": "a", "incident_id": text, "file": text} for text in texts]
    written = header(chosen) + rows(chosen, lines)
    assert written.endswith(b"plain,plain\r\n")
    assert [(row["incident_id"], row["file"]) for row in table_of(written)] == [
        (text, text) for text in texts
    ]


def test_a_summary_counts_outputs_problems_and_rules_also_of_lean_answers(
    some: Path, answers: list[dict[str, Any]], tmp_path: Path
) -> None:
    place = tmp_path / "summary.json"
    given = (some, "--as-of", MOMENT, "--fields", "provisional", "--jobs", "2")
    assert assess(*given, "--summary", place)[0] == 1
    found = json.loads(place.read_bytes())
    full = lines_of(assess(some, "--as-of", MOMENT)[1])
    alerts = Counter(one["alert"]["code"] for one in full if "alert" in one)
    pack = found["packs"]["harbour"]
    assert (found["lines"], found["answers"], found["problems"]) == (
        601,
        600,
        {"invalid-request": 1},
    )
    assert pack["lifted"]["alert"] == {name: alerts[name] for name in ("storm", "gale", "calm")}
    assert {one["alert"]: one["count"] for one in pack["together"]} == alerts
    explained = incidents(600, explain="full")
    fired: Counter[str] = Counter()
    for one in lines_of(assess("-", "--as-of", MOMENT, "--to", "ndjson", said=explained)[1]):
        fired.update(
            rule["rule"] for rule in one["explanation"]["rules"] if rule["truth"] == "true"
        )
    assert {one["rule"]: one["count"] for one in pack["fired_most"]} == dict(fired.most_common(10))
    assert set(pack["never_fired"]) == {rule.id for rule in loaded(HARBOUR).rules} - set(fired)


def test_a_summary_as_text_stands_beside_the_answers_and_a_name_after_it_is_an_input(
    some: Path, tmp_path: Path
) -> None:
    moment = ("--as-of", MOMENT)
    _, written, said = assess("--summary", some, *moment)
    assert len(written.splitlines()) == 601
    assert said.startswith("601 lines: 600 answers, 1 problem\n\nproblems\n  invalid-request  1\n")
    assert "\nrules that fired most\n" in said
    _, told, _ = assess(some, *moment, "--summary", "--out", tmp_path / "out")
    assert told.decode() == said


def test_a_summary_never_writes_over_another_file(tmp_path: Path) -> None:
    one = file_of(tmp_path / "one.json", incidents(1))
    many = file_of(tmp_path / "many.ndjson", incidents(1))
    status, _, said = assess(many, "--as-of", MOMENT, "--summary", one)
    assert (status, "is no summary" in said) == (2, True)
    assert one.read_bytes() == incidents(1)
