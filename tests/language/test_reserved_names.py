"""No output can have the name of a key of the answer. If the pack lifted it, it would replace that key."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.assessment import AssessmentSchema
from tests.packs import PLAIN_PACK, copy_of_harbour, problems_of

OWN_OUTPUTS = {"actions", "blocked", "held", "provisional"}
"""The values of these keys of an answer come from the pack's outputs of the same names."""
OTHER_NAMES = (
    *("always", "at_least", "days", "duration", "false", "has", "hours", "in", "null", "size"),
    *("line", "request_id"),
    *("timestamp", "true", "facts", "given", "locale", "previous", "responses"),
    *("done", "overdue"),
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
def test_no_output_can_have_a_reserved_name(name: str, tmp_path: Path) -> None:
    message = f"'{name}': this name is reserved: choose another name"
    assert problems_with(name, tmp_path) == [("output-form", message)]


def test_the_four_outputs_that_answers_have_keys_for_can_be_declared(tmp_path: Path) -> None:
    assert AssessmentSchema().fields.keys() >= OWN_OUTPUTS
    assert all(f"\n  {name}: {{" in PLAIN_PACK for name in OWN_OUTPUTS - {"held"})
    assert problems_of(copy_of_harbour(tmp_path)) == []
