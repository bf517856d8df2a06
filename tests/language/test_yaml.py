"""How an author's text is read as YAML: with the scalars of YAML 1.2 core. A trap is a problem with a hint, never a different rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.language.collector import Collector
from service.language.files.source import parse_source
from service.language.load import load_pack
from service.language.problem import Problem
from tests.packs import HARBOUR, copy_of_harbour, loaded

RULES = (HARBOUR / "10_alert.yaml").read_text("utf-8")
STORM = "when: wind.speed >= 25"


def read(text: str) -> Any:
    collector = Collector()
    source = parse_source(text, "f.yaml", collector)
    assert not collector.problems, collector.problems
    assert source is not None
    return source.data


def problems_in(text: str) -> list[Problem]:
    collector = Collector()
    parse_source(text, "f.yaml", collector)
    return collector.problems


def with_storm(folder: Path, when: str) -> tuple[bool, list[Problem]]:
    """Whether the harbour pack serves with this `when` for its storm, and the problems of its rules."""
    copy = copy_of_harbour(folder, {"10_alert.yaml": RULES.replace(STORM, f"when: {when}")})
    pack, problems = load_pack(copy)
    return pack is not None, problems


@pytest.mark.parametrize(
    "text",
    [
        *("no", "No", "NO", "yes", "on", "ON", "off", "y", "n", "tRUE", "nULL"),
        *("12:30", "190:20:30", "1_000", "0b11", "1.0.0", "-0x1F", "0o18", "1e", "e1", "+", "."),
        *("2026-01-01", "2026-01-01T12:00:00+08:00", "<<", "=", ".inF", "+.nan", "１２"),
    ],
)
def test_what_is_no_scalar_of_yaml_1_2_core_stays_the_text_its_author_typed(text: str) -> None:
    assert read(f"key: {text}") == {"key": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((null, None) for null in ("", "~", "null", "Null", "NULL")),
        *((truth, True) for truth in ("true", "True", "TRUE")),
        *((falsehood, False) for falsehood in ("false", "False", "FALSE")),
        *(("0o14", 12), ("014", 14), ("0x1F", 31), ("-7", -7), ("+7", 7), ("00", 0)),
        *(("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("-1.5E-2", -0.015)),
        *((".inf", float("inf")), ("-.INF", float("-inf"))),
        *(('"true"', "true"), ("'12'", "12"), ('"~"', "~"), ('"a\\u0062c"', "abc")),
    ],
)
def test_scalars_of_yaml_1_2_core_have_their_value_and_type(text: str, value: object) -> None:
    found = read(f"key: {text}")["key"]
    assert found == value
    assert type(found) is type(value)


def test_an_enum_may_have_the_values_no_and_on_without_quotes(tmp_path: Path) -> None:
    facts = (HARBOUR / "facts.yaml").read_text("utf-8")
    changed = facts.replace("values: {cn: {}, pa: {}, no: {}}", "values: [cn, pa, no, on, off, y]")
    pack = loaded(copy_of_harbour(tmp_path, {"facts.yaml": changed}))
    item = pack.vocabulary.facts["ships.flags"].type.item
    assert item is not None
    assert item.values == ("cn", "pa", "no", "on", "off", "y")


def test_an_enum_whose_value_is_written_true_is_refused(tmp_path: Path) -> None:
    facts = (HARBOUR / "facts.yaml").read_text("utf-8")
    changed = facts.replace("values: {cn: {}, pa: {}, no: {}}", "values: [cn, pa, no, true]")
    pack, problems = load_pack(copy_of_harbour(tmp_path, {"facts.yaml": changed}))
    assert pack is None
    assert ("bad-value", "'3' must be a text") in [(p.code, p.message) for p in problems]


@pytest.mark.parametrize(
    ("when", "code", "hint"),
    [
        ("!gate.closed", "yaml-tag", "must be in quotes"),
        ("!has(wind.speed)", "yaml-tag", "must be in quotes"),
        ("gate.closed # && wind.speed > 3", "quote-condition", "quote the condition"),
        ("wind.speed > 3 #", "quote-condition", "quote the condition"),
        ("gate.closed ? wind.speed > 3 : wind.speed > 4", "yaml-syntax", "in quotes"),
        ("{all: [gate.closed]}", "quote-condition", "YAML splits it"),
        ("{all: [wind.speed > 3, gate.closed]}", "quote-condition", "YAML splits it"),
        ("{any: ['gate.closed', wind.from in ['sea']]}", "yaml-syntax", "in quotes"),
        ("{not: gate.closed}", "quote-condition", "YAML splits it"),
        ("{gate.closed ? wind.speed > 3 : wind.speed > 4}", "condition-form", "? b : c"),
        ("[gate.closed, wind.speed > 3]", "condition-form", "how the conditions are joined"),
        ("@gate.closed", "yaml-syntax", "in quotes"),
        ("`gate.closed`", "yaml-syntax", "in quotes"),
        ("*gate", "yaml-alias", "write the value out"),
        ("&gate gate.closed", "yaml-alias", "leave it out"),
        ("! gate.closed", "yaml-tag", "must be in quotes"),
        ("!!bool yes", "yaml-tag", "must be in quotes"),
        ("!!str gate.closed", "yaml-tag", "must be in quotes"),
        ("true", "constant-condition", "when: always"),
        ("1", "constant-condition", "when: always"),
        ("yes", "unknown-name", "in quotes"),
    ],
)
def test_a_trap_is_a_problem_with_a_hint_on_its_line_and_the_pack_does_not_serve(
    when: str, code: str, hint: str, tmp_path: Path
) -> None:
    serves, problems = with_storm(tmp_path, when)
    assert not serves
    assert [p for p in problems if (p.code, p.line) == (code, 3) and hint in p.hint], problems


@pytest.mark.parametrize(
    "when",
    [
        "'!gate.closed'",
        '"gate.closed ? wind.speed > 3 : wind.speed > 4"',
        "|\n      gate.closed ? wind.speed > 3 : wind.speed > 4",
        "{all: ['wind.speed > 3', \"gate.closed\"]}",
        'wind.from in ["sea", "land"]',
        "ships.flagship == 'a#b'",
        "ships.names.exists(n, n == 'a' || n == 'b')",
        "gate.closed\n      # a comment on its own line\n",
        "gate.closed\n      && wind.speed > 3",
    ],
)
def test_the_same_with_quotes_or_where_none_are_needed_serves(when: str, tmp_path: Path) -> None:
    assert with_storm(tmp_path, when) == (True, [])


def test_the_second_of_two_equal_keys_is_reported_wherever_it_is() -> None:
    places = [
        (p.code, p.line, p.column)
        for p in problems_in("a: 1\nb: {c: 1, c: 2}\nd:\n  - {e: 1, 'e': 2}\na: 3\n")
    ]
    assert places == [("duplicate-key", 2, 11), ("duplicate-key", 4, 12), ("duplicate-key", 5, 1)]


def test_the_same_key_in_two_mappings_is_no_duplicate() -> None:
    assert read("a: {c: 1}\nb: {c: 1}\n") == {"a": {"c": 1}, "b": {"c": 1}}


def test_a_merge_key_is_an_ordinary_key() -> None:
    assert read("<<: {a: 1}") == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("a: &x 1\nb: *x\n", "yaml-alias", "write the value out"),
        ("a: &x [*x]\n", "yaml-alias", "leave it out"),
        ("a: &x {b: 1}\nc: {<<: *x}\n", "yaml-alias", "write the value out"),
        ("a: !ruby/object 1\n", "yaml-tag", "must be in quotes"),
        ("a: !!python/name:os.system x\n", "yaml-tag", "must be in quotes"),
        ("a: !!binary aGVsbG8=\n", "yaml-tag", "must be in quotes"),
        ("a: !!set {b}\n", "yaml-tag", "must be in quotes"),
        ("a:\n\t- b\n", "yaml-syntax", "spaces, not tabs"),
        ("a: 1\n\tb: 2\n", "yaml-syntax", "spaces, not tabs"),
        ("a: b: c\n", "yaml-syntax", "in quotes"),
        ("a: [b\n", "yaml-syntax", ""),
        ('a: "b\n', "yaml-syntax", ""),
        ("a: *absent\n", "yaml-alias", "write the value out"),
        ("&x a: 1\n", "yaml-alias", "leave it out"),
        ("! a: 1\n", "yaml-tag", "in quotes"),
        ("a: !!int 1_000\n", "yaml-tag", "in quotes"),
        ("a: !!map {b: 1}\n", "yaml-tag", "in quotes"),
        ("--- a\n--- b\n", "yaml-syntax", ""),
        ("a: \x07\n", "yaml-syntax", ""),
        ("? [a]\n: b\n", "yaml-key", ""),
        ("? {a: b}\n: c\n", "yaml-key", ""),
        (f"a: {'9' * 5000}\n", "yaml-number", ""),
        (f"a: {'[' * 60}{']' * 60}\n", "yaml-depth", ""),
        (f"a: {'[' * 5000}{']' * 5000}\n", "yaml-depth", ""),
        (f"a: {'[' * 300_000}{']' * 300_000}\n", "yaml-depth", ""),
        (f"a: {'[' * 300_000}\n", "yaml-depth", ""),
        (f"{'- ' * 300_000}a\n", "yaml-depth", ""),
        ("".join(f"{'  ' * n}a:\n" for n in range(60)), "yaml-depth", ""),
    ],
)
def test_what_yaml_allows_and_a_pack_does_not_is_a_problem(text: str, code: str, hint: str) -> None:
    problems = problems_in(text)
    assert {p.code for p in problems} == {code}
    assert hint in problems[-1].hint


def test_aliases_that_would_grow_without_end_are_not_followed() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert {p.code for p in problems_in(bomb)} == {"yaml-alias"}


def test_every_mistake_of_form_in_a_file_is_reported_not_only_the_first() -> None:
    text = "a: !x 1\nb: {c: 1, c: 2}\nd: &d 1\ne: *d\n"
    assert [p.code for p in problems_in(text)] == [
        "yaml-tag",
        "duplicate-key",
        "yaml-alias",
        "yaml-alias",
    ]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    copy = copy_of_harbour(tmp_path)
    for path in copy.glob("*.yaml"):
        windows = "\ufeff" + path.read_text("utf-8").replace("\n", "\r\n")
        path.write_bytes(windows.encode())
    ours, theirs = loaded(HARBOUR), loaded(copy)
    assert [(rule.id, rule.when, rule.place.line) for rule in theirs.rules] == [
        (rule.id, rule.when, rule.place.line) for rule in ours.rules
    ]
    assert theirs.outputs == ours.outputs


def test_a_file_with_only_comments_has_no_data() -> None:
    assert read("# nothing yet\n") is None
