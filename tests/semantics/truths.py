"""Finds, with a real pack, which of three truth values each of many conditions has."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.engine.assess import Assessor
from service.engine.rete.matcher import available
from tests.packs import plain_pack
from tests.semantics.random_packs import text_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Truth = bool | None
TRUTHS: tuple[Truth, ...] = (True, False, None)
KINDS = {
    **{f"t.{name}": "boolean" for name in "abc"},
    **{f"i.{name}": "integer" for name in "ab"},
    **{f"n.{name}": "number" for name in "ab"},
}
FACTS = {"facts": {name: {"type": kind, "text": {"en": name}} for name, kind in KINDS.items()}}


class Truths:
    """Finds the truth value of each condition: one rule fires if it is true, another if it is false."""

    def __init__(self, folder: Path, conditions: list[str], engine: Any = None) -> None:
        self.conditions = conditions
        rules = [
            {"id": f"{name}.n{n}", "when": when, "then": {"score": 1}, "because": {"en": "r"}}
            for n, condition in enumerate(conditions)
            for name, when in (("is", condition), ("not", f"!({condition})"))
        ]
        pack = plain_pack(folder, text_of({"rules": rules}), facts=text_of(FACTS))
        self.assessor = Assessor(pack, engine or ("both" if available() else "reference"))

    def of(self, **facts: Any) -> dict[str, Truth]:
        named = {name.replace("_", "."): value for name, value in facts.items()}
        answer = self.assessor.assess(named, NOW, "en")
        fired = {reason["rule"] for reason in answer["reasons"]}
        return {
            condition: True if f"is.n{n}" in fired else False if f"not.n{n}" in fired else None
            for n, condition in enumerate(self.conditions)
        }
