"""The table of functions is whole: each entry is written as it is named, and has its words for the page."""

from __future__ import annotations

import pytest

from service.language.conditions.function import Function
from service.language.conditions.functions import FUNCTIONS, METHODS

ENTRIES = list(dict.fromkeys([*FUNCTIONS.values(), *METHODS.values()]))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_function_is_written_as_it_is_named_and_said_in_words(entry: Function) -> None:
    assert entry.function.startswith(f"{entry.name}(") or not entry.function
    assert f".{entry.name}(" in entry.method or not entry.method
    assert entry.function or entry.method
    assert entry.about
