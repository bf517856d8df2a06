"""A requested locale is looked up in the languages of a pack, as RFC 4647 describes it."""

from __future__ import annotations

import re

import pytest

from schemas.locales import locale_pattern, lookup

LANGUAGES = ("en", "zh", "zh-Hant", "de-CH")
FOUND = {
    "zh": "zh",
    "ZH": "zh",
    "zh-CN": "zh",
    "zh_CN": "zh",
    "zh-Hans-CN": "zh",
    "zh-hant-TW": "zh-Hant",
    "zh-Hant": "zh-Hant",
    "en-a-bbb-x-a-ccc": "en",
    "DE_ch": "de-CH",
    "de": None,
    "de-AT": None,
    "fr": None,
    "z": None,
    "zhCN": None,
    "zh-": None,
    "-zh": None,
    "zh--CN": None,
    "*": None,
    "zh-CN;q=1": None,
    "zh-" + "a" * 9: None,
    "": None,
}


@pytest.mark.parametrize(("requested", "language"), FOUND.items(), ids=str)
def test_parts_are_cut_from_the_end_until_a_language_is_left(
    requested: str, language: str | None
) -> None:
    assert lookup(requested, LANGUAGES) == language
    pattern = locale_pattern(LANGUAGES, ["both"])
    assert bool(re.search(pattern, requested)) == (language is not None)


def test_the_exact_language_comes_first() -> None:
    both = ("zh-Hant", "zh-hant")
    assert [lookup(language, both) for language in both] == list(both)
