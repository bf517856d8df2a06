"""No output takes the name of a key of the answer, which it would hide if the pack lifted it."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.assessment import AssessmentSchema
from tests.packs import PLAIN_PACK, copy_of_harbour, problems_of

OWN_OUTPUTS = {"actions", "blocked", "held", "provisional"}
"""What an answer says under these names comes from the pack's output of that name."""
OTHER_NAMES = (
    *("always", "at_least", "days", "duration", "false", "has", "hours", "in", "null", "size"),
    *("timestamp", "true", "facts", "given", "locale", "previous", "responses"),
)


def problems_with(name: str, folder: Path) -> list[tuple[str, str]]:
    """The errors of the harbour pack with an output of this name."""
    copy = copy_of_harbour(folder)
    text = (copy / "pack.yaml").read_text("utf-8")
    changed = text.replace(
        "outputs:\n", f'outputs:\n  "{name}": {{type: integer, hit: any, default: 0}}\n'
    )
    (copy / "pack.yaml").write_text(changed, "utf-8")
    return [(one.code, one.message) for one in problems_of(copy) if one.severity == "error"]


@pytest.mark.parametrize("name", sorted({*AssessmentSchema().fields, *OTHER_NAMES} - OWN_OUTPUTS))
def test_no_output_has_a_name_with_a_meaning_of_its_own(name: str, tmp_path: Path) -> None:
    message = f"'{name}': this name is reserved: choose another name"
    assert problems_with(name, tmp_path) == [("output-form", message)]


def test_the_four_outputs_that_answers_have_keys_for_can_be_declared(tmp_path: Path) -> None:
    assert AssessmentSchema().fields.keys() >= OWN_OUTPUTS
    assert all(f"\n  {name}: {{" in PLAIN_PACK for name in OWN_OUTPUTS - {"held"})
    assert problems_of(copy_of_harbour(tmp_path)) == []
