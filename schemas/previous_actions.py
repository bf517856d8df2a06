"""Reads the actions of a previous answer: those of its plan, blocked and held ones, and those that were carried out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from schemas.assessment import ActionSchema
from schemas.field_error import FieldError, shortened
from schemas.previous_mistakes import PreviousMistakes

ACTION_KEYS = frozenset(ActionSchema().fields)


class PreviousAction(NamedTuple):
    """An action of the previous answer. `dated` and `approval_dated` tell whether its deadline and that of its approvals were sent."""

    code: str
    due_at: datetime | None
    dated: bool
    approve_by: datetime | None
    approval_dated: bool
    done: bool


@dataclass(frozen=True, slots=True)
class ActionsReader:
    """`codes` are the actions of the pack. A code that it does not have is read too: that action is gone."""

    codes: Collection[str]
    mistakes: PreviousMistakes

    def plan(self, raw: Any) -> Iterator[PreviousAction]:
        if not self.mistakes.is_a(list, raw, "previous.actions", "a list"):
            return
        seen: set[str] = set()
        for position, item in enumerate(raw):
            where = f"previous.actions[{position}]"
            code = self._code(item, where)
            if code in seen:
                self.mistakes.wrong(where, "not-allowed", "is listed twice", code)
            if code is not None:
                seen.add(code)
                yield self._action(code, item if isinstance(item, dict) else {}, where)

    def codes_in(self, raw: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
        """The codes in a list of codes or of entries with a code; None if it was not sent."""
        if key not in raw or not self.mistakes.is_a(list, raw[key], f"previous.{key}", "a list"):
            return None
        codes = [
            self._code(item, f"previous.{key}[{position}]")
            for position, item in enumerate(raw[key])
        ]
        return tuple(dict.fromkeys([code for code in codes if code is not None]))

    def _code(self, item: Any, where: str) -> str | None:
        code = item.get("code") if isinstance(item, dict) else item
        if not isinstance(code, str):
            message = "must be an action of the previous answer"
            self.mistakes.wrong(where, "wrong-type", message, item)
            return None
        if code not in self.codes:
            message, allowed = "is not an action of this pack", "the code of an action"
            mistake = FieldError(where, "not-allowed", message, shortened(code), allowed)
            self.mistakes.ignore("unknown-action", mistake, code, self.codes)
        return code

    def _action(self, code: str, told: Mapping[str, Any], where: str) -> PreviousAction:
        for key in told:
            if key not in ACTION_KEYS:
                self._unknown_key(key, told[key], where)
        done = told.get("done", False)
        if not isinstance(done, bool):
            self.mistakes.wrong(f"{where}.done", "wrong-type", "must be true or false", done)
        moment = self.mistakes.moment_or_none
        return PreviousAction(
            code,
            moment(told.get("due_at"), f"{where}.due_at"),
            "due_at" in told,
            moment(told.get("approve_by"), f"{where}.approve_by"),
            "approve_by" in told,
            done is True,
        )

    def _unknown_key(self, key: str, value: Any, where: str) -> None:
        path, message = f"{where}.{key}"[:120], "is not a key of an action"
        allowed = "a key that actions have in an answer"
        mistake = FieldError(path, "unknown-key", message, shortened(value), allowed)
        self.mistakes.ignore("unknown-key", mistake, key, ACTION_KEYS)
