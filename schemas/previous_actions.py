"""Reads the actions of a previous answer: those of its plan, blocked and held ones, and those that were carried out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from schemas.assessment import ActionSchema
from schemas.carried_out import CLOCKS_DIFFER
from schemas.closed_schema import keys_of
from schemas.field_error import FieldError, shortened
from schemas.previous import ActionState
from schemas.previous_mistakes import PreviousMistakes

ACTION_KEYS = frozenset(keys_of(ActionSchema()))
DONE_EARLIER = "done_earlier"
READ_KEYS = (
    *("code", "due_at", "approve_by", "if"),
    *("done", "done_at", "asked_at", "again_at", "seen"),
)
"""The keys of an action that are read. The others are known, and count for nothing."""


class PreviousAction(NamedTuple):
    """An action of the previous answer. `condition` is its `if`. `dated` and `approval_dated` tell whether its deadline and that of its approvals were sent."""

    code: str
    due_at: datetime | None
    dated: bool
    approve_by: datetime | None
    approval_dated: bool
    done: bool
    progress: ActionState
    condition: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ActionsReader:
    """`codes` are the actions of the pack. A code that it does not have is read too: that action is gone.

    `as_of` is the moment of the previous answer; None if it has none that can be read.
    """

    codes: Collection[str]
    mistakes: PreviousMistakes
    as_of: datetime | None = None

    def plan(self, raw: Any, key: str = "actions") -> Iterator[PreviousAction]:
        """The entries of the plan, or of another list of actions in the answer."""
        if not self.mistakes.is_a(list, raw, f"previous.{key}", "a list"):
            return
        seen: set[str] = set()
        for position, item in enumerate(raw):
            where = f"previous.{key}[{position}]"
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
        progress = self._progress(told, where, is_done=done is True)
        moment = self.mistakes.moment_or_none
        return PreviousAction(
            code,
            moment(told.get("due_at"), f"{where}.due_at"),
            "due_at" in told,
            moment(told.get("approve_by"), f"{where}.approve_by"),
            "approve_by" in told,
            done is True and progress.again_at is None,
            progress,
            self._condition(told.get("if"), f"{where}.if"),
        )

    def _progress(self, told: Mapping[str, Any], where: str, *, is_done: bool) -> ActionState:
        """An action that is said to be done without a moment was done when that answer was given."""
        done_at = self._past(told, "done_at", where)
        return ActionState(
            self._past(told, "asked_at", where),
            self.as_of if is_done and done_at is None else done_at,
            self._past(told, "again_at", where),
            self._seen(told.get("seen"), f"{where}.seen"),
        )

    def _past(self, told: Mapping[str, Any], key: str, where: str) -> datetime | None:
        """A moment that is not later than the previous answer that tells of it."""
        path = f"{where}.{key}"
        found = self.mistakes.moment_or_none(told.get(key), path)
        if found is not None and self.as_of is not None and found - self.as_of > CLOCKS_DIFFER:
            message, allowed = "is later than the previous answer", "not later than previous.as_of"
            hint = "send it as the answer has it"
            self.mistakes.wrong(path, "out-of-range", message, told[key], allowed, hint)
        return found

    def _seen(self, raw: Any, where: str) -> Mapping[str, Any]:
        """It is sent back as it came. What in it cannot be compared counts as not seen."""
        if raw is None or not self.mistakes.is_a(dict, raw, where, "an object"):
            return {}
        return raw  # type: ignore[no-any-return]

    def _condition(self, raw: Any, where: str) -> Mapping[str, Any] | None:
        """What was undecided about it: an object as the answer had it."""
        if raw is None or not self.mistakes.is_a(dict, raw, where, "an object"):
            return None
        asked = raw.get("asked", False)
        if not isinstance(asked, bool):
            self.mistakes.wrong(f"{where}.asked", "wrong-type", "must be true or false", asked)
        found: Mapping[str, Any] = raw
        return found

    def _unknown_key(self, key: str, value: Any, where: str) -> None:
        path, message = f"{where}.{key}"[:120], "is not a key of an action"
        allowed = "a key that actions have in an answer"
        mistake = FieldError(path, "unknown-key", message, shortened(value), allowed)
        self.mistakes.ignore("unknown-key", mistake, key, ACTION_KEYS)
