"""A rule that reads the previous answer, also through derived facts, must test whether there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.language.load import load_pack
from tests.packs import PLAIN_FACTS, plain_pack

FACTS = (
    PLAIN_FACTS
    + """
derived:
  d.far: {type: boolean, value: d.near > 2.0, text: {en: Far}}
  d.near: {type: number, value: hours(as_of - previous.as_of), text: {en: Near}}
  d.whether: {type: boolean, value: previous.given || a.flag, text: {en: Whether}}
"""
)


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        ("previous.level == 'high'", ["previous-unguarded"]),
        ("d.near > 1.0", ["previous-unguarded"]),
        ("d.far", ["previous-unguarded"]),
        ("previous.given && d.far", []),
        ("!previous.given || d.far", []),
        ("previous.given", []),
        ("d.whether", []),
        ("a.flag", []),
    ],
)
def test_it_is_reported_through_derived_facts_too(
    tmp_path: Path, when: str, codes: list[str]
) -> None:
    rules = (
        f'rules:\n  - {{id: r.one, when: "{when}", then: {{level: high}}, because: {{en: r}}}}\n'
    )
    plain_pack(tmp_path / "pack", rules, facts=FACTS)
    _, problems = load_pack(tmp_path / "pack")
    assert [found.code for found in problems if found.code.startswith("previous")] == codes
