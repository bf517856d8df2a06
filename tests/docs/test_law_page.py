"""The page of laws has a row for each entry of the register, by place, of all parts too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.packs.parts import harbour_with_parts
from tests.server import ROOT

GROUNDS = """grounds:
  act_3:
    text: {en: Sea act 3, zh: 海法第三条}
    place: sea
    says: {en: sound a horn | or a bell, zh: 鸣笛}
    clock: {en: the fog comes, zh: 起雾}
    deadline: {en: at once, zh: 立即}
    binds: {en: ships, zh: 船}
    to: {en: the keeper, zh: 闸工}
    in_force: 1911-04-05
    source: {en: "Gazette 3", zh: 公报第3期}
    checked: 2026-02-04
    read: summary
  rule_7: {text: {en: Rule 7, zh: 第七条}, place: land, says: {en: close, zh: 关}, source: x, checked: 2026-02-03, read: text}
  custom: {text: Custom, says: {en: be calm, zh: 冷静}, source: x, checked: 2026-02-05, read: unread}
"""
ICE = "grounds: {ice: {text: Ice act, place: sea, says: no ice, source: y, checked: 2026-02-06, read: text}}\n"
RULES = """rules:
  - {id: ask.horn, when: 'wind.speed > 3', then: {actions: SOUND_HORN}, because: x, source: grounds.act_3}
  - id: guard.horn
    when: wind.speed > 30
    then: {blocked: {action: SOUND_HORN, ground: [grounds.act_3, grounds.rule_7, grounds.custom]}}
    because: x
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a pack with a part that it does not list."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    from law_page import law_page  # type: ignore[import-not-found]

    files = {"grounds.yaml": GROUNDS, "30_more.yaml": RULES, "parts/ice/grounds.yaml": ICE}
    folder = harbour_with_parts(tmp_path, "fish", files)
    about = folder / "pack.yaml"
    about.write_text(about.read_text("utf-8") + "places: wind.from\n", "utf-8")
    written: str = law_page(folder)
    return written


def test_each_entry_has_a_row_under_its_place(page: str) -> None:
    sea, land, anywhere = page.split("\n## ")[1:]
    assert sea.startswith("the sea\n")
    assert land.startswith("land\n")
    assert anywhere.startswith("Principles, cited anywhere\n")
    assert sea.splitlines()[4:6] == [
        "| sound a horn \\| or a bell | the fog comes | at once | ships | the keeper"
        " | Sea act 3<br>海法第三条, 1911-04-05 | Gazette 3, 2026-02-04 | a summary only | `ask.horn`, `guard.horn` |",
        "| no ice |  |  |  |  | Ice act | y, 2026-02-06 | the text |  (part ice) |",
    ]
    assert "| close |" in land
    assert "| Custom | x, 2026-02-05 | **neither** | `guard.horn` |" in anywhere


def test_the_page_says_what_it_is_not_and_how_much_was_read(page: str) -> None:
    assert "**It is no legal advice**" in page
    assert (
        "It has 4 entries. Of 2 the text of the law was read, of 1 a summary only, of\n1 neither"
        in page
    )
