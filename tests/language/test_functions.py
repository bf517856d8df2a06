"""The table of functions is complete: the forms of each entry contain its name, and each has a description for the page."""

from __future__ import annotations

import pytest

from service.language.conditions.function import Function
from service.language.conditions.functions import FUNCTIONS, METHODS

ENTRIES = list(dict.fromkeys([*FUNCTIONS.values(), *METHODS.values()]))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_forms_of_a_function_contain_its_name_and_it_is_described(entry: Function) -> None:
    assert entry.function.startswith(f"{entry.name}(") or not entry.function
    assert f".{entry.name}(" in entry.method or not entry.method
    assert entry.function or entry.method
    assert entry.about
