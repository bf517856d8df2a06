"""The table of functions is complete: the forms of each entry contain its name, and each has a description for the page."""

from __future__ import annotations

import pytest

from service.language.conditions.function import Function
from service.language.conditions.functions import _TABLE as ENTRIES
from service.language.conditions.functions import FUNCTIONS, METHODS


def test_no_name_has_two_entries() -> None:
    names = [entry.name for entry in ENTRIES]
    assert sorted(names) == sorted(set(names))


def test_every_form_of_an_entry_is_found_by_its_name() -> None:
    """An entry whose name is also the name of a later entry would not be found."""
    assert list(FUNCTIONS.values()) == [entry for entry in ENTRIES if entry.function]
    assert list(METHODS.values()) == [entry for entry in ENTRIES if entry.method]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_forms_of_a_function_contain_its_name_and_it_is_described(entry: Function) -> None:
    assert entry.function.startswith(f"{entry.name}(") or not entry.function
    assert f".{entry.name}(" in entry.method or not entry.method
    assert entry.function or entry.method
    assert entry.about
