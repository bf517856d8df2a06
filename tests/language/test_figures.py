"""Numbers, spans and units in words: rows of what a reader of each language expects."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from schemas.scalars import parse_datetime
from service.engine.assess import Assessor
from service.language.texts.figures import (
    default_say,
    elapsed,
    number_in_words,
    span_in_words,
)
from tests.packs import HARBOUR, copy_of_harbour, loaded

ZH, EN, DE = default_say("zh"), default_say("en"), default_say("de")


@pytest.mark.parametrize(
    ("number", "zh", "exact", "en"),
    [
        (0, "0", "0", "0"),
        (1, "1", "1", "1"),
        (5200, "5,200", "5,200", "5,200"),
        (9999, "9,999", "9,999", "9,999"),
        (10000, "1万", "1万", "10,000"),
        (12300, "1.23万", "1.23万", "12,300"),
        (12345, "约1.23万", "12,345", "12,345"),
        (99_999, "约9.99万", "99,999", "99,999"),
        (820_000, "82万", "82万", "820,000"),
        (825_500, "82.55万", "82.55万", "825,500"),
        (825_510, "约82.5万", "825,510", "825,510"),
        (5_800_000, "580万", "580万", "5,800,000"),
        (5_834_217, "约583万", "5,834,217", "5,834,217"),
        (9_999_999, "约999万", "9,999,999", "9,999,999"),
        (12_345_678, "约1234万", "12,345,678", "12,345,678"),
        (100_000_000, "1亿", "1亿", "100,000,000"),
        (123_456_789, "约1.23亿", "123,456,789", "123,456,789"),
        (-5_800_000, "-580万", "-580万", "-5,800,000"),
        (0.0412, "0.0412", "0.0412", "0.0412"),
        (3_500_000.0, "350万", "350万", "3,500,000"),
        (1_234_567.89, "约123万", "1,234,567.89", "1,234,567.89"),
        (1e300, "1e+300", "1e+300", "1e+300"),
    ],
)
def test_a_number_is_written_in_the_units_of_its_language(
    number: float, zh: str, exact: str, en: str
) -> None:
    assert number_in_words(number, ZH) == zh
    assert number_in_words(number, ZH, exact=True) == exact
    assert number_in_words(number, EN) == number_in_words(number, DE) == en


@pytest.mark.parametrize("threshold", [10_000, 1_000_000, 5_000_000, 123_000_000])
def test_a_cut_number_never_reaches_a_threshold_that_it_does_not_reach(threshold: int) -> None:
    said = number_in_words(threshold, ZH)
    assert said in (f"{threshold // 10_000}万", f"{threshold / 10**8:g}亿")
    assert number_in_words(threshold - 1, ZH) != said
    assert number_in_words(threshold - 1, ZH) != f"约{said}"


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (timedelta(seconds=30), "30s", "30s"),
        (timedelta(minutes=35), "35分钟", "35 min"),
        (timedelta(minutes=59, seconds=59), "59分钟", "59 min"),
        (timedelta(hours=1), "1小时", "1 h"),
        (timedelta(hours=1, minutes=35), "1小时35分钟", "1 h 35 min"),
        (timedelta(hours=49, minutes=30), "49小时", "49 h"),
        (timedelta(hours=72), "72小时", "72 h"),
        (timedelta(hours=154), "154小时", "154 h"),
        (timedelta(days=10), "10天", "10 days"),
        (timedelta(hours=1440), "60天", "60 days"),
    ],
)
def test_a_span_is_written_in_minutes_hours_and_days(span: timedelta, zh: str, en: str) -> None:
    assert (span_in_words(span, ZH), span_in_words(span, EN)) == (zh, en)


def test_a_language_without_texts_writes_a_span_as_a_caller_posts_it() -> None:
    assert span_in_words(timedelta(minutes=95), DE) == "1h35m"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0, ("minutes", 0)), (35, ("minutes", 35)), (60, ("hours", 1)), (14_400, ("days", 10))],
)
def test_a_time_that_has_passed_is_told_in_one_unit(minutes: int, told: tuple[str, int]) -> None:
    assert elapsed(timedelta(minutes=minutes)) == told


UNITS = "unit: {en: {one: ship, other: ships}, zh: 艘}"


@pytest.fixture(scope="module")
def with_units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The harbour pack, whose reasons name ships with their unit."""
    facts = (HARBOUR / "facts.yaml").read_text("utf-8")
    facts = facts.replace("ships.inside: {", f"ships.inside: {{{UNITS}, ")
    rule = (
        "rules:\n"
        "  - id: more.ships\n"
        "    when: always\n"
        "    then: {load: 1}\n"
        '    because: {en: "{ships.inside.with_unit}, {ships.flags}", zh: "{ships.inside.with_unit}，{ships.flags}"}\n'
    )
    folder = tmp_path_factory.mktemp("units")
    return copy_of_harbour(folder, {"facts.yaml": facts, "30_more.yaml": rule})


@pytest.mark.parametrize(
    ("inside", "en", "zh"),
    [
        (0, "0 ships", "0艘"),
        (1, "1 ship", "1艘"),
        (2, "2 ships", "2艘"),
        (20_000, "20,000 ships", "2万艘"),
    ],
)
def test_a_unit_is_singular_for_one_alone(with_units: Path, inside: int, en: str, zh: str) -> None:
    assert said(with_units, "en", inside, ["cn"]) == f"{en}, cn"
    assert said(with_units, "zh", inside, ["cn"]) == f"{zh}，cn"


def test_an_empty_list_has_a_word(with_units: Path) -> None:
    assert said(with_units, "en", 1, []) == "1 ship, none"
    assert said(with_units, "zh", 1, []) == "1艘，无"
    assert said(with_units, "both", 1, []) == "1 ship, none / 1艘，无"


def said(folder: Path, locale: str, inside: int, flags: list[str]) -> str:
    assessor = Assessor(loaded(folder), "reference")
    facts = {"ships.inside": inside, "ships.flags": tuple(flags)}
    answer = assessor.assess(facts, parse_datetime("2026-05-01T12:00:00+08:00"), locale)
    text: str = next(one["text"] for one in answer["reasons"] if one["rule"] == "more.ships")
    return text
